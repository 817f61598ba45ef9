"""The exit codes of `gonogo`, and of `behave` and `locust` when they run without the gate."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    GO = 0
    NO_GO = 1
    USAGE = 2
    INCONCLUSIVE = 3
    INTERRUPTED = 130
