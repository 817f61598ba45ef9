"""Makes the requests to an operation of an OpenAPI document, with Schemathesis: valid ones and invalid ones.

The order and the values are the same in each run, as long as the document and Schemathesis are the same. What is sent
once is kept with the baseline, so that another version of either changes nothing in what is compared.
"""

from __future__ import annotations

import copy
import json
import logging
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import hypothesis
import schemathesis
from hypothesis.configuration import set_hypothesis_home_dir
from schemathesis.config import SchemathesisConfig
from schemathesis.core import NOT_SET
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.generation.drivers import CoverageGenerator
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.generation.meta import CoverageScenario
from schemathesis.generation.overrides import Override

from gonogo.model.probing import Change, ProbeRequest
from gonogo.stages.probe.placeholders import as_text
from gonogo.stages.probe.variations import (
    Parameter,
    Parts,
    awkward_parts,
    change_between,
    in_turns,
    leaves,
    with_parameters,
    with_placeholders,
)
from gonogo.traffic.contract.schemas import SchemaFault, Schemas

MAX_REQUEST_BYTES = 16 * 1024  # of a body; a larger one is not made
MAX_OPERATIONS = 500  # of a document
_SEED = 20_261
_RANDOM = 5  # valid requests with values at random, for each operation
_FORM = "application/x-www-form-urlencoded"
_NOT_SENT = frozenset({CoverageScenario.UNSPECIFIED_HTTP_METHOD, CoverageScenario.DUPLICATE_PARAMETER})
_PARAMETER = re.compile(r"\{[^{}/]+\}")
_NO_SEGMENT = frozenset({"", ".", ".."})  # clients and servers remove them from a path
_HELD = re.compile(r"\{\{\w+\}\}")
_MAX_HOPS = 30
_MAX_BASES = 30  # valid requests of which the fullest is the base

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that can be probed; `label` is "GET /api/flights/[id]". `definition` is the document's own, with the
    parameters of its path.
    """

    label: str
    component: str
    base: str
    made_by: Any = field(repr=False)  # Schemathesis' own
    schemas: Schemas = field(repr=False)
    definition: Mapping[str, Any] = field(repr=False)

    def requests(self, names: Collection[str], *, signed: bool) -> Iterator[ProbeRequest]:
        """The requests, the plain one first; `names` are those of values that the sign-in returns."""
        cases = list(self._cases(GenerationMode.POSITIVE))
        sendable = [parts for case in cases[:_MAX_BASES] if (parts := _parts(case)) is not None]
        if not sendable:
            return
        base = max(sendable, key=_fullness)
        plain = self._request(base, base, names, Change("ordinary"))
        if plain is not None:
            yield plain
            if signed:
                yield replace(plain, change=Change("unsigned"), signed=False)
        sources = [awkward_parts(base, self._parameters(), self._schema_of),
                   self._covering(cases, base), self._covering(self._cases(GenerationMode.NEGATIVE), base)]
        for change, parts in in_turns(sources):
            request = self._request(parts, base, names, change)
            if request is not None:
                yield request
        for number, case in enumerate(self._random(), 1):
            at_random = _parts(case)
            request = self._request(at_random, base, names, Change("random", "", str(number))) if at_random else None
            if request is not None:
                yield request

    def _cases(self, mode: GenerationMode) -> Iterator[Any]:
        generation = self.made_by.schema.config.generation_for(operation=self.made_by, phase="coverage")
        return iter(CoverageGenerator(operation=self.made_by, generation_modes=[mode], generation_config=generation,
                                      auth_storage=None, override=Override(), feedback=NO_FEEDBACK))

    def _covering(self, cases: Collection[Any] | Iterator[Any], base: Parts) -> Iterator[tuple[Change, Parts]]:
        for case in cases:
            about = case.meta.phase.data
            parts = None if about.scenario in _NOT_SENT else _parts(case)
            if parts is not None:
                parts = _one_change(base, parts, getattr(about, "parameter_location", None), about.parameter)
                yield change_between(base, parts), parts

    def _random(self) -> list[Any]:
        found: list[Any] = []
        strategy = self.made_by.as_strategy(generation_mode=GenerationMode.POSITIVE)

        @hypothesis.seed(_SEED)
        @hypothesis.settings(max_examples=_RANDOM, database=None, deadline=None, phases=[hypothesis.Phase.generate],
                             suppress_health_check=list(hypothesis.HealthCheck))
        @hypothesis.given(case=strategy)
        def collect(case: Any) -> None:  # noqa: ANN401  Schemathesis' own
            found.append(case)

        collect()
        return found

    def _parameters(self) -> list[Parameter]:
        found = map(self._resolved, self.definition["parameters"])
        return [Parameter(str(each["in"]), str(each["name"]), self._resolved(each.get("schema")))
                for each in found if each.get("in") in ("path", "query", "header") and "name" in each]

    def _schema_of(self, way: tuple[str | int, ...]) -> Mapping[str, Any]:
        """The schema of a value in the JSON body, {} if it is not found."""
        content = self._resolved(self.definition.get("requestBody")).get("content")
        sent = [each for mime, each in content.items() if _is_sent(str(mime))] if isinstance(content, dict) else []
        schema = self._resolved(self._resolved(sent[0]).get("schema")) if sent else {}
        for step in way:
            schema = self._below(schema, step, _MAX_HOPS)
        return schema

    def _below(self, schema: Mapping[str, Any], step: str | int, hops: int) -> Mapping[str, Any]:
        properties, items = schema.get("properties"), schema.get("items")
        if isinstance(step, str) and isinstance(properties, dict) and step in properties:
            return self._resolved(properties[step])
        if isinstance(step, int) and isinstance(items, dict):
            return self._resolved(items)
        parts = [part for keyword in ("allOf", "anyOf", "oneOf") if isinstance(schema.get(keyword), list)
                 for part in schema[keyword]]
        found = (self._below(self._resolved(part), step, hops - 1) for part in parts if hops)
        return next((each for each in found if each), {})

    def _resolved(self, schema: object) -> Mapping[str, Any]:
        try:
            return self.schemas.resolved(schema)
        except SchemaFault:
            return {}

    def _request(self, parts: Parts, base: Parts, names: Collection[str], change: Change) -> ProbeRequest | None:
        """None for what cannot be sent, or is too long."""
        held = with_placeholders(parts, base, names)
        if _NO_SEGMENT & set(held.path.values()) or not all(map(_is_header, held.headers.values())):
            return None
        path = _PARAMETER.sub(lambda match: _segment(held.path.get(match[0][1:-1], "")), self.made_by.path)
        query = tuple((name, text) for name, value in held.query.items()
                      for text in (value if isinstance(value, list) else [value]))
        try:
            size = len(json.dumps([held.body, query, path]))
        except (TypeError, ValueError):  # bytes, and what is no JSON
            return None
        if size > MAX_REQUEST_BYTES or (held.mime == _FORM and not _is_flat(held.body)):
            return None
        return ProbeRequest(self.label, self.component, change, f"{self.base}{path}", query,
                            tuple(held.headers.items()), held.mime, held.body)


def use_cache(folder: Path) -> None:
    """Let Hypothesis keep its tables of characters in `folder`, and not in the project."""
    logging.getLogger("schemathesis").setLevel(logging.ERROR)
    set_hypothesis_home_dir(folder)


def operations_of(document: Document, component: str, base: str, is_chosen: Callable[[str], bool],
                  ) -> tuple[list[Operation], list[str]]:
    """The operations of a document that can be probed, and those that cannot, each with why.

    Raises ValueError if Schemathesis can use nothing of it.
    """
    schemas, found, left_out = Schemas(document), [], []
    try:
        loaded = schemathesis.openapi.from_dict(copy.deepcopy(document), config=SchemathesisConfig())
        results = list(loaded.get_all_operations())
    except Exception as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    for result in results[:MAX_OPERATIONS]:
        if not isinstance(result, Ok):
            left_out.append(f"an operation: {result.err()}")
            continue
        made = result.ok()
        label = f"{made.method.upper()} {base}{_PARAMETER.sub('[id]', made.path)}"
        if not is_chosen(label):
            continue
        media = [each.media_type for each in made.body]
        if media and not any(map(_is_sent, media)):
            left_out.append(f"{label}: {media[0]}")
        else:
            found.append(Operation(label, component, base, made, schemas, _definition_in(document, made)))
    if len(results) > MAX_OPERATIONS:
        left_out.append(f"{component}: {len(results) - MAX_OPERATIONS} more operations")
    return found, left_out


def _fullness(parts: Parts) -> tuple[int, int]:
    """The base has a value at as many places as possible, and short ones: what is empty has nothing to replace."""
    places = len(list(leaves(parts.body))) + len(parts.query) + len(parts.headers)
    return places, -len(json.dumps([parts.body, dict(parts.query)], default=str))


def _definition_in(document: Document, made: Any) -> dict[str, Any]:  # noqa: ANN401  Schemathesis' own
    """The operation as the document has it: Schemathesis' own copy has other references."""
    path = document["paths"].get(made.path)
    path = path if isinstance(path, dict) else {}
    operation: dict[str, Any] = next((each for name, each in path.items() if name.lower() == made.method.lower()), {})
    shared, own = path.get("parameters"), operation.get("parameters")
    return {**operation, "parameters": [*(shared if isinstance(shared, list) else []),
                                        *(own if isinstance(own, list) else [])]}


def _parts(case: Any) -> Parts | None:  # noqa: ANN401  Schemathesis' own
    """The parts of a generated case; None if its body is of a media type that is not sent."""
    mime = case.media_type or ""
    has_body = case.body is not NOT_SET and bool(mime)
    if has_body and not _is_sent(mime):
        return None
    return Parts(
        {name: as_text(value) for name, value in (case.path_parameters or {}).items()},
        {name: [as_text(each) for each in value] if isinstance(value, list) else as_text(value)
         for name, value in (case.query or {}).items()},
        {name: as_text(value) for name, value in (case.headers or {}).items()},
        mime if has_body else "", case.body if has_body else None)


def _one_change(base: Parts, parts: Parts, location: object, name: str | None) -> Parts:
    """`base` with the part that a case is about: the others of an invalid case are invalid too."""
    where = getattr(location, "value", "")
    if where == "body":
        return replace(base, mime=parts.mime, body=parts.body)
    if where not in ("path", "query", "header") or name is None:
        return parts
    values, others = dict(_held_in(base, where)), _held_in(parts, where)
    if name in others:
        values[name] = others[name]  # at its place: the same request is made once
    else:
        values.pop(name, None)
    return with_parameters(base, where, values)


def _held_in(parts: Parts, where: str) -> Mapping[str, Any]:
    return {"path": parts.path, "query": parts.query, "header": parts.headers}[where]


def _is_sent(mime: str) -> bool:
    """Whether bodies of this media type are sent: JSON and forms."""
    name = mime.partition(";")[0].strip().lower()
    return name == _FORM or name.endswith(("/json", "+json"))


def _is_flat(body: object) -> bool:
    return isinstance(body, dict) and all(not isinstance(each, dict | list) for each in body.values())


def _is_header(value: str) -> bool:
    return isinstance(value, str) and all(" " <= character <= "~" for character in value) and value == value.strip()


def _segment(value: str) -> str:
    return value if _HELD.fullmatch(value) else quote(value, safe="")
