"""Keeps exit codes of Locust and of the suite from being read as a verdict: its own 1 would mean NO-GO, a 0 GO."""

from __future__ import annotations

import os
import sys
from types import TracebackType
from typing import NoReturn

from gonogo.core.exit_codes import ExitCode

_ENDS_IN_ORDER = ("locust", "argparse", "configargparse")  # modules whose exit with 0 is that of --help or --list


class ExitCodes:
    """Before a run, an exit is a mistake of usage or configuration; during a run, it leaves no verdict."""

    def __init__(self) -> None:
        self._otherwise: ExitCode | None = ExitCode.USAGE

    def install(self) -> None:
        self._exit, sys.exit = sys.exit, self.exit
        self._report, sys.excepthook = sys.excepthook, self.on_uncaught

    def run_begins(self) -> None:
        self._otherwise = ExitCode.INCONCLUSIVE

    def run_ended(self) -> None:
        """From now on, the exit code is that of the verdict."""
        self._otherwise = None

    def exit(self, status: object = None, /) -> NoReturn:
        """Replaces sys.exit."""
        caller = str(sys._getframe(1).f_globals.get("__name__", "")).partition(".")[0]
        in_order = self._otherwise is ExitCode.USAGE and status in (None, 0) and caller in _ENDS_IN_ORDER
        if self._otherwise is not None and not in_order:
            status = int(self._otherwise)
        self._exit(status)  # type: ignore[arg-type]

    def on_uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Replaces sys.excepthook, as for a profile file that cannot be imported: Python itself exits with 1."""
        self._report(kind, error, trace)
        if not issubclass(kind, KeyboardInterrupt):
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            os._exit(int(self._otherwise or ExitCode.INCONCLUSIVE))
