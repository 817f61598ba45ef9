"""What the components of an environment have written: kept as it is when they come up, put back for a fresh start.

A component's data is one SQLite file that is named like it; whoever runs meanwhile finds the other content in it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Iterable
from contextlib import closing
from pathlib import Path

from travel.environments import Environment
from travel.errors import TravelError

_COPIED_WITHIN_S = 10.0


def keep(environment: Environment, components: Iterable[str]) -> None:
    """Remember the data of these as it is now. Raises TravelError."""
    environment.first_data.mkdir(exist_ok=True)
    for component in components:
        discard(environment, [component])
        if _data_of(environment, component).exists():
            kept = _kept_of(environment, component)
            draft = kept.with_suffix(".draft")
            draft.unlink(missing_ok=True)
            _copy(_data_of(environment, component), draft)
            draft.replace(kept)  # a part of it must never be put back


def put_back(environment: Environment, components: Collection[str]) -> None:
    """Give these, which may run, what was kept of them. Raises TravelError.

    Twice: until the last of them has its own back, one may still deliver what it had before to another that has.
    """
    for component in (*components, *components):
        if _kept_of(environment, component).exists():
            _copy(_kept_of(environment, component), _data_of(environment, component))


def can_be_put_back(environment: Environment, component: str) -> bool:
    """Whether its data, if it has any, was kept."""
    return _kept_of(environment, component).exists() or not _data_of(environment, component).exists()


def discard(environment: Environment, components: Iterable[str]) -> None:
    """Forget what was kept of these: it is not what their code expects any more."""
    for component in components:
        _kept_of(environment, component).unlink(missing_ok=True)


def remove_all_but_of(environment: Environment, components: Iterable[str]) -> None:
    """Remove whatever is there and is not the data of these; nobody else runs."""
    stays = {f"{_data_of(environment, component).name}{suffix}" for component in components
             for suffix in ("", "-wal", "-shm")}
    for file in environment.data.iterdir():
        if file.is_file() and file.name not in stays:
            file.unlink()


def _data_of(environment: Environment, component: str) -> Path:
    return environment.data / f"{component}.sqlite"


def _kept_of(environment: Environment, component: str) -> Path:
    return environment.first_data / f"{component}.sqlite"


def _copy(source: Path, target: Path) -> None:
    """By SQLite's own backup: it may be written to meanwhile, and read from."""
    deadline = time.monotonic() + _COPIED_WITHIN_S

    def look(*_: int) -> None:
        if time.monotonic() > deadline:
            raise sqlite3.OperationalError(f"it was not to be had within {_COPIED_WITHIN_S:g} s")

    try:
        with closing(sqlite3.connect(source)) as found, closing(sqlite3.connect(target)) as other:
            found.backup(other, progress=look)  # which would else try for ever where somebody holds a lock
    except sqlite3.Error as error:
        raise TravelError(f"{source} cannot be copied to {target}: {error}.", where=str(target),
                          fix="end the environment with `travel down`, and start it anew") from error
