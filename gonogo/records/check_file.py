"""What a child process that checks a part of the suite reports: its mistakes, and what it found. One JSON document.

The gate imports neither load profiles nor steps: each is read in a process of its own, as the stage will read it.
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
    """A mistake: what is wrong, where, and the fix."""

    what: str = Field(min_length=1)
    where: str
    fix: str


class CheckDocument(_Document):
    """`personas` are by load profile, each with its weight; `scenarios` are those that are selected."""

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
    """Raises EvidenceError where there is none, or none that is whole."""
    try:
        return CheckDocument.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise EvidenceError("The check left no report.", where=str(path), fix="look at what it printed.") from error
