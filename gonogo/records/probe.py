"""requests.ndjson, the record of the probe stage: a line for each request with the classes of its answers.

`stages.probe` judges it. Its requests hold what the stage itself made, with placeholders for what a sign-in returned:
only known secrets are masked in them, so that they can be sent again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gonogo.core.errors import EvidenceError
from gonogo.model.probing import ProbedRequest, ProbeEvidence
from gonogo.secrets.masking import Masker

REQUESTS_FILE = "requests.ndjson"
MAX_RECORD_BYTES = 256 * 1024 * 1024


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProbeLine(_Line):
    """The first line: what is to be probed, and how many requests of the baseline are to be sent again."""

    kind: Literal["probe"] = "probe"
    schema_: Literal[1] = Field(1, alias="schema")
    url: str
    signed: bool
    planned: int = Field(ge=0)
    excluded: int = Field(0, ge=0)


class OperationsLine(_Line):
    """What the documents have, once it is known."""

    kind: Literal["operations"] = "operations"
    operations: int = Field(ge=0)
    left_out: tuple[str, ...] = ()


class RequestLine(_Line):
    kind: Literal["request"] = "request"
    probed: ProbedRequest


class UnfilledLine(_Line):
    """A request of the baseline that needs a value which there is not."""

    kind: Literal["unfilled"] = "unfilled"
    operation: str
    name: str


class ProbeEndLine(_Line):
    """The last line; a record without it is incomplete."""

    kind: Literal["end"] = "end"
    stopped_by: Literal["", "time", "requests", "no answer"] = ""
    refused: tuple[str, ...] = ()
    fault: str = ""
    sign_in_error: str = ""


_AnyLine = TypeAdapter[ProbeLine | OperationsLine | RequestLine | UnfilledLine | ProbeEndLine](Annotated[
    ProbeLine | OperationsLine | RequestLine | UnfilledLine | ProbeEndLine, Field(discriminator="kind")])


class ProbeWriter:
    """Writes the record line by line; each is flushed before the call returns."""

    def __init__(self, path: Path, masker: Masker) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8")
        self._masker = masker

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, line: _Line) -> None:
        document = self._masker.only_known_in(line.model_dump(mode="json", by_alias=True))
        self._file.write(json.dumps(document, ensure_ascii=False) + "\n")
        self._file.flush()


def read_probe(path: Path) -> ProbeEvidence:
    """The record, also of a process that was killed: an incomplete last line is ignored. Raises EvidenceError."""
    damaged = EvidenceError("The record of the probe is damaged.", where=str(path),
                            fix="run the stage again; only the stage's own process may write this file.")
    try:
        if path.stat().st_size > MAX_RECORD_BYTES:
            raise damaged
        text = path.read_text(encoding="utf-8")
        lines = [_AnyLine.validate_json(line) for line in text.split("\n")[:-1]]
    except (OSError, ValueError, ValidationError, RecursionError) as error:
        raise damaged from error
    if not lines:
        return ProbeEvidence(url="")
    first, *others = lines
    if not isinstance(first, ProbeLine) or any(isinstance(line, ProbeLine) for line in others):
        raise damaged
    ends = [line for line in others if isinstance(line, ProbeEndLine)]
    if ends and (len(ends) > 1 or others[-1] is not ends[0]):
        raise damaged
    end = ends[0] if ends else ProbeEndLine()
    operations = next((line for line in others if isinstance(line, OperationsLine)), OperationsLine(operations=0))
    return ProbeEvidence(
        url=first.url, signed=first.signed, planned=first.planned, excluded=first.excluded,
        requests=tuple(line.probed for line in others if isinstance(line, RequestLine)),
        unfilled=tuple(f"{line.operation}: {line.name}" for line in others if isinstance(line, UnfilledLine)),
        operations=operations.operations, left_out=operations.left_out, closed=bool(ends), refused=end.refused,
        stopped_by=end.stopped_by, fault=end.fault, sign_in_error=end.sign_in_error)
