"""payments: the references that the bank knows payments by."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from travel.chassis import Database
from travel.payments.reference import HIGHEST_COUNT, next_reference

SCHEMA = Path(__file__).parents[1] / "schema.sql"


def references(database: Database, *days: date) -> list[str]:
    with database.transaction() as connection:
        return [next_reference(connection, day) for day in days]


def test_references_are_twelve_digits_and_differ(tmp_path: Path) -> None:
    """Date and counter."""
    made = references(Database(tmp_path / "p.sqlite", SCHEMA), *[date(2027, 1, 15)] * 3)
    assert made == ["270115000001", "270115000002", "270115000003"]
    assert all(re.fullmatch(r"\d{12}", reference) for reference in made)


def test_each_day_counts_for_itself(tmp_path: Path) -> None:
    """The date keeps references of two days apart."""
    made = references(Database(tmp_path / "p.sqlite", SCHEMA), date(2027, 1, 15), date(2027, 1, 16))
    assert made == ["270115000001", "270116000001"]


def test_a_restart_repeats_no_reference(tmp_path: Path) -> None:
    """The counter outlives the process."""
    day = date(2027, 1, 15)
    before = references(Database(tmp_path / "p.sqlite", SCHEMA), day)
    assert references(Database(tmp_path / "p.sqlite", SCHEMA), day) != before


def test_a_thirteenth_digit_is_never_made(tmp_path: Path) -> None:
    """More payments than six digits can count are an error, not a longer reference."""
    database, day = Database(tmp_path / "p.sqlite", SCHEMA), date(2027, 1, 15)
    with database.transaction() as connection:
        connection.execute("INSERT INTO reference_counter VALUES ('270115', ?)", (HIGHEST_COUNT,))
    with pytest.raises(RuntimeError, match="more than"):
        references(database, day)
