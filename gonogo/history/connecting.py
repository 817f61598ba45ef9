"""Connects to the database of the history, with time limits. It knows no table.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError

from gonogo.core.errors import HistoryError
from gonogo.records.run_folder import RUNS_FOLDER

VARIABLE = "GONOGO_HISTORY"
MAX_LOCK_S = 10  # how long to wait for a locked database
_MAX_CONNECT_S = 10
_MAX_STATEMENT_S = 30
_WRITES = "gonogo_writes"
_LOCK = "gonogo history"


def default_file(root: Path) -> Path:
    return root / RUNS_FOLDER / "history.sqlite"


def history_folder(root: Path, environ: Mapping[str, str]) -> Path:
    """The folder of the history's file; `root`/runs if it is in another kind of database."""
    with contextlib.suppress(ArgumentError):
        url = make_url(environ.get(VARIABLE, ""))
        is_file = url.database and not url.database.startswith((":", "file:"))
        if url.get_backend_name() == "sqlite" and is_file:
            return Path(root, str(url.database)).parent
    return default_file(root).parent


def history_engine(root: Path, environ: Mapping[str, str]) -> Engine:
    """Return the engine for GONOGO_HISTORY, any SQLAlchemy URL; without it, for SQLite in runs/.

    Raises the errors of SQLAlchemy, the driver's import and the file system.
    """
    url = _url(root, environ)
    engine = create_engine(url, connect_args=_bounds(url))
    if url.get_backend_name() == "sqlite":
        _set_up_sqlite(engine)
    return engine


@contextlib.contextmanager
def write_transaction(engine: Engine) -> Iterator[Connection]:
    """A transaction with an exclusive lock: what it reads is still current when it writes, and writers do not conflict.

    SQLite and PostgreSQL release the lock with the transaction. In a database without such a lock, the later of two
    writers of the same row fails.
    """
    with engine.execution_options(**{_WRITES: True}).connect() as connection:
        if engine.dialect.name in ("mysql", "mariadb"):
            with _locked_session(connection), connection.begin():
                yield connection
            return
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(zlib.crc32(_LOCK.encode()))))
            yield connection


@contextlib.contextmanager
def _locked_session(connection: Connection) -> Iterator[None]:
    """MySQL's lock belongs to the session; each transaction within it sees earlier commits."""
    locked = connection.execute(select(func.get_lock(_LOCK, MAX_LOCK_S))).scalar()
    connection.commit()
    if locked != 1:
        raise HistoryError("Another process is writing to the history.",
                           where=VARIABLE, fix="run the command again when the other process has ended.")
    try:
        yield
    finally:
        connection.execute(select(func.release_lock(_LOCK)))
        connection.commit()


def _url(root: Path, environ: Mapping[str, str]) -> URL:
    url = environ.get(VARIABLE)
    if url:
        return make_url(url)
    path = default_file(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    return URL.create("sqlite", database=str(path))


def _bounds(url: URL) -> dict[str, Any]:
    """Return the driver's time limits, if it is known to have any; settings in the URL take precedence."""
    driver = (url.get_backend_name(), url.get_driver_name())
    bounds: dict[str, Any] = {}
    if driver == ("sqlite", "pysqlite"):
        bounds = {"timeout": MAX_LOCK_S}
    elif driver[0] == "postgresql" and driver[1] in ("psycopg", "psycopg2"):
        bounds = {"connect_timeout": _MAX_CONNECT_S,
                  "options": f"-c lock_timeout={MAX_LOCK_S}s -c statement_timeout={_MAX_STATEMENT_S}s"}
    elif driver[0] in ("mysql", "mariadb") and driver[1] in ("pymysql", "mysqldb"):
        bounds = {"connect_timeout": _MAX_CONNECT_S}
    return {name: value for name, value in bounds.items() if name not in url.query}


def _set_up_sqlite(engine: Engine) -> None:
    """Set up transactions that include changes of tables, and text that is readable with invalid bytes."""

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: object) -> None:  # noqa: ANN401  a connection of the driver's
        connection.isolation_level = None  # the driver must not begin transactions
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
