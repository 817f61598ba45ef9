"""Fixtures of every test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.verdicts import assert_valid


@pytest.fixture(autouse=True)
def every_verdict_is_as_its_schema_says(request: pytest.FixtureRequest) -> Iterator[None]:
    """Validate each verdict.json that the gates of a test left against the schema of `gonogo schema verdict`.

    Files that a test writes itself, to see them rejected, have no `schema`.
    """
    folder: Path | None = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    yield
    for path in folder.glob("**/runs/*/verdict.json") if folder else ():
        if not path.parent.is_symlink() and '"schema"' in (text := path.read_text(encoding="utf-8")):
            assert_valid(json.loads(text))
