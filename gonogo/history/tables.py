"""The tables of the history, as of the newest migration.

JSON is stored as text and decoded in `reading`, so that a damaged document does not fail the whole query.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, MetaData, String, Table, Text
from sqlalchemy.dialects.mysql import LONGTEXT

VERSION = "0004"  # of the newest migration

_DOCUMENT = Text().with_variant(LONGTEXT(), "mysql", "mariadb")
_metadata = MetaData()

RUNS = Table(
    "runs", _metadata,
    Column("run", String(64), primary_key=True),
    Column("environment", String(128), nullable=False, index=True),
    Column("answer", String(16), nullable=False),
    Column("started", String(40), nullable=False),
    Column("images", _DOCUMENT, nullable=False),  # component → digest of the running image
)

# For each GO: the shapes of its exchanges, and the kinds of call of each scenario.
TRAFFIC = Table(
    "traffic", _metadata,
    Column("run", String(64), primary_key=True),
    Column("document", _DOCUMENT, nullable=False),
    Column("calls", _DOCUMENT, nullable=False),
)

# For each GO: the keys of the scenarios that ran, by stage.
RAN = Table(
    "ran_scenarios", _metadata,
    Column("run", String(64), primary_key=True),
    Column("document", _DOCUMENT, nullable=False),
)

# For each GO: the figures of its load profiles.
LOAD = Table(
    "load_figures", _metadata,
    Column("run", String(64), primary_key=True),
    Column("profile", String(128), primary_key=True),
    Column("document", _DOCUMENT, nullable=False),
)

# For each GO: what further kinds of evidence keep of it; a kind reads and checks its own documents.
DOCUMENTS = Table(
    "baseline_documents", _metadata,
    Column("run", String(64), primary_key=True),
    Column("kind", String(64), primary_key=True),
    Column("document", _DOCUMENT, nullable=False),
)

# Runs whose release was deployed; `at` is ISO 8601, UTC, with microseconds.
PROMOTIONS = Table(
    "promotions", _metadata,
    Column("run", String(64), primary_key=True),
    Column("at", String(40), nullable=False),
)

# Duration of each scenario's last pass; `digest` is the SHA-256 of its key, whose length is unlimited.
DURATIONS = Table(
    "scenario_durations", _metadata,
    Column("environment", String(128), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("scenario", _DOCUMENT, nullable=False),
    Column("seconds", Float, nullable=False),
)

# Secrets of this history, in hex; never exported.
KEYS = Table(
    "secret_keys", _metadata,
    Column("name", String(32), primary_key=True),
    Column("value", String(128), nullable=False),
)
