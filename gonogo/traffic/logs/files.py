"""Reads what components wrote to log files during a run: from their size at its start to its end.

A file is kept open from the start, so that its rest is read too if it is renamed; a file that appears is read from its
beginning, also at the path of one that was renamed. A link is followed only to a file below the folder that the glob
names without wildcards.
"""

from __future__ import annotations

import glob
import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePath

from gonogo.model.logs import LogRecord
from gonogo.traffic.logs.lines import records_in

MAX_LOG_FILES = 100
MAX_LOG_BYTES = 16 * 1024 * 1024  # of all files
MAX_LINE_BYTES = 64 * 1024  # the rest of a longer line is left out
_HEAD_BYTES = 256  # by which a file is known again
_WILD = frozenset("*?[")


@dataclass(slots=True)
class _Followed:
    """An open file; `start` is its size at the start of the run, `head` its first bytes then."""

    descriptor: int
    component: str
    source: str
    start: int
    head: bytes


@dataclass(slots=True)
class LogFiles:
    """The files that match `globs`, relative to `root` or absolute. `close` it, also if nothing was read."""

    globs: Sequence[str]
    root: Path
    problems: Counter[str] = field(default_factory=Counter)
    _followed: dict[tuple[int, int], _Followed] = field(default_factory=dict)

    def start(self) -> None:
        """What is in the files now is not of the run."""
        self._follow(is_start=True)

    def records(self) -> Iterator[LogRecord]:
        """The records written since `start`, file by file; `problems` says what of them is missing."""
        self._follow(is_start=False)
        left = MAX_LOG_BYTES
        for file in self._followed.values():
            raw = self._read(file, left)
            left -= len(raw)
            yield from records_in(_lines(raw), file.component, file.source)
        if not self._followed and self.globs:
            self.problems[f"no log file matches {', '.join(self.globs)}"] += 1

    def close(self) -> None:
        for file in self._followed.values():
            os.close(file.descriptor)
        self._followed.clear()

    def _follow(self, *, is_start: bool) -> None:
        for path, base in self._paths():
            self._open(path, base, is_start=is_start)

    def _paths(self) -> Iterator[tuple[Path, Path]]:
        """The matching paths, each with the folder that its file must be in."""
        for pattern in self.globs:
            whole = pattern if PurePath(pattern).is_absolute() else f"{glob.escape(str(self.root))}/{pattern}"
            base = _folder_without_wildcards(pattern) if PurePath(pattern).is_absolute() else self.root
            found = list(islice(glob.iglob(whole), MAX_LOG_FILES + 1))  # noqa: PTH207  of an absolute pattern
            if len(found) > MAX_LOG_FILES:
                self.problems[f"there are more than {MAX_LOG_FILES} log files: the others are left out"] += 1
            yield from ((Path(path), base) for path in sorted(found[:MAX_LOG_FILES]))

    def _open(self, path: Path, base: Path, *, is_start: bool) -> None:
        """Follow a regular file that is not followed yet."""
        try:
            real = path.resolve(strict=True)
            if not real.is_relative_to(base.resolve()):
                self.problems[f"{path.name} is a link that leads out of {base}: not read"] += 1
                return
            descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, RuntimeError) as error:
            if not isinstance(error, FileNotFoundError):
                self.problems[f"{path.name} cannot be read: {getattr(error, 'strerror', None) or error}"] += 1
            return
        status = os.fstat(descriptor)
        key = (status.st_dev, status.st_ino)
        if not stat.S_ISREG(status.st_mode) or key in self._followed:
            os.close(descriptor)
            return
        if len(self._followed) >= MAX_LOG_FILES:
            os.close(descriptor)
            self.problems[f"there are more than {MAX_LOG_FILES} log files: the others are left out"] += 1
            return
        component = path.name.partition(".")[0] or path.name
        self._followed[key] = _Followed(descriptor, component, self._shown(path), status.st_size if is_start else 0,
                                        os.pread(descriptor, _HEAD_BYTES, 0) if is_start else b"")

    def _read(self, file: _Followed, left: int) -> bytes:
        """What was written since the start, `left` bytes of it at most; all of a file that was emptied meanwhile."""
        try:
            size, head = os.fstat(file.descriptor).st_size, os.pread(file.descriptor, len(file.head), 0)
            start = file.start
            if size < start or not head.startswith(file.head):
                self.problems[f"{file.source} was emptied during the run: what it had until then is not known"] += 1
                start = 0
            raw = _all_of(file.descriptor, start, min(size - start, left))
        except OSError as error:
            self.problems[f"{file.source} cannot be read: {error.strerror}"] += 1
            return b""
        if size - start > len(raw):
            self.problems[f"{file.source} has more than is read of all log files, {MAX_LOG_BYTES} bytes: the rest is "
                          "left out"] += 1
            raw = raw[:raw.rfind(b"\n") + 1]
        return raw

    def _shown(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.as_posix()


def _folder_without_wildcards(pattern: str) -> Path:
    parts = PurePath(pattern).parts[:-1]
    fixed = next((number for number, part in enumerate(parts) if _WILD & set(part)), len(parts))
    return Path(*parts[:fixed])


def _all_of(descriptor: int, start: int, wanted: int) -> bytes:
    parts: list[bytes] = []
    while wanted > 0 and (part := os.pread(descriptor, min(wanted, 1024 * 1024), start)):
        parts.append(part)
        start, wanted = start + len(part), wanted - len(part)
    return b"".join(parts)


def _lines(raw: bytes) -> Iterator[str]:
    return (line[:MAX_LINE_BYTES].decode("utf-8", "replace").rstrip("\r") for line in raw.split(b"\n"))
