"""Fetches traces by their ids from Jaeger or Grafana Tempo.

Traces that cannot be fetched are reported as problems and do not decide the verdict. `jaeger` and `otlp` have the
formats.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from threading import Lock
from typing import ClassVar

from gonogo.core.fetching import FetchError, fetch
from gonogo.model.span import Span
from gonogo.secrets.masking import Masker
from gonogo.traffic.spans.foreign_json import mapping, parsed
from gonogo.traffic.spans.jaeger import spans_of_jaeger
from gonogo.traffic.spans.masking import masked
from gonogo.traffic.spans.otlp import JSON, MAX_BODY_BYTES, PROTOBUF_TYPES
from gonogo.traffic.spans.otlp_json import decode_document
from gonogo.traffic.spans.otlp_protobuf import decode_protobuf
from gonogo.traffic.spans.raw_span import MalformedBatch

_ANSWER_S = 5.0
_MAX_PARALLEL = 8
MAX_SPANS_OF_A_TRACE = 5_000  # the first ones; limits endless call loops
MAX_SPANS = 100_000  # of all traces
_MAX_UNKNOWN_S = 6.0  # for traces that the backend does not know
_MAX_FAILED_ROUNDS = 3  # in which every request failed: the backend is down


@dataclass(frozen=True, slots=True)
class Fetched:
    spans: tuple[Span, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    """`body` is None if the trace is not known (yet)."""

    body: bytes | None
    media_type: str = ""


class TraceBackend(ABC):
    """A source of traces by id. Registered under `gonogo.trace_backends`, constructed with its URL.

    `authorization` is the header's value, None if not configured. Methods are called from several threads at once.
    """

    name: ClassVar[str]

    @abstractmethod
    def __init__(self, url: str, authorization: str | None) -> None: ...

    @abstractmethod
    def spans(self, trace_id: str, timeout_s: float) -> tuple[Span, ...]:
        """The spans of a trace that have arrived; empty if it is not known (yet).

        Raises Unavailable if the backend does not answer, MalformedBatch if its answer is not a valid trace.
        """


class Unavailable(Exception):
    """The backend did not answer, or answered with an error."""


def fetch_traces(source: TraceBackend, trace_ids: Iterable[str], masker: Masker, *, max_s: float = 20.0,
                 pause_s: float = 1.0) -> Fetched:
    """The spans of these traces. Each is fetched until two answers have the same number of spans, for `max_s` in all.
    """
    wanted = tuple(dict.fromkeys(trace_ids))
    poller = _Poller(source, wanted, time.monotonic() + max_s)
    with ThreadPoolExecutor(_MAX_PARALLEL) as pool:
        while poller.should_continue(pause_s):
            poller.poll(pool)
            if poller.should_continue(pause_s):
                time.sleep(pause_s)  # backends have no notifications
    spans = tuple(masked(span, masker) for trace_id in wanted for span in poller.traces.get(trace_id, ()))
    return Fetched(spans, tuple(masker.text(text) for text in poller.problems()))


class _Poller:
    """Fetches, in rounds, the traces that may still be incomplete."""

    def __init__(self, source: TraceBackend, wanted: tuple[str, ...], end: float) -> None:
        self.traces: dict[str, tuple[Span, ...]] = {}
        self._source = source
        self._wanted = wanted
        self._waiting = list(wanted)
        self._began = time.monotonic()
        self._end = end
        self._cut: set[str] = set()
        self._failed: dict[str, str] = {}
        self._failed_rounds = 0

    def should_continue(self, pause_s: float) -> bool:
        now = time.monotonic()
        if not self._waiting or self._failed_rounds >= _MAX_FAILED_ROUNDS or now + pause_s >= self._end:
            return False
        # A scenario that called no instrumented component has no trace: do not wait long if others have arrived.
        only_unknown = not self._failed and not any(trace_id in self.traces for trace_id in self._waiting)
        return not (self.traces and only_unknown and now - self._began > _MAX_UNKNOWN_S)

    def poll(self, pool: ThreadPoolExecutor) -> None:
        before = {trace_id: len(self.traces.get(trace_id, ())) for trace_id in self._waiting}
        self._failed = {}
        for trace_id, outcome in zip(self._waiting, pool.map(self._fetch, self._waiting), strict=True):
            if isinstance(outcome, str):
                self._failed[trace_id] = outcome
            elif len(kept := self._limited(trace_id, outcome, before[trace_id])) > before[trace_id]:
                self.traces[trace_id] = kept
        self._failed_rounds = self._failed_rounds + 1 if len(self._failed) == len(self._waiting) else 0
        self._waiting = [trace_id for trace_id in self._waiting if trace_id in self._failed
                         or not self.traces.get(trace_id) or len(self.traces[trace_id]) > before[trace_id]]

    def _limited(self, trace_id: str, spans: tuple[Span, ...], known: int) -> tuple[Span, ...]:
        """The first of the spans, of which `known` are kept already."""
        left = MAX_SPANS - sum(map(len, self.traces.values())) + known
        kept = spans[:min(MAX_SPANS_OF_A_TRACE, left)]
        if len(kept) < len(spans):
            self._cut.add(trace_id)
        return kept

    def problems(self) -> list[str]:
        name = self._source.name
        texts = [f"{name}: {what}" + (f" ({count} traces)" if count > 1 else "")
                for what, count in Counter(self._failed.values()).items()]
        if self._cut:
            texts.append(f"{name}: {len(self._cut)} traces were cut at {MAX_SPANS_OF_A_TRACE} spans, or at {MAX_SPANS} "
                         f"of all traces, for example {min(self._cut)}")
        missing = [trace_id for trace_id in self._wanted
                   if not self.traces.get(trace_id) and trace_id not in self._failed]
        if missing:
            texts.append(f"{name} does not have {len(missing)} of {len(self._wanted)} traces, "
                         f"for example {missing[0]}")
        return texts

    def _fetch(self, trace_id: str) -> tuple[Span, ...] | str:
        """The trace's spans, or an error text."""
        left_s = self._end - time.monotonic()
        if left_s <= 0:
            return "time ran out before all traces were fetched"
        try:
            return self._source.spans(trace_id, min(_ANSWER_S, left_s))
        except (Unavailable, MalformedBatch) as error:
            return str(error)


class _HttpBackend(TraceBackend):
    """The common part of Jaeger and Tempo: a trace by its id, over HTTP."""

    def __init__(self, url: str, authorization: str | None) -> None:
        self._url = url.rstrip("/")
        self._authorization = authorization
        self._decoding = Lock()  # a parsed answer takes many times the memory of its bytes

    def get(self, path: str, timeout_s: float) -> _Answer:
        headers = {"Accept": JSON, **({"Authorization": self._authorization} if self._authorization else {})}
        try:
            answer = fetch(self._url + path, timeout_s=timeout_s, max_bytes=MAX_BODY_BYTES, headers=headers)
        except FetchError as error:
            raise Unavailable(f"did not answer at {self._url} ({error})") from error
        if answer.status == HTTPStatus.NOT_FOUND:
            return _Answer(None)
        if answer.status != HTTPStatus.OK:
            raise Unavailable(f"answered {answer.status} at {self._url}")
        if answer.cut:
            raise Unavailable(f"sent a trace of more than {MAX_BODY_BYTES} bytes")
        return _Answer(answer.body, answer.headers.get("Content-Type", "").partition(";")[0].strip().lower())


class Jaeger(_HttpBackend):
    """Jaeger's query service."""

    name = "Jaeger"

    def spans(self, trace_id: str, timeout_s: float) -> tuple[Span, ...]:
        body = self.get(f"/api/traces/{trace_id}", timeout_s).body
        with self._decoding:
            return spans_of_jaeger(body) if body is not None else ()


class Tempo(_HttpBackend):
    """Grafana Tempo."""

    name = "Tempo"

    def spans(self, trace_id: str, timeout_s: float) -> tuple[Span, ...]:
        answer = self.get(f"/api/v2/traces/{trace_id}", timeout_s)
        if answer.body is None:  # Tempo before 2.7 has only the first version
            answer = self.get(f"/api/traces/{trace_id}", timeout_s)
        if answer.body is None:
            return ()
        with self._decoding:
            if answer.media_type in PROTOBUF_TYPES:
                return decode_protobuf(answer.body).spans
            document = parsed(answer.body)
            return decode_document(mapping(document).get("trace", document)).spans
