"""The keywords of JSON Schema that are evaluated here, and a limit on the effort: schemas and bodies are foreign.

`schemas` prepares the schemas: it marks what cannot be used with UNUSABLE, and the choices of a discriminator.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from jsonschema import FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from openapi_schema_validator import (
    OAS30Validator,
    OAS31Validator,
    OAS32Validator,
    oas30_format_checker,
    oas31_format_checker,
)

from gonogo.traffic.contract.patterns import PatternUnusable, matches

UNUSABLE = "x-gonogo-unusable"  # the reasons why parts of a schema cannot be checked
CHOICES = "x-gonogo-choices"  # (property, value → the alternative that a discriminator names)
MAX_STEPS = 1_000_000  # of one check: keywords evaluated, and entries of lists in the schema compared
_MIN_STEPS = 10_000  # that are left to a document of which many checks took too long

Schema = dict[str, Any] | bool  # foreign JSON
Errors = Iterator[ValidationError]
_Keyword = Callable[[Any, Any, Any, Any], Iterable[ValidationError] | None]
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]{2,}")
_VALIDATORS = {"3.0": OAS30Validator, "3.1": OAS31Validator, "3.2": OAS32Validator}


class EffortExceeded(Exception):
    """A check takes more than MAX_STEPS."""


@dataclass(slots=True)
class Effort:
    """The steps that the running check has left; the more of a document take too long, the fewer any may take."""

    limit: int = MAX_STEPS
    left: int = 0

    def begin(self) -> None:
        self.left = self.limit

    def exceeded(self) -> None:
        self.limit = max(self.limit // 2, _MIN_STEPS)

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise EffortExceeded


def validator_kind(version: str, effort: Effort) -> Any:  # noqa: ANN401  classes made at run time by jsonschema
    """The library's validator of this version ("3.0"), with the keywords of this module, each of which takes effort."""
    known = _VALIDATORS[version]
    own = {name: keyword for name, keyword in _OWN.items() if name in known.VALIDATORS or name == UNUSABLE}
    keywords: dict[str, _Keyword] = {**known.VALIDATORS, **own}
    for name in ("oneOf", "anyOf"):
        keywords[name] = _chosen(keywords[name])
    return extend(known, {name: _limited(keyword, effort) for name, keyword in keywords.items()})  # type: ignore[no-untyped-call]


def is_unusable(error: ValidationError) -> bool:
    """Whether it may be no error: nothing but parts that cannot be checked stands against the value."""
    if error.validator == UNUSABLE:
        return True
    branches: dict[object, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.schema_path[0], []).append(inner)
    return any(all(map(is_unusable, branch)) for branch in branches.values())


def _limited(keyword: _Keyword, effort: Effort) -> _Keyword:
    def limited(validator: Any, value: Any, instance: Any, schema: Any) -> Iterable[ValidationError] | None:  # noqa: ANN401
        effort.spend(len(value) if type(value) is list else 1)
        return keyword(validator, value, instance, schema)

    return limited


def _unusable(_validator: Any, reasons: Any, _instance: object, _schema: object) -> Errors:  # noqa: ANN401
    for reason in reasons:
        yield ValidationError(reason, validator=UNUSABLE)


def _required(_validator: Any, names: Any, instance: Any, _schema: object) -> Errors:  # noqa: ANN401
    """With a separate error for each missing member."""
    for name in names if isinstance(instance, dict) else ():
        if name not in instance:
            yield ValidationError("is missing", path=[name])


def _additional(validator: Any, allowed: Any, instance: object, schema: Any) -> Errors:  # noqa: ANN401
    """With a separate error for each unknown member."""
    if not isinstance(instance, dict):
        return
    for name in additional_members(instance, schema):
        if allowed is False:
            yield ValidationError("is not documented, and undocumented members are not allowed", path=[name],
                                  instance=instance[name])
        else:
            yield from validator.descend(instance[name], allowed, path=name)


def additional_members(instance: Mapping[str, object], schema: Mapping[str, Any]) -> list[str]:
    """The members that are not in `properties` or `patternProperties` of `schema`."""
    return [name for name in instance if name not in schema.get("properties", {})
            and not any(_fits(pattern, name) for pattern in schema.get("patternProperties", {}))]


def _fits(pattern: str, name: str) -> bool:
    """A pattern that cannot be used may fit."""
    try:
        return matches(pattern, name)
    except PatternUnusable:
        return True


def _pattern_properties(validator: Any, patterns: Any, instance: object, _schema: object) -> Errors:  # noqa: ANN401
    if not isinstance(instance, dict):
        return
    for pattern, schema in patterns.items():
        for name, value in instance.items():
            try:
                if matches(pattern, name):
                    yield from validator.descend(value, schema, path=name, schema_path=pattern)
            except PatternUnusable as why:
                yield ValidationError(str(why), validator=UNUSABLE, path=[name])


def _pattern(_validator: Any, pattern: Any, instance: object, _schema: object) -> Errors:  # noqa: ANN401
    if isinstance(instance, str):
        try:
            if not matches(pattern, instance):
                yield ValidationError("does not match")
        except PatternUnusable as why:
            yield ValidationError(str(why), validator=UNUSABLE)


def _chosen(keyword: _Keyword) -> _Keyword:
    """`oneOf` or `anyOf`; if a discriminator names one of the alternatives, only that one counts."""
    def chosen(validator: Any, alternatives: Any, instance: Any, schema: Any) -> Errors:  # noqa: ANN401
        none: dict[str, Any] = {}
        name, choices = schema.get(CHOICES) or ("", none)
        value = instance.get(name) if isinstance(instance, dict) else None
        choice = choices.get(value) if isinstance(value, str) else None
        if choice is not None:
            yield from validator.descend(instance, choice)
        else:
            yield from keyword(validator, alternatives, instance, schema) or ()

    return chosen


def _not(validator: Any, negated: Any, instance: object, _schema: object) -> Errors:  # noqa: ANN401
    errors = list(validator.evolve(schema=negated).iter_errors(instance))
    if not errors:
        yield ValidationError("matches what is documented as not allowed")
    elif all(map(is_unusable, errors)):
        yield ValidationError(errors[0].message, validator=UNUSABLE)


def _if(validator: Any, condition: Any, instance: object, schema: Any) -> Errors:  # noqa: ANN401
    errors = list(validator.evolve(schema=condition).iter_errors(instance))
    if errors and all(map(is_unusable, errors)):
        yield ValidationError(errors[0].message, validator=UNUSABLE)
    elif (branch := "else" if errors else "then") in schema:
        yield from validator.descend(instance, schema[branch], schema_path=branch)


def _unique_items(_validator: Any, unique: Any, instance: object, _schema: object) -> Errors:  # noqa: ANN401
    """In linear time; the library compares objects with each other."""
    if unique is True and isinstance(instance, list):
        texts = {json.dumps(item, sort_keys=True, default=str) for item in instance}
        if len(texts) < len(instance):
            yield ValidationError("has equal items")


_OWN: Mapping[str, _Keyword] = {
    UNUSABLE: _unusable, "required": _required, "additionalProperties": _additional, "pattern": _pattern,
    "patternProperties": _pattern_properties, "not": _not, "if": _if, "uniqueItems": _unique_items}


def formats_of(version: str) -> FormatChecker:
    """The library's formats, with stricter checks of e-mail addresses and URIs. OpenAPI 3.0 leaves `time` open."""
    known = oas30_format_checker if version == "3.0" else oas31_format_checker
    left_open = {"regex", "time"} if version == "3.0" else {"regex"}
    formats = FormatChecker(formats=())
    checkers = {name: check for name, check in known.checkers.items() if name not in left_open}
    # a check may raise more than it declares
    formats.checkers = {**{name: (check, (ValueError, *_tuple(errors))) for name, (check, errors) in checkers.items()},
                        "email": (_is_email, ()), "idn-email": (_is_email, ()),
                        "uri": (_is_uri, ValueError), "url": (_is_uri, ValueError)}
    return formats


def _tuple(errors: Any) -> tuple[type[Exception], ...]:  # noqa: ANN401  one class or several
    return errors if isinstance(errors, tuple) else (errors,)


def _is_email(value: object) -> bool:
    return not isinstance(value, str) or _EMAIL.fullmatch(value) is not None


def _is_uri(value: object) -> bool:
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    return bool(parts.scheme) and bool(parts.netloc or parts.path) and not re.search(r"[\s<>\"{}|\\^`]", value)
