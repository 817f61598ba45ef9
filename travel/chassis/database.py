"""SQLite in WAL mode: one file a component, one connection a thread."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class _Connection(sqlite3.Connection):
    """Closed with its thread, or with the database, whichever ends first."""

    def __del__(self) -> None:
        self.close()


class Database:
    """A component's own data.

    `schema` is run at every start (write it with IF NOT EXISTS). Rows are `sqlite3.Row`.
    Reads go through `one` and `all`; every change goes through `transaction()`, which takes
    the write lock at once, so that what is read inside it cannot change before it commits.
    """

    def __init__(self, path: Path | str, schema: Path) -> None:
        self._path = str(path)
        self._local = threading.local()
        Path(self._path).parent.mkdir(parents=True, exist_ok=True)
        self._connection.executescript(schema.read_text(encoding="utf-8"))

    @property
    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # one thread uses it; another one may close it
            connection = sqlite3.connect(self._path, timeout=10, isolation_level=None, factory=_Connection,
                                         check_same_thread=False)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            self._local.connection = connection
        return connection

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._connection.execute(sql, parameters).fetchone()
        return row

    def all(self, sql: str, parameters: Sequence[Any] = ()) -> list[sqlite3.Row]:
        return self._connection.execute(sql, parameters).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """BEGIN IMMEDIATE … COMMIT; rolled back if the block raises. Not reentrant."""
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
