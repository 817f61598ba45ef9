"""The stable API for a suite: behave's hooks, the runner for behave.ini, and the state that steps share.

    from gonogo.suite import after_all, after_scenario, after_step, before_all, before_scenario   # environment.py
    runner = gonogo.suite:Runner                                                                  # behave.ini

Reusable steps are in `gonogo.steps`; the API for load profiles is `gonogo.load.suite`.
"""

from gonogo.scenarios import hooks
from gonogo.scenarios.hooks import after_all, after_scenario, after_step, before_all, before_scenario
from gonogo.scenarios.running.runner import GonogoRunner as Runner
from gonogo.scenarios.world import Person, World

__all__ = ["Person", "Runner", "World", "after_all", "after_scenario", "after_step", "before_all", "before_scenario",
           "hooks"]
