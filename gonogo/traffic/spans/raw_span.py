"""A span as one of OTLP's encodings had it, and the limits of both. A part that cannot be read is lost alone.

`otlp_protobuf` and `otlp_json` decode; `conventions` interprets the attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from gonogo.model.span import Kind, Span
from gonogo.traffic.spans.conventions import span_from

MAX_SPANS_OF_A_BATCH = 20_000  # collectors send 8,192 at a time
MAX_GROUPS = 10_000  # of resources in a batch, and of scopes in a resource
MAX_ATTRIBUTES = 1_000  # of a span, an event or a resource that are read; SDKs stop at 128
MAX_ATTRIBUTE_BYTES = 64 * 1024  # an attribute with more is left out
MAX_ARRAY_DEPTH = 4  # of arrays in an attribute; conventions have one
MAX_ARRAY_ITEMS = 100
MAX_EVENTS = 256  # the last ones; SDKs stop at 128
MAX_LINKS = 128  # the first ones

_KINDS: Mapping[int, Kind] = {2: "server", 3: "client", 4: "producer", 5: "consumer"}
_ERROR = 2
_MAX_NS = 2 ** 64 - 1

Attributes = Mapping[str, str]
Groups = TypeVar("Groups", bound=Sized)


class MalformedBatch(ValueError):
    """The data are not a batch of spans, or too large; none of them is used."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The spans of one request, and the number of those that are left out: without valid ids, or unreadable."""

    spans: tuple[Span, ...]
    rejected: int = 0

    @classmethod
    def of(cls, read: Iterable[Span | None]) -> Batch:
        """The batch of what a decoder read; None is a span that it rejected. Raises MalformedBatch for too many."""
        spans = list(islice(read, MAX_SPANS_OF_A_BATCH + 1))
        if len(spans) > MAX_SPANS_OF_A_BATCH:
            raise MalformedBatch(f"it has more than {MAX_SPANS_OF_A_BATCH} spans: send smaller batches")
        kept = tuple(span for span in spans if span is not None)
        return cls(kept, len(spans) - len(kept))


def limited(groups: Groups) -> Groups:
    """The resources of a batch, or the scopes of a resource. Raises MalformedBatch for too many."""
    if len(groups) > MAX_GROUPS:
        raise MalformedBatch(f"it has more than {MAX_GROUPS} resources or scopes: send smaller batches")
    return groups


@dataclass(frozen=True, slots=True)
class RawSpan:
    """Ids are lower-case hex, "" if they are not valid; `links` are trace ids; `events` are by name."""

    trace_id: str
    span_id: str
    parent_id: str = ""
    name: str = ""
    kind: int = 0
    start_ns: int = 0
    end_ns: int = 0
    status: int = 0
    status_text: str = ""
    attributes: Attributes = field(default_factory=dict)
    events: Sequence[tuple[str, Attributes]] = ()
    links: Sequence[str] = ()


def span_of(raw: RawSpan, component: str) -> Span | None:
    """The span, None without valid ids."""
    if not raw.trace_id or not raw.span_id:
        return None
    start_ns, end_ns = (min(max(0, moment), _MAX_NS) for moment in (raw.start_ns, raw.end_ns))
    return span_from(
        trace_id=raw.trace_id, span_id=raw.span_id, parent_id=raw.parent_id, component=component, name=raw.name,
        kind=_KINDS.get(raw.kind, "internal"), started_s=start_ns / 1e9, duration_ms=max(0, end_ns - start_ns) / 1e6,
        error=raw.status == _ERROR, error_text=_exception(raw.events) or raw.status_text, attributes=raw.attributes,
        links=tuple(dict.fromkeys(link for link in raw.links if link)))


def _exception(events: Iterable[tuple[str, Attributes]]) -> str:
    """The text of the last exception on the span."""
    texts = (attributes.get("exception.message") or attributes.get("exception.type")
             for name, attributes in events if name == "exception")
    return next((text for text in reversed(list(texts)) if text), "")
