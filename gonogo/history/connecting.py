"""The database of the history: where it is, and how long each thing that is asked of it may take.

No table is known here.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select

from gonogo.core.errors import HistoryError
from gonogo.records.run_folder import RUNS_FOLDER

VARIABLE = "GONOGO_HISTORY"
MAX_LOCK_S = 10  # how long a locked database is waited for
_MAX_CONNECT_S = 10
_MAX_STATEMENT_S = 30
_WRITES = "gonogo_writes"
_LOCK = "gonogo history"


def default_file(root: Path) -> Path:
    return root / RUNS_FOLDER / "history.sqlite"


def history_engine(root: Path, environ: Mapping[str, str]) -> Engine:
    """The database that GONOGO_HISTORY names, any SQLAlchemy URL; without it SQLite, in runs/.

    Raises what SQLAlchemy, the driver's import and the file system raise.
    """
    url = _url(root, environ)
    engine = create_engine(url, connect_args=_bounds(url))
    if url.get_backend_name() == "sqlite":
        _set_up_sqlite(engine)
    return engine


@contextlib.contextmanager
def write_transaction(engine: Engine) -> Iterator[Connection]:
    """One writer at a time, from where it begins: what it reads is still so when it writes, and none fails another.

    SQLite and PostgreSQL give the lock back with the transaction. Where a database has no such lock, the later of two
    that write the same row fails.
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
    """MySQL's lock, which is the session's; each transaction within it sees what was committed before."""
    locked = connection.execute(select(func.get_lock(_LOCK, MAX_LOCK_S))).scalar()
    connection.commit()
    if locked != 1:
        raise HistoryError("Another process is writing to the history.", where=VARIABLE, fix="try again.")
    try:
        yield
    finally:
        connection.execute(select(func.release_lock(_LOCK)))
        connection.commit()


def _url(root: Path, environ: Mapping[str, str]) -> URL:
    named = environ.get(VARIABLE)
    if named:
        return make_url(named)
    path = default_file(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    return URL.create("sqlite", database=str(path))


def _bounds(url: URL) -> dict[str, Any]:
    """Of the drivers that are known to have such settings; the URL's own are kept."""
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
    """Transactions that hold for changes of tables too, and texts that are read whatever bytes they are made of."""

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: object) -> None:  # noqa: ANN401  a connection of the driver's
        connection.isolation_level = None  # the driver itself begins none
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
