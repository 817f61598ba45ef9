"""`gonogo check`: are environments.yml and exceptions.yml right?"""

from __future__ import annotations

import argparse

from gonogo.config import ENVIRONMENTS_FILE, environment_names, locate_environment
from gonogo.config.exceptions import EXCEPTIONS_FILE
from gonogo.core.exit_codes import ExitCode
from gonogo.core.runtime import Outside
from gonogo.gate.checks import check_stages
from gonogo.gate.request import exceptions_of
from gonogo.plugins import installed_stages


def execute(arguments: argparse.Namespace, outside: Outside) -> int:
    """One line for what is right; raises ConfigError or UsageError for what is not."""
    names = [arguments.env] if arguments.env else environment_names(outside.root)
    stages = installed_stages()
    for name in names:
        located = locate_environment(name, outside.root, outside.environ)
        check_stages(located, located.environment.stages, stages, outside)
    exceptions = exceptions_of(outside)
    outside.stdout.write(f"{ENVIRONMENTS_FILE} is right: {', '.join(names)}\n")
    if exceptions:
        outside.stdout.write(f"{EXCEPTIONS_FILE} is right: {len(exceptions)} in force\n")
    return ExitCode.GO
