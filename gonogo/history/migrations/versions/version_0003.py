"""Adds the scenarios that ran in each GO."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import LONGTEXT

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table("ran_scenarios",
                    sa.Column("run", sa.String(64), primary_key=True),
                    sa.Column("document", sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb"), nullable=False))
