"""The platform stage: scenarios about the environment itself, run in every environment."""

from __future__ import annotations

from gonogo.config import Environment
from gonogo.model.baseline import Baseline
from gonogo.model.not_checked import NoStageFeatures
from gonogo.model.stages import JudgedStage, StageResult
from gonogo.stages.scenarios import ScenarioStage
from gonogo.stages.stage import Policy


class PlatformStage(ScenarioStage):
    """Runs features/platform. If there are none, this is listed as not checked."""

    name = "platform"

    def budget_s(self, environment: Environment) -> float:
        return environment.budgets.platform_s

    def judge(self, result: StageResult, policy: Policy, baseline: Baseline | None) -> JudgedStage:
        if result.nothing_to_do:
            return JudgedStage(not_checked=[NoStageFeatures(self.name)])
        return super().judge(result, policy, baseline)
