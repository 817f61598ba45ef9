"""`gonogo check`: is environments.yml right?"""

from __future__ import annotations

import argparse

from gonogo.config import ENVIRONMENTS_FILE, environment_names, load_environment
from gonogo.core.exit_codes import ExitCode
from gonogo.core.runtime import Outside
from gonogo.stages.load.journeys import refuse_missing_journeys


def execute(arguments: argparse.Namespace, outside: Outside) -> int:
    """One line for what is right; raises ConfigError or UsageError for what is not."""
    names = [arguments.env] if arguments.env else environment_names(outside.root)
    for name in names:
        refuse_missing_journeys(load_environment(name, outside.root, outside.environ), name, outside.root)
    outside.stdout.write(f"{ENVIRONMENTS_FILE} is right: {', '.join(names)}\n")
    return ExitCode.GO
