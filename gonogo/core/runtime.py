"""The process's environment as one object, so that only the command line touches the process itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO


class Interrupted(BaseException):
    """SIGINT or SIGTERM reached the gate. A BaseException, so that only the gate catches it."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Runtime:
    """`root` is the folder of environments.yml, features/ and load/. Results go to `stdout`, progress to `stderr`."""

    root: Path
    environ: Mapping[str, str]
    stdout: TextIO
    stderr: TextIO
    now: Callable[[], datetime] = utc_now
