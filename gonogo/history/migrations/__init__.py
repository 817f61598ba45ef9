"""The steps from each version of the history's tables to the next, run by Alembic without a file in a user's folder.

A new step is a module of `versions/`; `tables.VERSION` names the newest.
"""

from __future__ import annotations

import threading

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

_one_at_a_time = threading.Lock()  # Alembic's `op` and `context` are the process's, not a thread's


def run_migrations(connection: Connection) -> None:
    """Every step that is missing, within the transaction of `connection`."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "gonogo.history:migrations")
    with _one_at_a_time:
        command.upgrade(config, "head")
