"""What was asked and answered, and no OpenAPI document has: listed, and never a finding, as it breaks no promise."""

from __future__ import annotations

from gonogo.model.calls import WireEvidence
from gonogo.model.not_checked import NotDocumented


def undocumented_places(wire: WireEvidence | None) -> tuple[str, ...]:
    """Each once, whoever asked: "flights: GET /x" an endpoint, "flights: GET /flights response.body.fare" a field."""
    found = {(each.edge.callee, bool(each.where), each.edge.operation, each.where)
             for each in (wire.undocumented if wire else ())}
    return tuple(f"{callee}: {operation} {where}".rstrip() for callee, _field, operation, where in sorted(found))


def not_documented(wire: WireEvidence) -> NotDocumented | None:
    """How many endpoints and fields, and the first of them; None where everything is documented."""
    places = undocumented_places(wire)
    fields = len({(each.edge.callee, each.edge.operation, each.where) for each in wire.undocumented if each.where})
    return NotDocumented(len(places) - fields, fields, places[0]) if places else None
