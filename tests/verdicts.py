"""verdict.json as the tests read it, validated against its JSON Schema each time."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from gonogo.records.verdict_file import verdict_schema


def checked_verdict(folder: Path) -> dict[str, Any]:
    """The verdict of a run folder, which must match the schema of `gonogo schema verdict`."""
    document: dict[str, Any] = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    assert_valid(document)
    return document


def assert_valid(document: dict[str, Any]) -> None:
    faults = [f"{error.json_path}: {error.message}" for error in _validator().iter_errors(document)]
    assert not faults, faults


def written(run: str = "r1", environment: str = "preprod", verdict: str = "GO") -> dict[str, Any]:
    """A complete verdict document of a run, written by no gate."""
    return {"schema": 2, "run": run, "environment": environment, "verdict": verdict, "reasons": [], "suspects": [],
            "no_suspect": "", "stages": {}, "not_checked": [], "undocumented": [], "release": {},
            "started": "2026-01-01T00:00:00Z", "ended": "2026-01-01T00:01:00Z"}


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    schema = verdict_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)
