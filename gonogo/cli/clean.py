"""`gonogo clean`: end what killed gates left."""

from __future__ import annotations

import argparse
from pathlib import Path

from gonogo.core.errors import GonogoError
from gonogo.core.exit_codes import ExitCode
from gonogo.core.runtime import Interrupted, Runtime
from gonogo.core.signals import raising
from gonogo.environment.lease import holder_in, leases, left_lease
from gonogo.environment.leftovers import end_leftovers


def execute(arguments: argparse.Namespace, runtime: Runtime) -> int:
    """Print what was ended, and which gates still run. INCONCLUSIVE if something could not be ended."""
    with raising(Interrupted):
        paths = leases(runtime.environ)
        if not paths:
            runtime.stdout.write("nothing to clean: no gate has left anything\n")
        ended = [_clean(path, runtime) for path in paths]
    return ExitCode.GO if all(ended) else ExitCode.INCONCLUSIVE


def _clean(path: Path, runtime: Runtime) -> bool:
    """End what the holder of a lease has left, unless it still runs. Return whether it succeeded."""
    try:
        with left_lease(path) as left:
            if left is not None:
                end_leftovers(left, runtime.environ, lambda line: print(line, file=runtime.stdout))
                path.unlink()
                return True
        if running := holder_in(path):
            print(f"{running.environment} is in use by {running}; not touched", file=runtime.stdout)
    except GonogoError as error:
        print(error, file=runtime.stderr)
        return False
    return True
