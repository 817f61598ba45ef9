"""behave's hooks for this suite; what they do is gonogo's, what steps share is `steps.journey`'s."""

from __future__ import annotations

from behave.runner import Context

from gonogo.suite import after_all, after_scenario, after_step, before_scenario, hooks
from steps.journey import Journey

__all__ = ["after_all", "after_scenario", "after_step", "before_all", "before_scenario"]


def before_all(context: Context) -> None:
    hooks.before_all(context, suite=Journey)
