"""The base of the platform and the behaviour stage: runs scenarios with behave in a child process."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from gonogo.config import Environment
from gonogo.config.features import feature_paths, misnamed_features
from gonogo.model.baseline import Baseline
from gonogo.model.findings import Finding
from gonogo.model.not_checked import NotChecked
from gonogo.model.scenarios import EmptyPlace, ScenarioEvidence
from gonogo.model.stages import JudgedStage, ScenarioResults, StageEvidence, StageResult
from gonogo.stages.stage import Policy, Run, Setup, Stage

if TYPE_CHECKING:
    from gonogo.stages.behave_child import BehaveChild


class ScenarioStage(Stage):
    """Runs the stage's features. `exercises_system`: they use the system as its users do."""

    selects_by_tags = True
    exercises_system: ClassVar[bool] = False
    _child: BehaveChild | None = None

    @abstractmethod
    def budget_s(self, environment: Environment) -> float:
        """Return the time limit of all scenarios together, in seconds."""

    def judge_more(self, evidence: ScenarioResults, policy: Policy) -> tuple[list[Finding], list[NotChecked]]:
        """Return further findings about the scenarios, and what was not checked."""
        return [], []

    def check_files(self, setup: Setup) -> None:
        if not feature_paths(setup.root, self.name):
            return
        from gonogo.stages.suite_check import check_suite  # noqa: PLC0415  it imports processes, needed only with features

        check_suite(setup.plan, [self.name], root=setup.root, environ=setup.environ, tags=setup.tags)

    def prepare(self, run: Run) -> AbstractContextManager[object]:
        """Return a child that reads the features and prepares its workers; `run` starts the scenarios."""
        if not feature_paths(run.root, self.name):
            return nullcontext()
        from gonogo.stages.behave_child import BehaveChild  # noqa: PLC0415  processes, which a run alone needs

        self._child = BehaveChild(self.name, run, budget_s=self.budget_s(run.environment))
        return self._child

    def run(self, run: Run) -> StageResult:
        if self._child is None:
            return self._without_features(run)
        end, evidence = self._child.run()
        if evidence is None:
            return StageResult(0, 0, processes=(end,), duration_s=end.duration_s)
        return StageResult(len(evidence.scenarios), sum(scenario.executed for scenario in evidence.scenarios),
                           ScenarioResults(evidence, self.exercises_system), (end,), end.duration_s)

    def _without_features(self, run: Run) -> StageResult:
        """Return that there is nothing to do, or what looks like features and is not read."""
        empty = tuple(EmptyPlace("suffix", uri) for uri in misnamed_features(run.root, self.name))
        if not empty:
            return StageResult(0, 0, nothing_to_do=True)
        return StageResult(0, 0, ScenarioResults(ScenarioEvidence(finished=True, empty=empty), self.exercises_system))

    def kept(self, evidence: StageEvidence) -> dict[str, object]:
        from gonogo.records.evidence_parts import scenarios_part  # noqa: PLC0415  after a run

        return scenarios_part(evidence.scenarios) if isinstance(evidence, ScenarioResults) else {}

    def reread(self, run_folder: Path, kept: Mapping[str, object]) -> StageEvidence:
        from gonogo.records.evidence_parts import reread_scenarios  # noqa: PLC0415  after a run

        return ScenarioResults(reread_scenarios(run_folder / self.name, kept), self.exercises_system)

    def judge(self, result: StageResult, policy: Policy, baseline: Baseline | None) -> JudgedStage:
        from gonogo.verdict.rules.scenarios import figures_of, judge_scenarios  # noqa: PLC0415  rules, after a run

        evidence = result.evidence
        if not isinstance(evidence, ScenarioResults):
            return JudgedStage()
        findings, not_checked = self.judge_more(evidence, policy)
        return JudgedStage(
            [*judge_scenarios(self.name, evidence.scenarios, policy.environment), *findings],
            figures_of(evidence.scenarios, result.duration_s), not_checked)
