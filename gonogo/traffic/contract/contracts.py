"""Checks exchanges against the OpenAPI documents of their callees: which side broke the contract, and where.

This module finds the operation of an exchange; `operations` and its parts do the checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gonogo.model.calls import Edge, GapCause, Unchecked, Undocumented, Violation
from gonogo.model.exchange import Exchange
from gonogo.traffic.contract.faults import Fault, Gap
from gonogo.traffic.contract.operations import NOT_MODIFIED, Operation
from gonogo.traffic.contract.schemas import SchemaFault, Schemas
from gonogo.traffic.http.endpoints import Endpoints
from gonogo.traffic.http.openapi_paths import PathPattern, PathTable
from gonogo.traffic.http.pages import is_of_a_page

_PREFLIGHT = "OPTIONS"  # sent by browsers before a call to another origin; not documented
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


@dataclass(frozen=True, slots=True)
class Checked:
    """The result for one exchange: what breaks the contract, and what could not be checked."""

    violations: tuple[Violation, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()


@dataclass(slots=True)
class _Contract:
    """The document of one component; operations are prepared on first use."""

    document: Mapping[str, Any]
    paths: PathTable
    schemas: Schemas
    operations: dict[tuple[str, str], Operation | None] = field(default_factory=dict)

    def find(self, exchange: Exchange) -> tuple[PathPattern, Operation] | None:
        """The operation of an exchange; None if none is documented. Raises SchemaFault if it cannot be used."""
        for pattern in self.paths.matching(exchange.path):
            operation = self.operation(pattern.key, exchange.method)
            if operation is not None:
                return pattern, operation
        return None

    @property
    def documented(self) -> Iterator[tuple[str, str]]:
        """The path and method of each operation, as far as they can be found."""
        paths = self.document.get("paths") or {}
        for path in (key for key in paths if key.startswith("/")):
            try:
                path_item = self.schemas.resolved(paths[path])
            except SchemaFault:
                yield path, "GET"  # raises, too
                continue
            yield from ((path, method.upper()) for method in _METHODS if method in path_item)

    def operation(self, path: str, method: str) -> Operation | None:
        if (path, method) not in self.operations:
            path_item, raw = self._raw(path, method)
            self.operations[path, method] = None if raw is None else Operation.of(
                path_item, raw, self.schemas, _query_keys(self.document))
        return self.operations[path, method]

    def _raw(self, path: str, method: str) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
        path_item = self.schemas.resolved(self.document["paths"][path])
        name = method.lower()
        if name not in path_item and method == "HEAD":
            name = "get"
        if name not in path_item or name not in _METHODS:
            return path_item, None
        if not isinstance(path_item[name], dict):
            raise SchemaFault("the operation is not an object")
        return path_item, path_item[name]


class Contracts:
    """The documents of all components that have one; `unusable` has why the others' cannot be used."""

    def __init__(self, documents: Mapping[str, Mapping[str, Any]], unusable: Mapping[str, str] | None = None) -> None:
        self._contracts = {name: _Contract(document, PathTable.of(document), Schemas(document))
                           for name, document in documents.items()}
        self._unusable = dict(unusable or {})
        self._endpoints = Endpoints(documents)

    @classmethod
    def of(cls, documents: Mapping[str, Mapping[str, Any]], unusable: Mapping[str, str] | None = None) -> Contracts:
        """`documents`: component → its document, as `documents` reads it."""
        return cls(documents, unusable)

    def missing(self, components: Iterable[str]) -> tuple[str, ...]:
        """The components among `components` that have no document."""
        return tuple(sorted({name for name in components if name and name not in self._contracts}))

    def check(self, exchange: Exchange) -> Checked:
        """What breaks the callee's document; nothing if it does not have the endpoint."""
        if exchange.callee in self._unusable:
            return self._not_checked(exchange, Gap("", GapCause.DOCUMENT, self._unusable[exchange.callee]))
        contract = self._contracts.get(exchange.callee)
        if contract is None:
            return Checked()
        try:
            match = contract.find(exchange)
        except SchemaFault as why:
            return self._not_checked(exchange, Gap("", GapCause.PART, str(why)))
        return self._of_operation(exchange, *match) if match else Checked()

    def _of_operation(self, exchange: Exchange, pattern: PathPattern, operation: Operation) -> Checked:
        request = tuple(operation.request_faults(exchange, pattern.values(exchange.path) or {}))
        answer = tuple(operation.answer_faults(exchange))
        if not request and not answer:
            return Checked()
        edge = self._endpoints.edge(exchange)
        return Checked((*_violations(exchange, edge, edge.caller, request),
                        *_violations(exchange, edge, edge.callee, answer)),
                       tuple(Unchecked(edge, *each) for each in (*request, *answer) if isinstance(each, Gap)))

    def _not_checked(self, exchange: Exchange, gap: Gap) -> Checked:
        if _needs_no_document(exchange):
            return Checked()
        return Checked(unchecked=(Unchecked(self._endpoints.edge(exchange), *gap),))

    def undocumented(self, exchange: Exchange) -> tuple[Undocumented, ...]:
        """The endpoint, or the members of the exchange, that are missing from the callee's document."""
        contract = self._contracts.get(exchange.callee)
        if contract is None or exchange.method == _PREFLIGHT:
            return ()
        try:
            match = contract.find(exchange)
        except SchemaFault:
            return ()
        if match is not None:
            places = tuple(match[1].undocumented(exchange))
        else:
            places = () if _needs_no_document(exchange) else ("",)
        edge = self._endpoints.edge(exchange) if places else None
        return tuple(Undocumented(edge, where) for where in places) if edge else ()


def problems_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    """What of a document cannot be used, in all of its operations; empty if it is used whole."""
    contract = _Contract(document, PathTable.of(document), Schemas(document))
    problems: dict[str, None] = {}
    for path, method in contract.documented:
        try:
            operation = contract.operation(path, method)
        except SchemaFault as why:
            problems[f"{method} {path}: {why}"] = None
            continue
        for content in operation.contents if operation else ():
            problems.update((f"bodies of {mime}", None) for mime in content.uncheckable)
        problems.update((f"{method} {path}: {why}", None) for why in (operation.problems if operation else ()))
    return (*problems, *contract.schemas.notes)


def _violations(exchange: Exchange, edge: Edge, at_fault: str, faults: Iterable[Fault | Gap]) -> Iterator[Violation]:
    scenarios = (exchange.scenario,) if exchange.scenario else ()
    yield from (Violation(edge, at_fault, *each, scenarios=scenarios) for each in faults if isinstance(each, Fault))


def _needs_no_document(exchange: Exchange) -> bool:
    return exchange.method == _PREFLIGHT or is_of_a_page(exchange) or exchange.status == NOT_MODIFIED


def _query_keys(document: Mapping[str, Any]) -> frozenset[str]:
    """The names of API keys in the query, which no parameter documents."""
    components = document.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    return frozenset(each["name"] for each in (schemes.values() if isinstance(schemes, dict) else ())
                     if isinstance(each, dict) and each.get("in") == "query" and isinstance(each.get("name"), str))
