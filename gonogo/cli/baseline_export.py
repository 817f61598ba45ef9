"""`gonogo baseline export`: the baseline of an environment as a file."""

from __future__ import annotations

import argparse

from gonogo.core.exit_codes import ExitCode
from gonogo.core.runtime import Outside
from gonogo.gate.baselines import export_baseline


def execute(arguments: argparse.Namespace, outside: Outside) -> int:
    export_baseline(arguments.env, arguments.file, outside)
    return ExitCode.GO
