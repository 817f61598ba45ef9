"""The tables as they were before they had a version: whichever of them an older gonogo has not made yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_metadata = sa.MetaData()
sa.Table("runs", _metadata,
         sa.Column("run", sa.String(64), primary_key=True),
         sa.Column("environment", sa.String(128), nullable=False, index=True),
         sa.Column("answer", sa.String(16), nullable=False),
         sa.Column("started", sa.String(40), nullable=False),
         sa.Column("release", sa.JSON, nullable=False))
sa.Table("wire", _metadata,
         sa.Column("run", sa.String(64), primary_key=True),
         sa.Column("document", sa.JSON, nullable=False),
         sa.Column("touched", sa.JSON, nullable=False))
sa.Table("load_figures", _metadata,
         sa.Column("run", sa.String(64), primary_key=True),
         sa.Column("profile", sa.String(128), primary_key=True),
         sa.Column("document", sa.JSON, nullable=False))
sa.Table("promotions", _metadata,
         sa.Column("run", sa.String(64), primary_key=True),
         sa.Column("at", sa.String(40), nullable=False))
sa.Table("durations", _metadata,
         sa.Column("scenario", sa.String(512), primary_key=True),  # it was 1024, more than MySQL has an index for
         sa.Column("seconds", sa.Float, nullable=False))


def upgrade() -> None:
    _metadata.create_all(op.get_bind())
