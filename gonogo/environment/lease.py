"""The lease of an environment: two gates of a user on one machine never use one at once.

The lock ends with the gate's process, however it ends. The file beside it says who has the lease; it outlives a gate
that was killed, so that `leftovers` can end what that gate left.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from filelock import FileLock, Timeout
from pydantic import TypeAdapter

from gonogo.core.errors import EnvironmentInUse, LeaseError
from gonogo.model.reach import Address

VARIABLE = "GONOGO_LEASE"  # has the token of the lease, in every process that the gate's stages start
PREFIX = "gonogo-run-"  # of the temporary folder
_MAX_BYTES = 64 * 1024
_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Holder:
    """The gate that has, or had, a lease: its process (`process_started` in seconds since the epoch) and its run.

    `temporary` is the folder for temporary files of its children. With `provisioned` it has started the environment,
    and not yet stopped it.
    """

    environment: str
    root: str
    run_folder: str
    since: str
    pid: int
    process_started: float
    token: str
    temporary: str
    provisioned: bool = False

    def __str__(self) -> str:
        return f"the run {Path(self.run_folder).name} (process {self.pid}, since {self.since})"


_HOLDER = TypeAdapter(Holder)


@dataclass(slots=True)
class Lease:
    """A lease that this process has."""

    path: Path
    holder: Holder

    @property
    def variables(self) -> dict[str, str]:
        """Environment variables for the gate's children, and not for the environment, which may outlive the run."""
        return {VARIABLE: self.holder.token, "TMPDIR": self.holder.temporary}

    def set_provisioned(self, provisioned: bool) -> None:
        """Record that this run starts the environment, or has stopped it."""
        self.holder = replace(self.holder, provisioned=provisioned)
        _write(self.path, self.holder)


@contextlib.contextmanager
def leased(name: str, url: str, *, root: Path, run_folder: Path, environ: Mapping[str, str], since: datetime,
           wait_s: float, on_progress: Callable[[str], None], clean: Callable[[Holder], None]) -> Iterator[Lease]:
    """Hold the lease of the environment `name` at `url`; wait at most `wait_s` for another gate to end.

    `clean` is called with the holder of a lease that was left. Raises EnvironmentInUse, and LeaseError if the lease
    cannot be read or written.
    """
    path = folder_of(environ) / f"{_key(url)}.json"
    with _locked(path, name, wait_s, on_progress):
        if left := holder_in(path):
            clean(left)
        lease = Lease(path, Holder(
            name, str(root), str(run_folder), since.isoformat(timespec="seconds"), os.getpid(),
            psutil.Process().create_time(), secrets.token_hex(16), _temporary_folder()))
        try:
            _write(path, lease.holder)
            yield lease
        finally:
            shutil.rmtree(lease.holder.temporary, ignore_errors=True)
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def left_lease(path: Path) -> Iterator[Holder | None]:
    """Hold the lease in `path` during the block; None if its holder still runs, or there is none. Raises LeaseError."""
    try:
        with _lock_of(path).acquire(timeout=0):
            yield holder_in(path)
    except Timeout:
        yield None


def leases(environ: Mapping[str, str]) -> list[Path]:
    """The files of all leases, also of those that gates have now."""
    return sorted(folder_of(environ).glob("*.json"))


def holder_in(path: Path) -> Holder | None:
    """Read who has, or had, the lease; None if nobody has. Raises LeaseError."""
    try:
        with path.open("rb") as file:
            return _HOLDER.validate_json(file.read(_MAX_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise LeaseError("The record of the gate that used this environment is damaged.", where=str(path),
                         fix="check that no gate, browser or environment of it is still running; then remove the file."
                         ) from error


def folder_of(environ: Mapping[str, str]) -> Path:
    """The folder of this user's leases: in XDG_STATE_HOME, ~/.local/state, or else the folder for temporary files."""
    state = Path(environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    temporary = Path(tempfile.gettempdir())
    for folder in (state / "gonogo" / "leases", temporary / f"gonogo-leases-{_user()}"):
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_own(folder) and os.access(folder, os.W_OK):
                return folder
    raise LeaseError("There is no folder for the leases of environments that only this user can write to.",
                     where=str(folder), fix="set XDG_STATE_HOME to such a folder.")


def _user() -> int:
    return os.getuid() if sys.platform != "win32" else 0


def _is_own(folder: Path) -> bool:
    """Whether no other user can write to the folder: one in /tmp could be anybody's."""
    status = folder.lstat()
    return sys.platform == "win32" or (stat.S_ISDIR(status.st_mode) and status.st_uid == _user()
                                       and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


@contextlib.contextmanager
def _locked(path: Path, name: str, wait_s: float, on_progress: Callable[[str], None]) -> Iterator[None]:
    lock = _lock_of(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if wait_s:
            on_progress(f"{name} is in use by {_holder_text(path)}; waiting at most {wait_s:g} s")
        try:
            lock.acquire(timeout=wait_s, poll_interval=_POLL_S)
        except Timeout:
            raise EnvironmentInUse(f"{name} is in use by {_holder_text(path)}.", where=str(path),
                                   fix="run the gate when the other one has ended, or with --wait SECONDS.") from None
    except (OSError, NotImplementedError) as error:  # some network file systems have no locks
        raise LeaseError(f"{name} cannot be leased: {getattr(error, 'strerror', None) or error}.", where=str(path),
                         fix="set XDG_STATE_HOME to a folder of a local disk.") from error
    try:
        yield
    finally:
        lock.release()


def _temporary_folder() -> str:
    try:
        return tempfile.mkdtemp(prefix=PREFIX)
    except OSError as error:
        raise LeaseError(f"There is no room for temporary files: {error.strerror}.", where=tempfile.gettempdir(),
                         fix="free space on the disk, or set TMPDIR to another folder.") from error


def _lock_of(path: Path) -> FileLock:
    return FileLock(path.with_suffix(".lock"))


def _holder_text(path: Path) -> str:
    return str(holder_in(path) or "a run that is just starting or ending")


def _key(url: str) -> str:
    """The same for every form of an address: a login in it does not count."""
    address = Address.of(url)
    return hashlib.sha256(f"{address.host}:{address.port}{urlsplit(url).path.rstrip('/')}".encode()).hexdigest()[:16]


def _write(path: Path, holder: Holder) -> None:
    fresh = path.with_suffix(".new")
    try:
        fresh.write_bytes(_HOLDER.dump_json(holder))
        fresh.replace(path)
    except OSError as error:
        raise LeaseError(f"The lease of {holder.environment} cannot be written: {error.strerror}.", where=str(path),
                         fix="free space on the disk, or set XDG_STATE_HOME to another folder.") from error
