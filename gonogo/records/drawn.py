"""drawn.json: the values that one attempt at a scenario drew, in the scenario's folder. No file if it drew none.

`scenarios.recording` writes it; its values are masked like all evidence, by their names too ("the password of Ana").
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gonogo.core.errors import EvidenceError
from gonogo.model.drawn import DrawnValue, DrawnValues
from gonogo.records.run_folder import write_json
from gonogo.secrets.masking import Masker

DRAWN_FILE = "drawn.json"
MAX_VALUES = 1_000
MAX_CHARS = 1_000  # of a name or a value
MAX_BYTES = 16 * 1024 * 1024  # of the file, as it is read

Text = Annotated[str, Field(max_length=2 * MAX_CHARS)]  # masks can be longer than what they mask


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Text
    value: Text
    unique: Text = ""


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    schema_: Literal[1] = Field(alias="schema")
    drawn: list[_Value] = Field(max_length=MAX_VALUES)
    left_out: int = Field(0, ge=0)


def write_drawn(folder: Path, drawn: DrawnValues, masker: Masker) -> None:
    """Write `folder`/drawn.json in one step, up to the bounds; what is past them is counted as left out."""
    kept = bounded(drawn)
    if kept:
        document = {"schema": 1, "drawn": [_masked(each, masker) for each in kept.values], "left_out": kept.left_out}
        write_json(folder / DRAWN_FILE, document, masker)


def read_drawn(folder: Path) -> DrawnValues:
    """The values that the attempt with this evidence folder drew; none without a file. Raises EvidenceError."""
    path = folder / DRAWN_FILE
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return DrawnValues()
    except OSError as error:
        raise _damaged(path) from error
    if len(content) > MAX_BYTES:
        raise _damaged(path)
    try:
        document = _Document.model_validate(json.loads(content))
    except (ValueError, RecursionError, ValidationError) as error:
        raise _damaged(path) from error
    return DrawnValues(tuple(DrawnValue(each.name, each.value, each.unique) for each in document.drawn),
                       document.left_out)


def bounded(drawn: DrawnValues) -> DrawnValues:
    """The values within the bounds. One that is too long is left out as a whole: a part of it is another value."""
    short = [each for each in drawn.values
             if max(len(each.name), len(each.value), len(each.unique)) <= MAX_CHARS]
    kept = tuple(short[:MAX_VALUES])
    return DrawnValues(kept, drawn.left_out + len(drawn.values) - len(kept))


def _masked(drawn: DrawnValue, masker: Masker) -> object:
    """The value masked if its name is a secret's, as a whole: a mask has no unique part."""
    plain = {"name": drawn.name, "value": drawn.value}
    masked = masker.members(plain)
    return {**plain, "unique": drawn.unique} if masked == plain else masked


def _damaged(path: Path) -> EvidenceError:
    return EvidenceError("The record of drawn values is damaged.", where=str(path),
                         fix="run the stage again; only the worker may write this file.")
