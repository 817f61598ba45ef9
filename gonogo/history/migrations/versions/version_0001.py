"""Creates the tables that existed before versions, unless an older gonogo created them."""

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
         sa.Column("scenario", sa.String(512), primary_key=True),  # was 1024, which is too long for an index of MySQL
         sa.Column("seconds", sa.Float, nullable=False))


def upgrade() -> None:
    _metadata.create_all(op.get_bind())
