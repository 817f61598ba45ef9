"""What a run leaves behind, as plain data: what the verdict is judged from, and nothing else.

Times are seconds since the epoch (UTC) unless a name says otherwise; paths are relative to the
run folder. No file is read or written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from gonogo.model.calls import WireEvidence
from gonogo.model.identity import ScenarioId

if TYPE_CHECKING:
    from gonogo.model.load import LoadBaseline, LoadEvidence


class Status(StrEnum):
    """How one attempt at a scenario ended. Only PASSED is success."""

    PASSED = "passed"
    FAILED = "failed"  # an assertion did not hold, or a step raised: the system did not do as described
    SKIPPED = "skipped"  # left in mid-run, by a step or a hook
    UNDEFINED = "undefined"  # a step without code, or with ambiguous or pending code
    SUITE_ERROR = "suite-error"  # a hook, a fixture or a clean-up raised
    BROWSER_LOST = "browser-lost"  # the browser died, or never started
    UNFINISHED = "unfinished"  # its worker died, hung past its budget, or was ended in mid-scenario


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a scenario; `message` says in one line why it did not pass, `started` is 0 where nobody knows."""

    status: Status
    duration_s: float = 0.0
    step: str = ""
    message: str = ""
    attachments: tuple[str, ...] = ()
    started: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that was planned; without attempts it was never executed.

    `id` is what it is known by; `name` (of a row with its cells put in), the name of its `feature`, and `line` are for
    people.
    """

    id: ScenarioId
    name: str
    feature: str
    line: int
    tags: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()

    @property
    def key(self) -> str:
        return self.id.key

    @property
    def uri(self) -> str:
        return self.id.uri

    @property
    def location(self) -> str:
        """Where a person finds it now."""
        return f"{self.uri}:{self.line}"

    @property
    def executed(self) -> bool:
        return any(attempt.status is not Status.UNFINISHED for attempt in self.attempts)

    @property
    def passed(self) -> bool:
        return bool(self.attempts) and self.attempts[-1].status is Status.PASSED

    @property
    def flaky(self) -> bool:
        return self.passed and len(self.attempts) > 1


@dataclass(frozen=True, slots=True)
class ScenarioEvidence:
    """What a behave run (the platform or the behaviour stage) left behind.

    `finished` is True only where the runner itself closed its record; `faults` are sentences of
    what went wrong with the run and not with a scenario ("worker 2 died: signal 9"); `left_out` are
    scenarios that were asked for, and that the runner did not even plan.
    """

    scenarios: tuple[Scenario, ...] = ()
    finished: bool = False
    faults: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


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

    `ended` is "exited", "timed out" or "not started"; `exit_code` the child's own;
    `detail` the last thing that it said about an error.
    """

    stage: str
    ended: str
    exit_code: int | None = None
    detail: str = ""
    duration_s: float = 0.0


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
    skipped: Mapping[str, str] = field(default_factory=dict)
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
