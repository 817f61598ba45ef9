"""`gonogo baseline import`: read a baseline from a file into the history."""

from __future__ import annotations

import argparse

from gonogo.core.exit_codes import ExitCode
from gonogo.core.runtime import Runtime
from gonogo.gate.baselines import import_baseline


def execute(arguments: argparse.Namespace, runtime: Runtime) -> int:
    import_baseline(arguments.file, runtime)
    return ExitCode.GO
