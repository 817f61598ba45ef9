"""The old name of the hooks in `gonogo.suite`."""

from gonogo.scenarios.hooks import after_all, after_scenario, after_step, before_all, before_scenario

__all__ = ["after_all", "after_scenario", "after_step", "before_all", "before_scenario"]
