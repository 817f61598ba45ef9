"""What the components of an environment have written: kept as it is when they come up, put back for a fresh start.

A component's data is one SQLite file that is named like it; whoever runs meanwhile finds the other content in it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from travel.environments import Environment


def keep(environment: Environment, components: Iterable[str]) -> None:
    """Remember the data of these as it is now."""
    environment.first_data.mkdir(exist_ok=True)
    for component in components:
        discard(environment, [component])
        if _data_of(environment, component).exists():
            _copy(_data_of(environment, component), _kept_of(environment, component))


def put_back(environment: Environment, components: Iterable[str]) -> None:
    """Give these, which may run, what was kept of them."""
    for component in components:
        if _kept_of(environment, component).exists():
            _copy(_kept_of(environment, component), _data_of(environment, component))


def can_be_put_back(environment: Environment, component: str) -> bool:
    """Whether its data, if it has any, was kept."""
    return _kept_of(environment, component).exists() or not _data_of(environment, component).exists()


def discard(environment: Environment, components: Iterable[str]) -> None:
    """Forget what was kept of these: it is not what their code expects any more."""
    for component in components:
        _kept_of(environment, component).unlink(missing_ok=True)


def remove(environment: Environment, components: Iterable[str]) -> None:
    """Remove the data of these, which do not run."""
    for component in components:
        path = _data_of(environment, component)
        for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            file.unlink(missing_ok=True)


def _data_of(environment: Environment, component: str) -> Path:
    return environment.data / f"{component}.sqlite"


def _kept_of(environment: Environment, component: str) -> Path:
    return environment.first_data / f"{component}.sqlite"


def _copy(source: Path, target: Path) -> None:
    """By SQLite's own backup: it may be written to meanwhile, and read from."""
    with closing(sqlite3.connect(source)) as found, closing(sqlite3.connect(target, timeout=10)) as other:
        found.backup(other)
