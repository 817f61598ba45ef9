"""Makes the trace backend of the environment's settings, guarded if it is a plug-in."""

from __future__ import annotations

from collections.abc import Mapping

from gonogo.config.model import Traces
from gonogo.gate.extensions import Extension
from gonogo.gate.guard import Guard
from gonogo.model.span import Span
from gonogo.traffic.spans.backends import TraceBackend, Unavailable
from gonogo.traffic.spans.raw_span import MalformedBatch


def trace_backend(traces: Traces | None, known: Mapping[str, Extension[type[TraceBackend]]],
                  guard: Guard) -> TraceBackend | None:
    """Return the trace backend; None if the environment has none, or if its plug-in failed."""
    if traces is None or traces.fetched_from is None:
        return None
    name, url = traces.fetched_from
    authorization = traces.authorization.get_secret_value() if traces.authorization else None
    backend = known[name]
    instance = guard.call(backend.registered, "making the backend", lambda: backend.target(url, authorization),
                      TraceBackend)
    if instance is None or backend.registered.is_own:
        return instance
    return _Guarded(name, Extension(backend.registered, instance), guard)


class _Guarded(TraceBackend):
    def __init__(self, name: str, backend: Extension[TraceBackend], guard: Guard) -> None:
        self.name = name  # type: ignore[misc]  # an instance attribute: each instance guards another backend
        self._backend = backend
        self._guard = guard

    def spans(self, trace_id: str, timeout_s: float) -> tuple[Span, ...]:
        def fetch() -> tuple[Span, ...] | Unavailable | MalformedBatch:
            try:
                return tuple(self._backend.target.spans(trace_id, timeout_s))
            except (Unavailable, MalformedBatch) as error:
                return error

        result = self._guard.call(self._backend.registered, "fetching a trace", fetch,
                                 (tuple, Unavailable, MalformedBatch))
        if isinstance(result, tuple):
            return result
        raise result or Unavailable("the plug-in failed")
