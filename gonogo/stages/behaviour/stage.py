"""The behaviour stage: users' journeys in a browser, including the mandatory ones."""

from __future__ import annotations

from gonogo.config import Environment
from gonogo.config.features import FEATURES_FOLDER, feature_paths
from gonogo.core.errors import ConfigError
from gonogo.model.findings import Finding
from gonogo.model.not_checked import NoMandatoryJourneys, NotChecked
from gonogo.model.stages import ScenarioResults
from gonogo.stages.scenarios import ScenarioStage
from gonogo.stages.stage import Policy, Setup


class BehaviourStage(ScenarioStage):
    """Users' journeys. Their exchanges are checked against contracts and the baseline."""

    name = "behaviour"
    exercises_system = True

    def budget_s(self, environment: Environment) -> float:
        return environment.budgets.behaviour_s

    def check(self, setup: Setup) -> None:
        if setup.environment.mandatory_journeys and self.name not in setup.environment.stages:
            raise ConfigError(
                f"`mandatory_journeys` needs the {self.name} stage, which is not in `stages`.",
                where=setup.where("stages"),
                fix=f"add `{self.name}` to `stages`, or write `mandatory_journeys: []` here.")
        if setup.requested and not feature_paths(setup.root, self.name):
            raise ConfigError(f"The {self.name} stage has no feature files.", where=str(setup.root / FEATURES_FOLDER),
                              fix=f"write features/journeys/*.feature, or remove `{self.name}` from `stages`.")

    def judge_more(self, evidence: ScenarioResults, policy: Policy) -> tuple[list[Finding], list[NotChecked]]:
        """Judge mandatory journeys in a full run only; a partial run may have excluded them."""
        from gonogo.verdict.rules.scenarios import judge_mandatory_journeys  # noqa: PLC0415  as in ScenarioStage

        environment = policy.environment
        findings = [] if policy.partial else list(judge_mandatory_journeys(self.name, evidence.scenarios, environment))
        return findings, [] if environment.mandatory_journeys else [NoMandatoryJourneys()]
