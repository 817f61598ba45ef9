"""What the history keeps of a GO's exposed secrets and logged errors, to tell old ones from new: places, no values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, Field, ValidationError

from gonogo.model.exposures import Exposure, LoggedKind, Medium, SecretPlace

SECRETS, LOGS = "secrets", "logs"  # the kinds of the documents
_MAX_KEPT = 10_000


class _Secrets(BaseModel):
    version: Literal[1]
    places: Annotated[list[tuple[str, str, Medium, str, str]], Field(max_length=_MAX_KEPT)]


class _Logs(BaseModel):
    version: Literal[1]
    errors: Annotated[list[tuple[str, str]], Field(max_length=_MAX_KEPT)]


def document_of_secrets(exposures: Iterable[Exposure]) -> dict[str, object]:
    places = sorted({each.place for each in exposures})[:_MAX_KEPT]
    return {"version": 1, "places": [[each.component, each.kind, each.medium.value, each.where, each.operation]
                                     for each in places]}


def places_of(documents: Mapping[str, Mapping[str, object]]) -> frozenset[SecretPlace] | None:
    """The places of the baseline's document, empty if it has none; None if the document is damaged."""
    if SECRETS not in documents:
        return frozenset()
    try:
        return frozenset(SecretPlace(*place) for place in _Secrets.model_validate(documents[SECRETS]).places)
    except ValidationError:
        return None


def document_of_logs(kinds: Iterable[LoggedKind]) -> dict[str, object]:
    return {"version": 1, "errors": [[each.component, each.exception] for each in sorted(set(kinds))[:_MAX_KEPT]]}


def errors_of(documents: Mapping[str, Mapping[str, object]]) -> frozenset[LoggedKind] | None:
    """The kinds of error in the baseline's document, empty if it has none; None if the document is damaged."""
    if LOGS not in documents:
        return frozenset()
    try:
        return frozenset(LoggedKind(*pair) for pair in _Logs.model_validate(documents[LOGS]).errors)
    except ValidationError:
        return None


# By the kind of the document: a function that returns None for a damaged one.
READERS: Mapping[str, Callable[[Mapping[str, Mapping[str, object]]], object]] = {SECRETS: places_of, LOGS: errors_of}
