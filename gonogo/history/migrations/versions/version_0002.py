"""Adds images of runs, durations by environment and a key for masks; stores documents as text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import LONGTEXT

revision = "0002"
down_revision = "0001"

_DOCUMENT = sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb")
_ROWS_AT_ONCE = 500


def upgrade() -> None:
    with op.batch_alter_table("runs") as runs:
        runs.alter_column("release", new_column_name="images", existing_type=sa.JSON(), type_=_DOCUMENT,
                          existing_nullable=False, postgresql_using="release::text")
    with op.batch_alter_table("load_figures") as load:
        load.alter_column("document", existing_type=sa.JSON(), type_=_DOCUMENT, existing_nullable=False,
                          postgresql_using="document::text")
    _traffic()
    _durations()
    op.create_table("secret_keys",
                    sa.Column("name", sa.String(32), primary_key=True),
                    sa.Column("value", sa.String(128), nullable=False))


def _traffic() -> None:
    traffic = op.create_table("traffic",
                              sa.Column("run", sa.String(64), primary_key=True),
                              sa.Column("document", _DOCUMENT, nullable=False),
                              sa.Column("calls", _DOCUMENT, nullable=False))
    wire = sa.table("wire", *map(sa.column, ("run", "document", "touched")))
    op.execute(traffic.insert().from_select(["run", "document", "calls"], sa.select(
        wire.c.run, sa.cast(wire.c.document, sa.Text), sa.cast(wire.c.touched, sa.Text))))
    op.drop_table("wire")


def _durations() -> None:
    """Copy each duration to every environment, as version 0001 did not store the environment."""
    durations = op.create_table("scenario_durations",
                                sa.Column("environment", sa.String(128), primary_key=True),
                                sa.Column("digest", sa.String(64), primary_key=True),
                                sa.Column("scenario", _DOCUMENT, nullable=False),
                                sa.Column("seconds", sa.Float, nullable=False))
    runs, old = sa.table("runs", sa.column("environment")), sa.table("durations", sa.column("scenario"),
                                                                     sa.column("seconds"))
    connection = op.get_bind()
    environments = connection.execute(sa.select(runs.c.environment).distinct()).scalars().all()
    known = connection.execute(sa.select(old.c.scenario, old.c.seconds)).all()
    rows = ({"environment": environment, "digest": hashlib.sha256(scenario.encode()).hexdigest(),
             "scenario": scenario, "seconds": seconds}
            for environment in environments for scenario, seconds in known
            if isinstance(scenario, str) and isinstance(seconds, float))
    for part in _in_parts(rows):
        connection.execute(durations.insert(), part)
    op.drop_table("durations")


def _in_parts(rows: Iterable[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    remaining = iter(rows)
    while part := list(islice(remaining, _ROWS_AT_ONCE)):
        yield part
