"""Reads the version of the history's tables and migrates them to the current version.

The migrations are in `migrations/`.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, inspect, text

from gonogo.core.errors import HistoryError
from gonogo.history.connecting import VARIABLE, write_transaction
from gonogo.history.tables import VERSION


def migrate(engine: Engine) -> None:
    """Migrate the tables. Raises HistoryError if a newer gonogo or another program created them."""
    with engine.connect() as connection:
        if _is_current(connection):
            return
    from gonogo.history.migrations import run_migrations  # noqa: PLC0415  it imports Alembic

    with write_transaction(engine) as connection:
        if not _is_current(connection):  # another process may have migrated meanwhile
            run_migrations(connection)


def _is_current(connection: Connection) -> bool:
    """Return whether the tables have the current version; False if they are older or do not exist."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    versions = [str(row[0]) for row in connection.execute(text("SELECT version_num FROM alembic_version"))]
    if not versions:
        return False
    if len(versions) > 1 or not versions[0].isdecimal():
        raise HistoryError(f"The tables have version {', '.join(sorted(versions))}, which is not a gonogo version.",
                           where=VARIABLE, fix="use a separate database for the history.")
    if int(versions[0]) > int(VERSION):
        raise HistoryError(f"The tables have version {versions[0]}; this gonogo supports up to {VERSION}.",
                           where=VARIABLE, fix="upgrade gonogo, or use another database.")
    return versions[0] == VERSION
