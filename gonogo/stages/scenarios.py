"""What the platform and the behaviour stage share: the scenarios of some features, run by behave in a child process."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from gonogo.config import Environment
from gonogo.config.features import feature_paths
from gonogo.model.baseline import Baseline
from gonogo.model.findings import Finding
from gonogo.model.not_checked import NotChecked
from gonogo.model.stages import JudgedStage, ScenarioResults, StageResult
from gonogo.stages.stage import Policy, Run, Setup, Stage

if TYPE_CHECKING:
    from gonogo.stages.behave_child import BehaveChild


class ScenarioStage(Stage):
    """The features of the stage's name. `exercises_system` says that they use the system as its users do."""

    selects_by_tags = True
    exercises_system: ClassVar[bool] = False
    _child: BehaveChild | None = None

    @abstractmethod
    def budget_s(self, environment: Environment) -> float:
        """The longest that all scenarios may take together."""

    def judge_more(self, evidence: ScenarioResults, policy: Policy) -> tuple[list[Finding], list[NotChecked]]:
        """What else the stage has to say about its scenarios, and what it did not check."""
        return [], []

    def check_files(self, setup: Setup) -> None:
        if not feature_paths(setup.root, self.name):
            return
        from gonogo.stages.suite_check import check_suite  # noqa: PLC0415  processes, where files are there to check

        check_suite(setup.plan, [self.name], root=setup.root, environ=setup.environ, tags=setup.tags)

    @contextmanager
    def prepare(self, run: Run) -> Iterator[None]:
        """A child reads the features and makes its workers ready; it begins with `run`."""
        if not feature_paths(run.root, self.name):
            yield
            return
        from gonogo.stages.behave_child import BehaveChild  # noqa: PLC0415  processes, which a run alone needs

        with BehaveChild(self.name, run, budget_s=self.budget_s(run.environment)) as self._child:
            yield

    def run(self, run: Run) -> StageResult:
        if self._child is None:
            return StageResult(0, 0, nothing_to_do=True)
        end, found = self._child.run()
        if found is None:
            return StageResult(0, 0, processes=(end,), duration_s=end.duration_s)
        return StageResult(len(found.scenarios), sum(scenario.executed for scenario in found.scenarios),
                           ScenarioResults(found, self.exercises_system), (end,), end.duration_s)

    def judge(self, result: StageResult, policy: Policy, baseline: Baseline | None) -> JudgedStage:
        from gonogo.verdict.rules.scenarios import figures_of, judge_scenarios  # noqa: PLC0415  rules, after a run

        evidence = result.evidence
        if not isinstance(evidence, ScenarioResults):
            return JudgedStage()
        findings, not_checked = self.judge_more(evidence, policy)
        return JudgedStage(
            [*judge_scenarios(self.name, evidence.scenarios, policy.environment), *findings],
            figures_of(evidence.scenarios, result.duration_s), not_checked)
