"""verdict.json, schema 2, for other programs, and its JSON Schema. It is the last file that a run writes.

Members are only added, never changed. Titles are texts for people; programs read rule, subject and parameters.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gonogo.core.errors import EvidenceError
from gonogo.model.findings import (
    ComponentSubject,
    EndpointSubject,
    GateSubject,
    NoParameters,
    PairSubject,
    Parameters,
    PluginParameters,
    StageSubject,
    Subject,
)
from gonogo.model.identity import ScenarioId
from gonogo.model.rules import RULES
from gonogo.records.run_folder import VERDICT_FILE

_KINDS: dict[type[Subject], str] = {
    ScenarioId: "scenario", GateSubject: "gate", StageSubject: "stage", ComponentSubject: "component",
    PairSubject: "pair", EndpointSubject: "endpoint"}


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GateDocument(_Document):
    """The run as a whole."""

    kind: Literal["gate"]


class StageDocument(_Document):
    """A stage; for load, `part` is a profile."""

    kind: Literal["stage"]
    stage: str
    part: str


class ScenarioDocument(_Document):
    """A scenario or a row of a scenario outline; `row` is 0 for a scenario."""

    kind: Literal["scenario"]
    uri: str
    rule: str
    name: str
    ordinal: int = Field(ge=1)
    cells: list[tuple[str, str]]
    row: int = Field(ge=0)


class ComponentDocument(_Document):
    kind: Literal["component"]
    component: str


class PairDocument(_Document):
    kind: Literal["pair"]
    component: str
    peer: str


class EndpointDocument(_Document):
    """An operation ("POST /bookings") of a component, "" if unknown; `part` is a load profile."""

    kind: Literal["endpoint"]
    operation: str
    component: str
    part: str


SubjectDocument = Annotated[
    GateDocument | StageDocument | ScenarioDocument | ComponentDocument | PairDocument | EndpointDocument,
    Field(discriminator="kind")]


class WaivedDocument(_Document):
    """The waiver in exceptions.yml that turns a finding that stops the release into a warning."""

    owner: str
    reason: str
    expires: date = Field(description="The last day on which the waiver holds (UTC).")


class ReasonDocument(_Document):
    """A finding; worst first. Its parameters depend on the rule."""

    stage: str
    rule: str
    severity: Literal["void", "block", "inconclusive", "warn"]
    title: str
    component: str | None
    peer: str | None
    evidence: list[str] = Field(description="Paths in the run folder.")
    subject: SubjectDocument
    parameters: dict[str, Any]
    waived: WaivedDocument | None = Field(None, description="Set where the finding would be NO-GO without a waiver.")


class SuspectDocument(_Document):
    component: str
    peer: str
    edge: str = Field(description="The operation between them.")
    why: str


class FiguresDocument(_Document):
    planned: int = Field(ge=0)
    executed: int = Field(ge=0)
    passed: int = Field(ge=0)
    failed: int = Field(ge=0)
    flaky: int = Field(ge=0)
    duration_s: float = Field(ge=0)
    unit: str = Field(description="What is counted, in the plural.")


class BaselineDocument(_Document):
    """The run that this one was compared with."""

    run: str
    promoted: bool = Field(description="False if it is the last GO of an environment without a promoted run.")


class VerdictDocument(_Document):
    """The verdict on one run."""

    schema_: Literal[2] = Field(2, alias="schema")
    run: str
    environment: str
    verdict: Literal["GO", "PARTIAL", "NO-GO", "INCONCLUSIVE"]
    reasons: list[ReasonDocument]
    suspects: list[SuspectDocument]
    no_suspect: str = Field(description="Why a NO-GO has no suspect; empty elsewhere.")
    stages: dict[str, FiguresDocument]
    not_checked: list[str]
    baseline: BaselineDocument | None = Field(None, description="null if there was none.")
    undocumented: list[str] = Field(description="Endpoints and fields that are in no OpenAPI document.")
    release: dict[str, str] = Field(description="Component → image digest.")
    started: str
    ended: str

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", by_alias=True)


def subject_document(subject: Subject) -> SubjectDocument:
    document: SubjectDocument = TypeAdapter(SubjectDocument).validate_python(
        {"kind": _KINDS[type(subject)], **asdict(subject)})
    return document


def parameters_document(parameters: Parameters) -> dict[str, Any]:
    """The parameters as JSON; for a plug-in's finding, its values."""
    if isinstance(parameters, PluginParameters):
        return dict(parameters.values)
    document: dict[str, Any] = TypeAdapter(type(parameters)).dump_python(parameters, mode="json")
    return document


def read_verdict(folder: Path) -> VerdictDocument:
    """The verdict in a run folder. Raises EvidenceError if it is missing or not valid."""
    path = folder / VERDICT_FILE
    try:
        return VerdictDocument.model_validate_json(path.read_bytes())
    except OSError as error:
        raise EvidenceError(f"{VERDICT_FILE} cannot be read: {error.strerror}.", where=str(path),
                            fix="give the folder of a completed run.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        raise EvidenceError(f"{VERDICT_FILE} is not a valid verdict: {place}: {first['msg']}.", where=str(path),
                            fix="run the gate again; this version reads schema 2.") from error


def verdict_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of verdict.json, with the parameters of each built-in rule."""
    schema = VerdictDocument.model_json_schema(by_alias=True, mode="serialization")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "gonogo verdict.json"
    conditions: list[dict[str, Any]] = []
    for rule, kind in sorted(RULES.items()):
        parameters = TypeAdapter(kind).json_schema(ref_template="#/$defs/{model}")
        schema["$defs"].update(parameters.pop("$defs", {}))
        name = kind.__name__
        schema["$defs"][name] = ({"type": "object", "maxProperties": 0} if kind is NoParameters
                                 else {**parameters, "additionalProperties": False})
        conditions.append({"if": {"properties": {"rule": {"const": rule}}},
                           "then": {"properties": {"parameters": {"$ref": f"#/$defs/{name}"}}}})
    schema["$defs"]["ReasonDocument"]["allOf"] = conditions
    return schema
