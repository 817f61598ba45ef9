"""The version of the history's tables: read, and brought up to what this code knows, by whoever opens it first.

The steps themselves stand in `migrations/`.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, inspect, text

from gonogo.core.errors import HistoryError
from gonogo.history.connecting import VARIABLE, write_transaction
from gonogo.history.tables import VERSION


def bring_up_to_date(engine: Engine) -> None:
    """Raises HistoryError where a newer gonogo, or another program, has made the tables."""
    with engine.connect() as connection:
        if _is_current(connection):
            return
    from gonogo.history.migrations import run_migrations  # noqa: PLC0415  Alembic, where it is needed alone

    with write_transaction(engine) as connection:
        if not _is_current(connection):  # another gate was faster
            run_migrations(connection)


def _is_current(connection: Connection) -> bool:
    """Whether it is of this code's version; False where an older gonogo has made it, or nobody yet."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    versions = [str(row[0]) for row in connection.execute(text("SELECT version_num FROM alembic_version"))]
    if not versions:
        return False
    if len(versions) > 1 or not versions[0].isdecimal():
        raise HistoryError(f"The tables are of version {', '.join(sorted(versions))}, which is not gonogo's.",
                           where=VARIABLE, fix="name a database of its own for the history.")
    if int(versions[0]) > int(VERSION):
        raise HistoryError(f"A newer gonogo has made the tables: version {versions[0]}; this one knows {VERSION}.",
                           where=VARIABLE, fix="upgrade gonogo, or name another database.")
    return versions[0] == VERSION
