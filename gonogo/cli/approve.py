"""`gonogo approve`: approve what people see, instead of asserting it."""

from __future__ import annotations

import argparse

from gonogo.core.errors import UsageError
from gonogo.core.exit_codes import ExitCode
from gonogo.core.runtime import Runtime
from gonogo.gate import approvals


def execute(arguments: argparse.Namespace, runtime: Runtime) -> int:
    if arguments.prune:
        if arguments.run is not None or arguments.why is not None:
            raise UsageError("--prune takes no run and no reason.", fix="give `gonogo approve --prune` alone.")
        approvals.prune(runtime)
    elif arguments.why is None:
        if arguments.finding:
            raise UsageError("An approval needs a reason.", fix="say why the change is right: --why TEXT.")
        approvals.list_approvable(arguments.run, runtime)
    else:
        approvals.approve(arguments.run, [_number(each) for each in arguments.finding], runtime, why=arguments.why,
                          owner=arguments.owner, days=_days(arguments.days))
    return ExitCode.GO


def _number(text: str) -> int:
    if not text.isdecimal():
        raise UsageError(f"'{text}' is not the number of a finding.", fix="`gonogo approve RUN` lists them.")
    return int(text)


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 3650:
        raise UsageError(f"--days is '{text}'.", fix="give a number of days from 1 to 3650.")
    return int(text)
