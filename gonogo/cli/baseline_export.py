"""`gonogo baseline export`: write the baseline of an environment to a file."""

from __future__ import annotations

import argparse

from gonogo.core.exit_codes import ExitCode
from gonogo.core.runtime import Runtime
from gonogo.gate.baselines import export_baseline


def execute(arguments: argparse.Namespace, runtime: Runtime) -> int:
    export_baseline(arguments.env, arguments.file, runtime)
    return ExitCode.GO
