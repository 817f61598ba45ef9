"""What behave's userdata says: the environment, and what the runner tells its workers. Light to import."""

from __future__ import annotations

from collections.abc import Mapping

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
        raise UsageError("No environment is named.", mend="behave -D env=NAME, with a name from environments.yml.")
    return name
