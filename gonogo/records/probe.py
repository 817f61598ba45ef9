"""requests.ndjson, the record of the probe stage: a line for each request with the classes of its answers.

`stages.probe` judges it. Its requests hold what the stage itself made, with placeholders for what a sign-in returned:
only known secrets are masked in them, so that they can be sent again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from gonogo.model.probing import ProbedRequest, ProbeEvidence
from gonogo.records.stage_record import Line, LineWriter, read_lines
from gonogo.secrets.masking import Masker

REQUESTS_FILE = "requests.ndjson"


class ProbeLine(Line):
    """The first line: what is to be probed, and how many requests of the baseline are to be sent again."""

    kind: Literal["probe"] = "probe"
    schema_: Literal[1] = Field(1, alias="schema")
    url: str
    signed: bool
    planned: int = Field(ge=0)
    excluded: int = Field(0, ge=0)


class OperationsLine(Line):
    """What the documents have, once it is known."""

    kind: Literal["operations"] = "operations"
    operations: int = Field(ge=0)
    left_out: tuple[str, ...] = ()


class RequestLine(Line):
    kind: Literal["request"] = "request"
    probed: ProbedRequest


class UnfilledLine(Line):
    """A request of the baseline that needs a value which there is not."""

    kind: Literal["unfilled"] = "unfilled"
    operation: str
    name: str


class ProbeEndLine(Line):
    """The last line; a record without it is incomplete."""

    kind: Literal["end"] = "end"
    stopped_by: Literal["", "time", "requests", "no answer"] = ""
    refused: tuple[str, ...] = ()
    fault: str = ""
    sign_in_error: str = ""


_AnyLine = TypeAdapter[ProbeLine | OperationsLine | RequestLine | UnfilledLine | ProbeEndLine](Annotated[
    ProbeLine | OperationsLine | RequestLine | UnfilledLine | ProbeEndLine, Field(discriminator="kind")])


def probe_writer(path: Path, masker: Masker) -> LineWriter:
    """Only what is a secret is masked, so that a request can be sent again."""
    return LineWriter(path, masker.only_known_in)


def read_probe(path: Path) -> ProbeEvidence:
    """The record, also of a process that was killed: an incomplete last line is ignored. Raises EvidenceError."""
    first, others, end = read_lines(path, _AnyLine, ProbeLine, ProbeEndLine, of="the probe")
    if first is None:
        return ProbeEvidence(url="")
    ended = end or ProbeEndLine()
    operations = next((line for line in others if isinstance(line, OperationsLine)), OperationsLine(operations=0))
    return ProbeEvidence(
        url=first.url, signed=first.signed, planned=first.planned, excluded=first.excluded,
        requests=tuple(line.probed for line in others if isinstance(line, RequestLine)),
        unfilled=tuple(f"{line.operation}: {line.name}" for line in others if isinstance(line, UnfilledLine)),
        operations=operations.operations, left_out=operations.left_out, closed=end is not None,
        refused=ended.refused, stopped_by=ended.stopped_by, fault=ended.fault, sign_in_error=ended.sign_in_error)
