"""`gonogo promoted`: the run that was deployed becomes the baseline."""

from __future__ import annotations

import argparse

from gonogo.core.exit_codes import ExitCode
from gonogo.core.runtime import Outside
from gonogo.gate.promotion import mark_promoted


def execute(arguments: argparse.Namespace, outside: Outside) -> int:
    mark_promoted(arguments.run, outside)
    return ExitCode.GO
