"""What was asked and answered, and no OpenAPI document has: listed, and never a reason, as it breaks no promise."""

from __future__ import annotations

from gonogo.model.calls import WireEvidence


def undocumented_places(wire: WireEvidence | None) -> tuple[str, ...]:
    """Each once, whoever asked: "flights: GET /x" an endpoint, "flights: GET /flights response.body.fare" a field."""
    found = {(each.edge.callee, bool(each.where), each.edge.operation, each.where)
             for each in (wire.undocumented if wire else ())}
    return tuple(f"{callee}: {operation} {where}".rstrip() for callee, _field, operation, where in sorted(found))


def undocumented_in_short(wire: WireEvidence) -> str:
    """`2 endpoints and 3 fields, e.g. flights GET /x`; empty where everything is documented."""
    places = undocumented_places(wire)
    fields = len({(each.edge.callee, each.edge.operation, each.where) for each in wire.undocumented if each.where})
    counts = [(len(places) - fields, "endpoint"), (fields, "field")]
    told = " and ".join(f"{count} {noun}{'s' if count > 1 else ''}" for count, noun in counts if count)
    return f"{told}, e.g. {places[0].replace(': ', ' ', 1)}" if places else ""
