"""Traces fetched by their ids from Jaeger or Grafana Tempo, where components export to one of those.

What cannot be had is told as a problem, and decides nothing; the formats are `jaeger`'s and `otlp`'s business.
"""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar

import requests

from gonogo.model.span import Span
from gonogo.secrets.masking import Masker
from gonogo.traffic.spans.jaeger import spans_of_jaeger
from gonogo.traffic.spans.masking import masked
from gonogo.traffic.spans.otlp import JSON, MAX_BODY_BYTES, PROTOBUF, MalformedBatch, decode, decode_document

_ANSWER_S = 5.0
_AT_ONCE = 8
_UNKNOWN_S = 6.0  # for a trace that may never come
_MAX_FAILED_ROUNDS = 3  # with nothing but errors: it is down
_PROTOBUF_TYPES = (PROTOBUF, "application/protobuf")


@dataclass(frozen=True, slots=True)
class Fetched:
    spans: tuple[Span, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    """`body` is None where the trace is not known (yet)."""

    body: bytes | None
    media_type: str = ""


class TraceBackend(ABC):
    """Where traces are fetched from, one by its id. Registered under `gonogo.trace_backends`, made with its address.

    `authorization` is the header's value, None where none is configured. Calls come from several threads at once.
    """

    name: ClassVar[str]

    @abstractmethod
    def __init__(self, url: str, authorization: str | None) -> None: ...

    @abstractmethod
    def spans(self, trace_id: str, timeout_s: float) -> tuple[Span, ...]:
        """The spans of a trace that have arrived until now; none where it is not known (yet).

        Raises Unavailable where the backend does not answer, MalformedBatch where its answer is no trace.
        """


class Unavailable(Exception):
    """The backend did not answer, or not with a trace."""


def fetch_traces(source: TraceBackend, trace_ids: Iterable[str], masker: Masker, *, max_s: float = 20.0,
                 pause_s: float = 1.0) -> Fetched:
    """The spans of these traces. Each is fetched until it came twice with as many spans, for `at_most_s` in all."""
    wanted = tuple(dict.fromkeys(trace_ids))
    poller = _Poller(source, wanted, time.monotonic() + max_s)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while poller.goes_on(pause_s):
            poller.poll(pool)
            if poller.goes_on(pause_s):
                time.sleep(pause_s)  # no backend notifies when it has more
    spans = tuple(masked(span, masker) for trace_id in wanted for span in poller.found.get(trace_id, ()))
    return Fetched(spans, tuple(masker.text(text) for text in poller.problems()))


class _Poller:
    """Round after round of fetching the traces that are not known to be whole yet."""

    def __init__(self, source: TraceBackend, wanted: tuple[str, ...], end: float) -> None:
        self.found: dict[str, tuple[Span, ...]] = {}
        self._source = source
        self._wanted = wanted
        self._waiting = list(wanted)
        self._began = time.monotonic()
        self._end = end
        self._failed: dict[str, str] = {}
        self._failed_rounds = 0

    def goes_on(self, pause_s: float) -> bool:
        now = time.monotonic()
        if not self._waiting or self._failed_rounds >= _MAX_FAILED_ROUNDS or now + pause_s >= self._end:
            return False
        # a scenario that asked no instrumented component has no trace: not waited for long where others have come
        only_unknown = not self._failed and not any(trace_id in self.found for trace_id in self._waiting)
        return not (self.found and only_unknown and now - self._began > _UNKNOWN_S)

    def poll(self, pool: ThreadPoolExecutor) -> None:
        before = {trace_id: len(self.found.get(trace_id, ())) for trace_id in self._waiting}
        self._failed = {}
        for trace_id, outcome in zip(self._waiting, pool.map(self._fetch, self._waiting), strict=True):
            if isinstance(outcome, str):
                self._failed[trace_id] = outcome
            elif len(outcome) > before[trace_id]:
                self.found[trace_id] = outcome
        self._failed_rounds = self._failed_rounds + 1 if len(self._failed) == len(self._waiting) else 0
        self._waiting = [trace_id for trace_id in self._waiting if trace_id in self._failed
                         or not self.found.get(trace_id) or len(self.found[trace_id]) > before[trace_id]]

    def problems(self) -> list[str]:
        name = self._source.name
        told = [f"{name}: {what}" + (f" ({count} traces)" if count > 1 else "")
                for what, count in Counter(self._failed.values()).items()]
        missing = [trace_id for trace_id in self._wanted
                   if not self.found.get(trace_id) and trace_id not in self._failed]
        if missing:
            told.append(f"{name} does not know {len(missing)} of {len(self._wanted)} traces, "
                        f"the first of them {missing[0]}")
        return told

    def _fetch(self, trace_id: str) -> tuple[Span, ...] | str:
        """Its spans, or what is wrong."""
        left_s = self._end - time.monotonic()
        if left_s <= 0:
            return "there was no time left to ask for all traces"
        try:
            return self._source.spans(trace_id, min(_ANSWER_S, left_s))
        except (Unavailable, MalformedBatch) as error:
            return str(error)


class _HttpBackend(TraceBackend):
    """What Jaeger and Tempo have in common: one trace by its id, over HTTP."""

    def __init__(self, url: str, authorization: str | None) -> None:
        self._url = url.rstrip("/")
        self._authorization = authorization

    def get(self, path: str, timeout_s: float) -> _Answer:
        try:
            with requests.get(self._url + path, headers={"Accept": JSON}, auth=self._authorise, timeout=timeout_s,
                              allow_redirects=False, stream=True) as response:
                if response.status_code == 404:
                    return _Answer(None)
                if response.status_code != 200:
                    raise Unavailable(f"answered {response.status_code} at {self._url}")
                return _Answer(self._read(response, time.monotonic() + timeout_s),
                               response.headers.get("Content-Type", "").partition(";")[0].strip().lower())
        except requests.RequestException as error:
            raise Unavailable(f"did not answer at {self._url} ({type(error).__name__})") from error

    def _authorise(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # as an `auth`, so that no .netrc of whoever runs the gate takes its place
        if self._authorization:
            request.headers["Authorization"] = self._authorization
        return request

    def _read(self, response: requests.Response, end: float) -> bytes:
        body = bytearray()
        for chunk in response.iter_content(1 << 16):
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise Unavailable(f"has a trace of more than {MAX_BODY_BYTES} bytes")
            if time.monotonic() > end:
                raise Unavailable(f"did not end its answer in time at {self._url}")
        return bytes(body)


class Jaeger(_HttpBackend):
    """Jaeger's query service."""

    name = "Jaeger"

    def spans(self, trace_id: str, timeout_s: float) -> tuple[Span, ...]:
        body = self.get(f"/api/traces/{trace_id}", timeout_s).body
        return spans_of_jaeger(body) if body is not None else ()


class Tempo(_HttpBackend):
    """Grafana Tempo."""

    name = "Tempo"

    def spans(self, trace_id: str, timeout_s: float) -> tuple[Span, ...]:
        answer = self.get(f"/api/v2/traces/{trace_id}", timeout_s)
        if answer.body is None:  # a Tempo before 2.7 has the first version alone
            answer = self.get(f"/api/traces/{trace_id}", timeout_s)
        if answer.body is None:
            return ()
        if answer.media_type in _PROTOBUF_TYPES:
            return decode(answer.body, PROTOBUF).spans
        try:
            document = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise MalformedBatch(f"answered what is no JSON: {error}") from error
        return decode_document(document.get("trace", document) if isinstance(document, dict) else document).spans
