"""The settings in behave's userdata: the environment, the release, and the values that the runner sets for workers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gonogo.config import RunPlan
from gonogo.core.errors import UsageError

ENVIRONMENT = "env"
# environment variable, set by the gate for a run under load: a file that exists while the load runs
UNDER_LOAD = "GONOGO_UNDER_LOAD"
# set by the runner for its workers
EVIDENCE = "gonogo.evidence"
PRIVATE = "gonogo.private"


def environment_name(userdata: Mapping[str, str], environ: Mapping[str, str]) -> str:
    """The environment of the command line (`-D env=NAME`) or GONOGO_ENV. Raises UsageError."""
    name = userdata.get(ENVIRONMENT) or environ.get("GONOGO_ENV")
    if not name:
        raise UsageError("No environment is given.", fix="use behave -D env=NAME, with a name from environments.yml.")
    return name


def plan_of(userdata: Mapping[str, str], root: Path, environ: Mapping[str, str]) -> RunPlan:
    """The plan of a run without the gate; `-D release=FILE` gives another release file. Raises GonogoError."""
    release = userdata.get("release")
    return RunPlan.make(environment_name(userdata, environ), root, environ, root / release if release else None)
