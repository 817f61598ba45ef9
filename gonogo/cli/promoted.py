"""`gonogo promoted`: make the run that was deployed the baseline."""

from __future__ import annotations

import argparse

from gonogo.core.exit_codes import ExitCode
from gonogo.core.runtime import Runtime
from gonogo.gate.promotion import mark_promoted


def execute(arguments: argparse.Namespace, runtime: Runtime) -> int:
    mark_promoted(arguments.run, runtime)
    return ExitCode.GO
