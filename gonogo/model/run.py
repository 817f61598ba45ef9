"""What a run leaves behind, as plain data: what the verdict is judged from, and nothing else.

Times are seconds since the epoch (UTC) unless a name says otherwise; paths are relative to the
run folder. No file is read or written here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from gonogo.model.baseline import Baseline
from gonogo.model.calls import WireEvidence
from gonogo.model.exposures import Exposure, LoggedErrors
from gonogo.model.invariants import InvariantEvidence
from gonogo.model.not_checked import NotChecked
from gonogo.model.outside import OutsideEvidence
from gonogo.model.rules.gate import PluginFailed, StageSkipped
from gonogo.model.scenarios import Scenario, ScenarioEvidence
from gonogo.model.stages import ScenarioResults, StageEvidence, StageResult

_Evidence = TypeVar("_Evidence", bound=StageEvidence)


@dataclass(frozen=True, slots=True)
class Probe:
    """One answer of a component: its health and what it reports that it runs.

    `status` is the HTTP status of the health path, None where nothing answered; `image` and
    `config` are None where the component does not report them.
    """

    component: str
    url: str
    status: int | None
    detail: str = ""
    image: str | None = None
    config: str | None = None
    third_party: bool = False
    reports_version: bool = True


@dataclass(frozen=True, slots=True)
class Version:
    """The digests of the image and of the settings that a component reported; None where it did not."""

    component: str
    image: str | None
    config: str | None


@dataclass(frozen=True, slots=True)
class PlatformEvidence:
    """The environment as the gate itself probed it, before the first and after the last stage.

    `during` are the versions that were reported while the stages ran, each once.
    """

    before: tuple[Probe, ...] = ()
    after: tuple[Probe, ...] = ()
    during: tuple[Version, ...] = ()


@dataclass(frozen=True, slots=True)
class RunEvidence:
    """Everything that a verdict is judged from.

    `stages` are the requested ones of `installed_stages`; `partial`: a part of the gate was requested (`--only`,
    `--tags`), with `tags` the scenarios. `release` and `release_configs` are those of release.yml, component → digest,
    empty without one. `results` are by stage; `skipped` has the reason for each skipped stage. `history_problems` are
    parts of the history that could not be read. `wire` has the joined exchanges and traces, None if none were
    collected; `outside` is what people and partners saw, likewise; `invariants` is what does not hold of the rules for
    every system, likewise. `exposures` are secrets where they do not belong, `unsearched` is why not all evidence was
    searched for them, and `errors` what components logged. `plugin_faults` are the failed calls of plug-ins,
    `input_changes` the inputs that changed during the run.
    """

    run: str
    environment: str
    stages: tuple[str, ...]
    partial: bool = False
    tags: tuple[str, ...] = ()
    installed_stages: tuple[str, ...] = ()
    release: Mapping[str, str] = field(default_factory=dict)
    release_configs: Mapping[str, str] = field(default_factory=dict)
    provision_error: str | None = None
    interrupted: bool = False
    platform: PlatformEvidence | None = None
    results: Mapping[str, StageResult] = field(default_factory=dict)
    skipped: Mapping[str, StageSkipped] = field(default_factory=dict)
    baseline: Baseline | None = None
    history_problems: tuple[NotChecked, ...] = ()
    wire: WireEvidence | None = None
    outside: OutsideEvidence | None = None
    invariants: InvariantEvidence | None = None
    exposures: tuple[Exposure, ...] = ()
    errors: LoggedErrors = field(default_factory=LoggedErrors)
    unsearched: tuple[str, ...] = ()
    plugin_faults: tuple[PluginFailed, ...] = ()
    input_changes: tuple[str, ...] = ()

    def evidence(self, kind: type[_Evidence]) -> Iterator[tuple[str, _Evidence]]:
        """Each stage that left evidence of this kind, in the order of the stages."""
        for stage in self.stages:
            result = self.results.get(stage)
            if result is not None and isinstance(result.evidence, kind):
                yield stage, result.evidence

    def scenario_evidence(self, stage: str) -> ScenarioEvidence | None:
        """What the scenarios of `stage` left; None where it runs none, or left nothing."""
        return next((found.scenarios for name, found in self.evidence(ScenarioResults) if name == stage), None)

    @property
    def scenarios(self) -> Iterator[Scenario]:
        """Those of every stage."""
        for _, found in self.evidence(ScenarioResults):
            yield from found.scenarios.scenarios
