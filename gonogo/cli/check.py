"""`gonogo check`: checks every file of the project. It starts nothing and sends nothing."""

from __future__ import annotations

import argparse
from functools import partial

from gonogo.config import (
    ENVIRONMENTS_FILE,
    EXCEPTIONS_FILE,
    RELEASE_FILE,
    environment_names,
    locate_environment,
    release_in,
)
from gonogo.core.errors import Mistakes
from gonogo.core.exit_codes import ExitCode
from gonogo.core.runtime import Runtime
from gonogo.core.text import printable
from gonogo.gate.checks import check_stages
from gonogo.gate.documents import check_documents
from gonogo.gate.request import exceptions_of
from gonogo.plugins import installed_stages


def execute(arguments: argparse.Namespace, runtime: Runtime) -> int:
    """Print one line if everything is valid, after lines on what of OpenAPI documents cannot be used.

    Raises ConfigError or UsageError otherwise.
    """
    names = [arguments.env] if arguments.env else environment_names(runtime.root)
    environments = [locate_environment(name, runtime.root, runtime.environ) for name in names]
    mistakes = Mistakes()
    release = mistakes.collect(lambda: release_in(runtime.root, None))
    exceptions = mistakes.collect(lambda: exceptions_of(runtime))
    stages = installed_stages()
    for located in environments:
        mistakes.collect(partial(check_stages, located, located.environment.stages, stages, runtime))
    notes = [mistakes.collect(partial(check_documents, each.environment, runtime)) for each in environments]
    mistakes.raise_any()
    for line in dict.fromkeys(line for lines in notes for line in lines or ()):
        runtime.stdout.write(f"{printable(line)}\n")
    checked = [ENVIRONMENTS_FILE, *([EXCEPTIONS_FILE] if exceptions else []), *([RELEASE_FILE] if release else [])]
    runtime.stdout.write(f"{', '.join(checked)}, features and load profiles are valid for {', '.join(names)}\n")
    return ExitCode.GO
