"""The shapes of endpoints, learnt from their exchanges. Shapes can be merged, and stored as a document.

`places` has the places of a message; `difference` compares shapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict

from gonogo.model.calls import Edge
from gonogo.model.exchange import Exchange
from gonogo.traffic.http.endpoints import Endpoints
from gonogo.traffic.shapes.places import Place, path_places, places_of
from gonogo.traffic.shapes.tally import Field, ValueCounts, keep_smallest

VERSION = 1
REQUEST, STATUS = "request", "status"
_MAX_EDGES = 2000
_MAX_FIELDS = 400  # of a message

Fields = dict[str, Field]


@dataclass(slots=True)
class EndpointShape:
    """`messages` has the keys "request", "status" and each status of answers ("200"), with their fields by place."""

    messages: dict[str, Fields] = field(default_factory=dict)

    def observe(self, message: str, places: Iterable[Place], scenario: str) -> None:
        fields = self.messages.setdefault(message, {})
        for where, parent, kinds, value in places:
            entry = fields.get(where)
            if entry is None:
                entry = fields[where] = Field(parent)
                keep_smallest(fields, _MAX_FIELDS)
            entry.observe(kinds, value, scenario)

    def merge(self, other: EndpointShape) -> None:
        for message, fields in other.messages.items():
            own = self.messages.setdefault(message, {})
            for where, more in fields.items():
                own.setdefault(where, Field(more.parent)).merge(more)
            keep_smallest(own, _MAX_FIELDS)

    def settle(self) -> None:
        for _, _, each in self.fields():
            each.settle()

    def fields(self) -> Iterator[tuple[str, str, Field]]:
        for message, fields in self.messages.items():
            for where, each in fields.items():
                yield message, where, each


class Shapes:
    """The shape of each called endpoint, by edge."""

    def __init__(self, endpoints: Endpoints | None = None) -> None:
        self._endpoints = endpoints or Endpoints()
        self._edges: dict[Edge, EndpointShape] = {}

    def learn(self, exchange: Exchange) -> None:
        edge = self._endpoints.edge(exchange)
        shape = self._edges.get(edge)
        if shape is None:
            shape = self._edges[edge] = EndpointShape()
            self._bound()
        scenario = exchange.scenario
        status = str(exchange.status) if exchange.status else "no answer"
        shape.observe(STATUS, [Place("response.status", "", (("status", status),), None)], scenario)
        shape.observe(REQUEST, path_places(exchange, edge.endpoint), scenario)
        shape.observe(REQUEST, places_of(exchange.request, "request"), scenario)
        if exchange.status:
            shape.observe(status, places_of(exchange.response, "response"), scenario)

    def merge(self, other: Shapes) -> None:
        """Add the shapes of `other`."""
        for edge, shape in other.edges().items():
            self._edges.setdefault(edge, EndpointShape()).merge(shape)
        self._bound()

    def edges(self) -> Mapping[Edge, EndpointShape]:
        for shape in self._edges.values():
            shape.settle()
        return self._edges

    def as_document(self) -> dict[str, object]:
        """As JSON; independent of the order in which exchanges were learnt."""
        return _Document(version=VERSION, endpoints=[
            _Endpoint(caller=edge.caller, callee=edge.callee, method=edge.method, endpoint=edge.endpoint, messages={
                message: {where: _Field(
                    parent=each.parent, many_members=each.many_members,
                    facets={facet: {kind: (tally.count, tally.examples, tally.scenarios)
                                    for kind, tally in sorted(kinds.items())}
                            for facet, kinds in sorted(each.facets.items())})
                    for where, each in sorted(fields.items())}
                for message, fields in sorted(shape.messages.items())})
            for edge, shape in sorted(self.edges().items())]).model_dump(mode="json")

    @classmethod
    def from_document(cls, document: Mapping[str, Any], endpoints: Endpoints | None = None) -> Shapes:
        """Raises ValueError if `document` is not valid, or of another version."""
        read = _Document.model_validate(document)
        if read.version != VERSION:
            raise ValueError(f"the version of the shapes is {read.version}, must be {VERSION}")
        shapes = cls(endpoints)
        for each in read.endpoints:
            shapes._edges[Edge(each.caller, each.callee, each.method, each.endpoint)] = EndpointShape({
                message: {where: Field(entry.parent, {facet: {kind: ValueCounts(*each) for kind, each in kinds.items()}
                                                      for facet, kinds in entry.facets.items()}, entry.many_members)
                          for where, entry in fields.items()}
                for message, fields in each.messages.items()})
        return shapes

    def _bound(self) -> None:
        if len(self._edges) > _MAX_EDGES:
            for edge in sorted(self._edges)[_MAX_EDGES:]:
                del self._edges[edge]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Field(_Strict):
    parent: str
    many_members: bool
    facets: dict[str, dict[str, tuple[int, tuple[str, ...], tuple[str, ...]]]]


class _Endpoint(_Strict):
    caller: str
    callee: str
    method: str
    endpoint: str
    messages: dict[str, dict[str, _Field]]


class _Document(_Strict):
    version: int
    endpoints: list[_Endpoint]
