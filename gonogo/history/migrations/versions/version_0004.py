"""Adds the documents that further kinds of evidence keep of each GO."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import LONGTEXT

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table("baseline_documents",
                    sa.Column("run", sa.String(64), primary_key=True),
                    sa.Column("kind", sa.String(64), primary_key=True),
                    sa.Column("document", sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb"), nullable=False))
