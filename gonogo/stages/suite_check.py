"""Every mistake in features and steps, found before anything is started. They are read by behave, as the stages do."""

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
    """The scenarios of `stages` that bear `tags`; None where there is no feature for them.

    Raises ConfigError for all that is wrong: a feature that does not parse, a step that is not defined, a file of
    steps that cannot be imported, a scenario that may write where that is not permitted.
    """
    paths = [path for stage in stages for path in feature_paths(root, stage)]
    if not paths:
        return None

    def command(report: Path) -> list[str]:
        return [*behave_command(paths, environment_name=plan.environment_name, tags=tags, jobs="1", retries=0,
                                runner=_RUNNER), "-D", f"check_report={report}"]

    return run_check("The features and steps", command, root=root, plan=plan, where="features/, steps/",
                     budget_s=budget_s, environ={**environ, "GONOGO_ENV": plan.environment_name})
