"""The migrations of the history's tables, run by Alembic without a configuration file.

A new migration is a module in `versions/`; `tables.VERSION` is the newest.
"""

from __future__ import annotations

import threading

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

_one_at_a_time = threading.Lock()  # Alembic's `op` and `context` are global to the process


def run_migrations(connection: Connection) -> None:
    """Run every missing migration, within the transaction of `connection`."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "gonogo.history:migrations")
    with _one_at_a_time:
        command.upgrade(config, "head")
