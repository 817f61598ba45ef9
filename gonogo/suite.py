"""What a suite imports, and what stays as it is: behave's hooks, the runner that behave.ini names, what steps share.

    from gonogo.suite import after_all, after_scenario, after_step, before_all, before_scenario   # environment.py
    runner = gonogo.suite:Runner                                                                  # behave.ini

Steps for any system are in `gonogo.steps`, what a load profile imports in `gonogo.load.suite`.
"""

from gonogo.scenarios import hooks
from gonogo.scenarios.hooks import after_all, after_scenario, after_step, before_all, before_scenario
from gonogo.scenarios.running.runner import GonogoRunner as Runner
from gonogo.scenarios.world import Person, World

__all__ = ["Person", "Runner", "World", "after_all", "after_scenario", "after_step", "before_all", "before_scenario",
           "hooks"]
