"""behave's hooks: the environment.py of a suite imports them, and can wrap them with its own.

    from gonogo.scenarios import hooks
    from gonogo.scenarios.hooks import after_all, after_scenario, after_step, before_scenario

    def before_all(context):
        hooks.before_all(context, suite=Story)   # a dataclass: the state that this suite's steps share
"""

from __future__ import annotations

from pathlib import Path

from behave.model import Scenario, Step
from behave.model_type import Status
from behave.runner import Context

from gonogo.scenarios.session import Running, Session, SuiteFactory


def _nothing() -> None:
    return None


def before_all(context: Context, suite: SuiteFactory = _nothing) -> None:
    """Run once in each worker: get the plan of the run, or make it. The first scenario that needs the browser starts
    it.
    """
    context.config.setup_logging()
    plan = getattr(context._runner, "plan", None)  # gonogo's own runner has one
    context.gonogo = Session.open(context.config.userdata, Path(context.config.base_dir), suite, plan)


def before_scenario(context: Context, scenario: Scenario) -> None:
    context.world = context.gonogo.begin(Running.of(scenario))


def after_step(context: Context, step: Step) -> None:
    """Record what people see; print the shared state if the step fails, so that it is in the report."""
    context.gonogo.step_ended()
    if step.status in (Status.failed, Status.error) and context.gonogo.world is not None:
        print(context.gonogo.dump())  # noqa: T201  behave captures it


def after_scenario(context: Context, scenario: Scenario) -> None:
    context.gonogo.end(passed=scenario.status is Status.passed)


def after_all(context: Context) -> None:
    if "gonogo" in context:
        context.gonogo.close()
