"""Recorded endpoints and fields that no OpenAPI document has: listed, never a finding, as no contract is broken."""

from __future__ import annotations

from gonogo.model.calls import WireEvidence
from gonogo.model.not_checked import NotDocumented


def undocumented_places(wire: WireEvidence | None) -> tuple[str, ...]:
    """Each place once: "flights: GET /x" for an endpoint, "flights: GET /flights response.body.fare" for a field."""
    places = {(each.edge.callee, bool(each.where), each.edge.operation, each.where)
             for each in (wire.undocumented if wire else ())}
    return tuple(f"{callee}: {operation} {where}".rstrip() for callee, _field, operation, where in sorted(places))


def not_documented(wire: WireEvidence) -> NotDocumented | None:
    """The number of endpoints and fields, and an example; None if everything is documented."""
    places = undocumented_places(wire)
    fields = len({(each.edge.callee, each.edge.operation, each.where) for each in wire.undocumented if each.where})
    return NotDocumented(len(places) - fields, fields, places[0]) if places else None
