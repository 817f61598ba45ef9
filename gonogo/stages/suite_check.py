"""Checks features and steps before the run, read by behave as in the stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from gonogo.config import RunPlan
from gonogo.config.features import feature_paths
from gonogo.records.check_file import CheckDocument
from gonogo.stages.behave_child import behave_command
from gonogo.stages.checking import CHECK_BUDGET_S, run_check

_RUNNER = "gonogo.scenarios.running.check:CheckRunner"


def check_suite(plan: RunPlan, stages: Sequence[str], *, root: Path, environ: Mapping[str, str],
                tags: Sequence[str] = (), budget_s: float = CHECK_BUDGET_S) -> CheckDocument | None:
    """Check the scenarios of `stages` with `tags`; None if there are no features.

    Raises ConfigError for every mistake: an invalid feature, an undefined step, a step file that cannot be imported, a
    scenario that writes where writes are not permitted.
    """
    paths = [path for stage in stages for path in feature_paths(root, stage)]
    if not paths:
        return None

    def command(report: Path) -> list[str]:
        return [*behave_command(paths, environment_name=plan.environment_name, tags=tags, jobs="1", retries=0,
                                runner=_RUNNER), "-D", f"check_report={report}"]

    return run_check("The features and steps", command, root=root, plan=plan, where="features/, steps/",
                     budget_s=budget_s, environ={**environ, "GONOGO_ENV": plan.environment_name})
