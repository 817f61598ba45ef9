"""Reads exceptions.yml into `gonogo.model.exceptions`. Each mistake has file, line, key and fix.

Each kind of exception is a class of entries here and a line in _KINDS. `gonogo.verdict.exceptions` applies them.
"""

from __future__ import annotations

import copy
import difflib
from abc import abstractmethod
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, TypeAdapter, ValidationError, WithJsonSchema

from gonogo.config.base import Model
from gonogo.config.located_yaml import KeyPath, LocatedYaml, read_located_yaml
from gonogo.config.reading import ENVIRONMENTS_FILE, EXCEPTIONS_FILE, config_error
from gonogo.core.errors import ConfigError
from gonogo.model.exceptions import (
    EXAMPLES,
    WAIVABLE,
    Approval,
    ExceptionSubject,
    RuleException,
    ScenarioChoice,
    SeenChoice,
    Waiver,
    kind_of_subject,
    why_not_waivable,
)
from gonogo.model.findings import ComponentSubject, EndpointSubject, GateSubject, PairSubject, StageSubject
from gonogo.model.rules import RULES

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _as_date(value: object) -> object:
    """Return the date. Numbers and timestamps are invalid: pydantic alone would read a number as seconds since 1970."""
    if type(value) is date:
        return value
    if isinstance(value, str):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = None
        if day is not None and day.isoformat() == value:
            return day
    raise ValueError("must be a date such as 2026-12-31")


Day = Annotated[date, BeforeValidator(_as_date), WithJsonSchema({"type": "string", "format": "date"})]


class SubjectForm(Model):
    """The subject of a finding, as exceptions.yml writes it."""

    @abstractmethod
    def as_subject(self) -> ExceptionSubject: ...


class ScenarioForm(SubjectForm):
    """A scenario, or an outline with all its rows."""

    scenario: Text = Field(description="Its name as written; an outline's name with its placeholders.")
    file: Text = Field(description="Its feature file, such as features/journeys/paying.feature.")
    under_rule: str = Field("", description="The name of the `Rule:` that contains it, if any.")
    ordinal: int = Field(1, ge=1, description=(
        "Its number among scenarios of the same file, rule and name: 2 is the second."))
    example: dict[str, str] = Field(
        default_factory=dict, description=(
            "Column → value, in quotes: selects the rows of an outline that have these values."))

    def as_subject(self) -> ExceptionSubject:
        return ScenarioChoice(self.file, self.scenario, self.under_rule, self.ordinal, tuple(self.example.items()))


class EndpointForm(SubjectForm):
    """An endpoint: of a load profile by its name there, or of a component by its operation."""

    endpoint: Text = Field(description=(
        "The endpoint as the finding names it: `POST /bookings`, or the name under `objectives`."))
    component: str = Field("", description="The component of the endpoint, for a finding about exchanges.")
    profile: str = Field("", description="The load profile, for a finding about load.")

    def as_subject(self) -> ExceptionSubject:
        return EndpointSubject(self.endpoint, self.component, self.profile)


class PairForm(SubjectForm):
    """A caller and its callee."""

    component: Text = Field(description="The caller.")
    peer: Text = Field(description="Its callee.")

    def as_subject(self) -> ExceptionSubject:
        return PairSubject(self.component, self.peer)


class ComponentForm(SubjectForm):
    component: Text

    def as_subject(self) -> ExceptionSubject:
        return ComponentSubject(self.component)


class StageForm(SubjectForm):
    """A stage, or a profile of the load stage."""

    stage: Text
    profile: str = ""

    def as_subject(self) -> ExceptionSubject:
        return StageSubject(self.stage, self.profile)


class SeenForm(SubjectForm):
    """A part of what people or partners see, as `gonogo approve` writes it."""

    seen: Literal["page", "answer", "mail", "download", "partner"] = Field(description="The kind of the place.")
    name: Text = Field(description="The page's path, the operation, or the recipient, as verdict.json has it.")
    key: Text = Field(description="The part of the place, as verdict.json has it.")

    def as_subject(self) -> ExceptionSubject:
        return SeenChoice(self.seen, self.name, self.key)


# Key → form; the first of these keys that the subject has decides.
_FORMS: Mapping[str, type[SubjectForm]] = {
    "seen": SeenForm, "scenario": ScenarioForm, "endpoint": EndpointForm, "stage": StageForm, "peer": PairForm,
    "component": ComponentForm}
_GATE = "gate"


class Entry(Model):
    """One exception. Its subject is read separately, as its form depends on its keys."""

    kind: str
    subject: object = Field(description="The subject of the finding.")
    rule: Text = Field(description="The rule of the finding, as the verdict names it.")
    reason: Text = Field(description="Why the exception holds, with its issue number if there is one.")
    owner: Text = Field(description="Who is responsible for it.")
    expires: Day = Field(description="The last day on which it holds (UTC).")
    environments: list[Text] | None = Field(None, min_length=1, description=(
        "The environments in which it holds (default: all)."))

    @abstractmethod
    def refusal(self, subject: ExceptionSubject) -> tuple[str, str, str] | None:
        """Return the invalid key, the problem and the fix; None if the subject is valid for this kind."""

    @abstractmethod
    def as_exception(self, subject: ExceptionSubject, where: str) -> RuleException: ...


class WaiverEntry(Entry):
    """A known defect that may go to production until its expiry date."""

    kind: Literal["waiver"]

    def refusal(self, subject: ExceptionSubject) -> tuple[str, str, str] | None:
        why = why_not_waivable(self.rule)
        if why:
            return ("rule", f"The rule '{self.rule}' cannot be waived: {why}.",
                    f"fix the problem that the rule reports; rules that can be waived: {', '.join(sorted(WAIVABLE))}.")
        wanted = WAIVABLE[self.rule]
        if kind_of_subject(subject) != wanted:
            return ("subject", f"The subject must be a {wanted} for the rule '{self.rule}'.",
                    f"write it like `subject: {EXAMPLES[wanted]}`.")
        return None

    def as_exception(self, subject: ExceptionSubject, where: str) -> RuleException:
        return Waiver(self.rule, subject, self.reason, self.owner, self.expires, tuple(self.environments or ()), where)


class ChangeForm(Model):
    """One change that was meant."""

    was: str = Field(description="The text of the baseline; empty for what is new.")
    is_: str = Field(alias="is", description="The text that is right from now on; empty for what is gone.")


class ApprovalEntry(Entry):
    """A change of what people or partners see that was meant. `gonogo approve` writes these entries."""

    kind: Literal["approval"]
    changes: list[ChangeForm] = Field(min_length=1, description="The changes; other values are not approved.")

    def refusal(self, subject: ExceptionSubject) -> tuple[str, str, str] | None:
        if self.rule != APPROVABLE:
            return ("rule", f"The rule '{self.rule}' cannot be approved: only '{APPROVABLE}' has a was and an is.",
                    "write a waiver for a defect that may go to production.")
        if not isinstance(subject, SeenChoice):
            return ("subject", f"The subject must be a place for the rule '{self.rule}'.",
                    "let `gonogo approve RUN` write it: {seen: page, name: /bookings/[id], key: …}.")
        return None

    def as_exception(self, subject: ExceptionSubject, where: str) -> RuleException:
        changes = tuple((change.was, change.is_) for change in self.changes)
        return Approval(self.rule, subject, self.reason, self.owner, self.expires, tuple(self.environments or ()),
                        where, changes)


_KINDS: Mapping[str, type[Entry]] = {"waiver": WaiverEntry, "approval": ApprovalEntry}
APPROVABLE = "outside-changed"
_RULES: Mapping[type[Entry], list[str]] = {WaiverEntry: sorted(WAIVABLE), ApprovalEntry: [APPROVABLE]}


class Exceptions(Model):
    """exceptions.yml as a whole."""

    exceptions: list[object] = Field(min_length=1, description="Each exception to a rule.")


def load_exceptions(root: Path, environments: Collection[str], today: date) -> tuple[RuleException, ...]:
    """Return the exceptions of `root`/exceptions.yml, of all `environments`; () without a file. Raises ConfigError."""
    path = root / EXCEPTIONS_FILE
    if not path.exists() and not path.is_symlink():
        return ()
    document = read_located_yaml(path, missing_fix="remove the broken link, or write the file that it points to.")
    if document.data is None:
        raise ConfigError(f"{EXCEPTIONS_FILE} is empty.", where=document.where(()),
                          fix="list exceptions under `exceptions:`, or remove the file.")
    try:
        entries = Exceptions.model_validate(document.data).exceptions
    except ValidationError as error:
        raise config_error(document, (), Exceptions, error.errors()) from None
    return tuple(_exception(entry, index, document, environments, today) for index, entry in enumerate(entries))


def _exception(value: object, index: int, document: LocatedYaml, environments: Collection[str],
               today: date) -> RuleException:
    at: KeyPath = ("exceptions", index)
    entry = _entry(value, at, document)
    subject = _subject(entry.subject, (*at, "subject"), document)
    if entry.rule not in RULES:
        close = difflib.get_close_matches(entry.rule, RULES, n=1)
        raise ConfigError(f"Unknown rule '{entry.rule}'.", where=document.where((*at, "rule")),
                          fix=(f"did you mean '{close[0]}'? " if close else "")
                          + "copy the rule's name from verdict.json.")
    refusal = entry.refusal(subject)
    if refusal:
        key, what, fix = refusal
        raise ConfigError(what, where=document.where((*at, key)), fix=fix)
    for number, name in enumerate(entry.environments or ()):
        if name not in environments:
            raise ConfigError(f"Unknown environment '{name}'.", where=document.where((*at, "environments", number)),
                              fix=f"environments in {ENVIRONMENTS_FILE}: {', '.join(environments)}.")
    exception = entry.as_exception(subject, document.where(at).split(": ")[0])
    if exception.is_over(today):
        raise ConfigError(
            f"The {entry.kind} of '{entry.rule}' expired on {entry.expires.isoformat()} (owner: {entry.owner}).",
            where=document.where((*at, "expires")),
            fix="remove it; if the defect still exists, let its owner set a new date.")
    return exception


def _entry(value: object, at: KeyPath, document: LocatedYaml) -> Entry:
    kinds = ", ".join(_KINDS)
    if not isinstance(value, dict):
        raise ConfigError("An exception must be a mapping.", where=document.where(at),
                          fix=f"give it the keys {', '.join(WaiverEntry.model_fields)}.")
    if "kind" not in value:
        raise ConfigError("The key 'kind' is missing in an exception.", where=document.where((*at, "kind")),
                          fix=f"add `kind: …`; kinds: {kinds}.")
    model = _KINDS.get(str(value["kind"]))
    if model is None:
        raise ConfigError(f"Unknown kind of exception '{value['kind']}'.", where=document.where((*at, "kind")),
                          fix=f"use one of the kinds: {kinds}.")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise config_error(document, at, model, error.errors()) from None


def _subject(value: object, at: KeyPath, document: LocatedYaml) -> ExceptionSubject:
    if value == _GATE:
        return GateSubject()
    form = next((model for key, model in _FORMS.items() if key in value), None) if isinstance(value, dict) else None
    if form is None:
        raise ConfigError("The subject has none of the known keys.", where=document.where(at),
                          fix=f"write it like one of {'; '.join(EXAMPLES.values())}; or `{_GATE}`.")
    try:
        return form.model_validate(value).as_subject()
    except ValidationError as error:
        raise config_error(document, at, form, error.errors()) from None


def exceptions_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of exceptions.yml, for editors."""
    schema = Exceptions.model_json_schema()
    definitions: dict[str, Any] = {}

    def add(model: type[Model]) -> dict[str, str]:
        definition = TypeAdapter(model).json_schema(ref_template="#/$defs/{model}")
        definitions.update(definition.pop("$defs", {}))
        definitions[model.__name__] = definition
        return {"$ref": f"#/$defs/{model.__name__}"}

    subject = {"anyOf": [*(add(form) for form in _FORMS.values()), {"const": _GATE}]}
    entries = [add(model) for model in _KINDS.values()]
    for model in _KINDS.values():
        definitions[model.__name__]["properties"]["subject"] |= copy.deepcopy(subject)
        definitions[model.__name__]["properties"]["rule"]["enum"] = _RULES[model]
    schema["properties"]["exceptions"]["items"] = {"anyOf": entries}
    schema["$defs"] = definitions
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = f"gonogo {EXCEPTIONS_FILE}"
    return schema
