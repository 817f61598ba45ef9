"""What a run leaves behind, as plain data: what the verdict is judged from, and nothing else.

Times are seconds since the epoch (UTC) unless a name says otherwise; paths are relative to the
run folder. No file is read or written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gonogo.model.calls import WireEvidence
from gonogo.model.rules.gate import StageSkipped
from gonogo.model.scenarios import ScenarioEvidence

if TYPE_CHECKING:
    from gonogo.model.load import LoadBaseline, LoadEvidence


@dataclass(frozen=True, slots=True)
class Probe:
    """One answer of a component: its health and what it says it runs.

    `status` is the HTTP status of the health path, None where nothing answered; `image` and
    `config` are None where the component does not tell.
    """

    component: str
    url: str
    status: int | None
    detail: str = ""
    image: str | None = None
    config: str | None = None
    third_party: bool = False
    tells_version: bool = True


@dataclass(frozen=True, slots=True)
class PlatformEvidence:
    """The environment as the gate itself saw it, before the first and after the last stage."""

    before: tuple[Probe, ...] = ()
    after: tuple[Probe, ...] = ()


@dataclass(frozen=True, slots=True)
class StageRun:
    """How a stage's child process went: evidence is judged, this only says why there is none.

    `ended` is "exited", "timed out" or "not started"; `exit_code` the child's own; `budget_s` what it was given, where
    it timed out; `detail` are its last lines where it did not end well.
    """

    stage: str
    ended: str
    exit_code: int | None = None
    detail: str = ""
    duration_s: float = 0.0
    budget_s: float | None = None


@dataclass(frozen=True, slots=True)
class RunEvidence:
    """Everything that a verdict is judged from.

    `stages` are those that were asked for; `partial` says that a part of the gate was chosen
    (`--only`, `--tags`), `tags` which scenarios. `release` and `release_configs` are what release.yml
    names, component → digest, empty without one; `last_go` is that of the newest GO there. `wire` is what the
    exchanges and traces say, None where none were gathered. `skipped` says why a stage was left out on purpose, by
    stage. `load_baselines` are the figures of the last promoted run there, by profile.
    """

    run: str
    environment: str
    stages: tuple[str, ...]
    partial: bool = False
    tags: tuple[str, ...] = ()
    platform_features: bool = True
    release: Mapping[str, str] = field(default_factory=dict)
    release_configs: Mapping[str, str] = field(default_factory=dict)
    provision_error: str | None = None
    interrupted: bool = False
    stage_runs: tuple[StageRun, ...] = ()
    skipped: Mapping[str, StageSkipped] = field(default_factory=dict)
    last_go: Mapping[str, str] | None = None
    wire: WireEvidence | None = None
    platform: PlatformEvidence | None = None
    platform_scenarios: ScenarioEvidence | None = None
    behaviour: ScenarioEvidence | None = None
    load: tuple[LoadEvidence, ...] = ()
    load_baselines: Mapping[str, LoadBaseline] = field(default_factory=dict)

    def scenarios_of(self, stage: str) -> ScenarioEvidence | None:
        """What the behave run of `stage` left behind; None where it left nothing, or the stage is load."""
        return {"platform": self.platform_scenarios, "behaviour": self.behaviour}.get(stage)
