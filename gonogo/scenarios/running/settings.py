"""What behave's userdata says: the environment and the release, and what the runner hands to its workers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gonogo.config import RunPlan
from gonogo.core.errors import UsageError

ENVIRONMENT = "env"
# environment variable, told by the gate to a run under load: the file that is there while the load is on
UNDER_LOAD = "GONOGO_UNDER_LOAD"
# told by the runner to its workers
EVIDENCE = "gonogo.evidence"
PRIVATE = "gonogo.private"


def environment_name(userdata: Mapping[str, str], environ: Mapping[str, str]) -> str:
    """The environment that the command line (`-D env=NAME`) or GONOGO_ENV names. Raises UsageError."""
    name = userdata.get(ENVIRONMENT) or environ.get("GONOGO_ENV")
    if not name:
        raise UsageError("No environment is named.", fix="behave -D env=NAME, with a name from environments.yml.")
    return name


def plan_of(userdata: Mapping[str, str], root: Path, environ: Mapping[str, str]) -> RunPlan:
    """The plan of a run without the gate; `-D release=FILE` names another release file. Raises GonogoError."""
    named = userdata.get("release")
    return RunPlan.make(environment_name(userdata, environ), root, environ, root / named if named else None)
