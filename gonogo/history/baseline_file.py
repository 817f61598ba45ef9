"""Writes and reads a baseline as a file. Equal baselines give identical files; a file is checked when it is read.

`store` selects the baseline and reads it from the database.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gonogo.core.errors import UsageError
from gonogo.history.reading import strict_json

KIND = "gonogo baseline"
SCHEMA = 1
_FIX = "export the baseline again with `gonogo baseline export`, and copy the file unchanged."

_Text = Annotated[str, Field(min_length=1)]
_Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00$")]
_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class BaselineContents(_Strict):
    """One baseline: the data to compare later runs with and to order their scenarios by.

    `promoted` is when its release was deployed, None for a GO that is not promoted yet. `images` are component →
    digest, `calls` scenario → [caller, callee, call], `load` profile → document, `durations` scenario → seconds,
    `scenarios` stage → scenarios that ran, None if an older gonogo recorded the run; `documents` are by kind of
    evidence.
    """

    run: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    environment: _Text
    started: _Moment
    promoted: _Moment | None
    images: dict[_Text, _Text]
    traffic: dict[str, object] | None
    calls: dict[str, list[tuple[str, str, str]]]
    load: dict[_Text, dict[str, object]]
    durations: dict[str, _Seconds]
    scenarios: dict[_Text, list[str]] | None = None
    documents: dict[_Text, dict[str, object]] = Field(default_factory=dict)


class _File(_Strict):
    """`digest` is the SHA-256 of `baseline`, as compact JSON with sorted keys."""

    kind: Literal["gonogo baseline"]
    schema_: Literal[1] = Field(alias="schema")
    digest: str
    baseline: BaselineContents


def baseline_text(contents: BaselineContents) -> str:
    """Return the file's text. Equal contents give equal texts."""
    baseline = contents.model_dump(mode="json")
    document = {"kind": KIND, "schema": SCHEMA, "digest": _digest_of(baseline), "baseline": baseline}
    return json.dumps(document, indent=1, sort_keys=True, allow_nan=False) + "\n"


def read_baseline(raw: bytes, where: str) -> BaselineContents:
    """Return the baseline in a file. Raises UsageError if the file is invalid or was changed."""
    try:
        document = strict_json(raw)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"The file is not valid JSON: {_first_line(error)}.", where=where, fix=_FIX) from error
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise UsageError("The file is not a gonogo baseline.", where=where,
                         fix="name a file that `gonogo baseline export` wrote.")
    schema = document.get("schema")
    if schema != SCHEMA:
        raise UsageError(f"The baseline has schema {schema!r}; this gonogo reads schema {SCHEMA}.", where=where,
                         fix="use the same version of gonogo for export and import.")
    if document.get("digest") != _digest_of(document.get("baseline")):
        raise UsageError("The baseline was changed after the export: its digest does not match.", where=where, fix=_FIX)
    try:
        return _File.model_validate_json(raw).baseline
    except ValidationError as error:
        first = error.errors()[0]
        place = " → ".join(str(part) for part in first["loc"]) or "the document"
        raise UsageError(f"The file is not a valid baseline: {first['msg']}.", where=f"{where}: {place}",
                         fix=_FIX) from error


def _digest_of(baseline: object) -> str:
    compact = json.dumps(baseline, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(compact.encode("ascii")).hexdigest()


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
