"""`gonogo baseline import`: a baseline from a file."""

from __future__ import annotations

import argparse

from gonogo.core.exit_codes import ExitCode
from gonogo.core.runtime import Outside
from gonogo.gate.baselines import import_baseline


def execute(arguments: argparse.Namespace, outside: Outside) -> int:
    import_baseline(arguments.file, outside)
    return ExitCode.GO
