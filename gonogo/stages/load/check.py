"""Checks load profiles before the run, in a child that reads them as Locust does."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from gonogo.config import RunPlan
from gonogo.records.check_file import CheckDocument
from gonogo.stages.checking import CHECK_BUDGET_S, run_check


def check_profiles(plan: RunPlan, profiles: Sequence[str], *, root: Path, environ: Mapping[str, str],
                   budget_s: float = CHECK_BUDGET_S) -> CheckDocument:
    """Check the `profiles` of an environment and their personas. Raises ConfigError for every mistake in load/."""
    def command(report: Path) -> list[str]:
        return [sys.executable, "-m", "gonogo.load.check", "--env", plan.environment_name, "--out", str(report),
                *(word for name in profiles for word in ("--profile", name))]

    return run_check("The load profiles", command, root=root, plan=plan, where="load/", budget_s=budget_s,
                     environ={**environ, "GONOGO_ENV": plan.environment_name})
