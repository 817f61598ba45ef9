"""Checks exchanges against the OpenAPI documents of their callees: which side broke the contract, and where.

This module finds the operation of an exchange; `operations` and its parts do the checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gonogo.model.calls import Undocumented, Violation
from gonogo.model.exchange import Exchange
from gonogo.traffic.contract.operations import NOT_MODIFIED, Operation
from gonogo.traffic.contract.schemas import SchemaFault, Schemas
from gonogo.traffic.http.endpoints import Endpoints
from gonogo.traffic.http.openapi_paths import PathPattern, PathTable
from gonogo.traffic.http.pages import is_of_a_page

_PREFLIGHT = "OPTIONS"  # sent by browsers before a call to another origin; not documented


@dataclass(slots=True)
class _Contract:
    """The document of one component; operations are prepared on first use."""

    document: Mapping[str, Any]
    paths: PathTable
    schemas: Schemas
    operations: dict[tuple[str, str], Operation | None] = field(default_factory=dict)
    problems: dict[str, None] = field(default_factory=dict)

    def find(self, exchange: Exchange) -> tuple[PathPattern, Operation] | None:
        pattern = self.paths.find(exchange.path)
        operation = self._operation(pattern.key, exchange.method) if pattern else None
        return (pattern, operation) if pattern and operation else None

    def has_endpoint(self, exchange: Exchange) -> bool:
        """Whether the endpoint is documented, even if its operation cannot be prepared."""
        pattern = self.paths.find(exchange.path)
        return pattern is not None and self._raw(pattern.key, exchange.method)[1] is not None

    def _operation(self, path: str, method: str) -> Operation | None:
        if (path, method) not in self.operations:
            self.operations[path, method] = self._prepared(path, method)
        return self.operations[path, method]

    def _prepared(self, path: str, method: str) -> Operation | None:
        try:
            path_item, raw = self._raw(path, method)
            return Operation.of(path_item, raw, self.schemas) if raw is not None else None
        except SchemaFault as fault:
            self.problems[f"{method} {path} is not checked: {fault}"] = None
            return None

    def _raw(self, path: str, method: str) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
        try:
            path_item = self.schemas.resolved(self.document["paths"][path])
        except SchemaFault:
            return {}, None
        raw = path_item.get(method.lower())
        if raw is None and method == "HEAD":
            raw = path_item.get("get")
        return path_item, raw if isinstance(raw, dict) else None


class Contracts:
    """The documents of all components that have one."""

    def __init__(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        self._contracts = {name: _Contract(document, PathTable.of(document), Schemas(document))
                           for name, document in documents.items()}
        self._endpoints = Endpoints(documents)

    @classmethod
    def of(cls, documents: Mapping[str, Mapping[str, Any]]) -> Contracts:
        """`documents`: component → its document, validated by `documents`."""
        return cls(documents)

    @property
    def problems(self) -> tuple[str, ...]:
        """What cannot be checked, among the operations that were used."""
        return tuple(f"contract of {name}: {problem}" for name, contract in self._contracts.items()
                     for problem in (*contract.problems, *contract.schemas.notes))

    def missing(self, components: Iterable[str]) -> tuple[str, ...]:
        """The components among `components` that have no document."""
        return tuple(sorted({name for name in components if name and name not in self._contracts}))

    def check(self, exchange: Exchange) -> tuple[Violation, ...]:
        """The violations of the callee's document; none if it does not have the endpoint."""
        contract = self._contracts.get(exchange.callee)
        match = contract.find(exchange) if contract else None
        if match is None:
            return ()
        pattern, operation = match
        request_faults = tuple(operation.request_faults(exchange, pattern.values(exchange.path) or {}))
        answer_faults = tuple(operation.answer_faults(exchange))
        if not request_faults and not answer_faults:
            return ()
        edge = self._endpoints.edge(exchange)
        scenarios = (exchange.scenario,) if exchange.scenario else ()
        return (*(Violation(edge, edge.caller, *fault, scenarios=scenarios) for fault in request_faults),
                *(Violation(edge, edge.callee, *fault, scenarios=scenarios) for fault in answer_faults))

    def undocumented(self, exchange: Exchange) -> tuple[Undocumented, ...]:
        """The endpoint, or the members of the exchange, that are missing from the callee's document."""
        contract = self._contracts.get(exchange.callee)
        if contract is None or exchange.method == _PREFLIGHT:
            return ()
        match = contract.find(exchange)
        if match is not None:
            places = tuple(match[1].undocumented(exchange))
        elif contract.has_endpoint(exchange) or is_of_a_page(exchange) or exchange.status == NOT_MODIFIED:
            places = ()
        else:
            places = ("",)
        edge = self._endpoints.edge(exchange) if places else None
        return tuple(Undocumented(edge, where) for where in places) if edge else ()
