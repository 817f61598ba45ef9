"""The report of a child process that checks a part of the suite: a JSON document with problems and contents.

The gate imports neither load profiles nor steps: a child process loads each, as the stage will.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gonogo.core.errors import EvidenceError, GonogoError
from gonogo.records.run_folder import write_whole
from gonogo.secrets.masking import Masker


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProblemDocument(_Document):
    """A problem: what is wrong, where, and the fix."""

    what: str = Field(min_length=1)
    where: str
    fix: str


class CheckDocument(_Document):
    """`personas`: load profile → persona → weight; `scenarios`: the number of selected scenarios."""

    schema_: Literal[1] = Field(1, alias="schema")
    problems: list[ProblemDocument]
    personas: dict[str, dict[str, int]] = Field(default_factory=dict)
    scenarios: int = Field(0, ge=0)

    def as_json(self) -> str:
        return self.model_dump_json(by_alias=True)


def problems_of(errors: Iterable[GonogoError]) -> list[ProblemDocument]:
    return [ProblemDocument(what=error.what, where=error.where, fix=error.fix) for error in errors]


def write_check(path: Path, document: CheckDocument, masker: Masker) -> None:
    write_whole(path, document.as_json() + "\n", masker)


def read_check(path: Path) -> CheckDocument:
    """Raises EvidenceError if the report is missing or not valid."""
    try:
        return CheckDocument.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise EvidenceError("The check wrote no valid report.", where=str(path),
                            fix="fix the errors in its output.") from error
