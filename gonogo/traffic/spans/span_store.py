"""Stores the spans of a run as they arrive: masks them, limits their number and writes them to a file at once.

Transport, encoding and meaning of the spans are not known here.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gonogo.model.span import Span
from gonogo.records.spans import append_spans
from gonogo.secrets.masking import Masker
from gonogo.traffic.spans.masking import masked

MAX_SPANS = 100_000  # of traces that the run has not claimed; about 80 MB
MAX_SPANS_OF_A_TRACE = 5_000  # limits retry storms and endless call loops
MAX_PROBLEMS = 10
MAX_PROBLEM_CHARS = 300


@dataclass(frozen=True, slots=True)
class StoreLimits:
    spans: int = MAX_SPANS
    spans_of_a_trace: int = MAX_SPANS_OF_A_TRACE


class SpanStore:
    """Writes each stored span to `file`. Beyond the limits, the calls of further traces are only counted.

    All methods are thread-safe.
    """

    def __init__(self, masker: Masker, *, file: Path | None = None, limits: StoreLimits | None = None) -> None:
        self._masker = masker
        self._file = file
        self._limits = limits or StoreLimits()
        self._changed = threading.Condition()
        self._spans: list[Span] = []
        self._by_trace: Counter[str] = Counter()
        self._claimed: set[str] = set()
        self._unclaimed_kept = 0
        self._dropped_calls: Counter[tuple[str, str]] = Counter()
        self._cut_traces: set[str] = set()
        self._problems: Counter[str] = Counter()
        self._last_arrival_s = time.monotonic()

    def claim(self, trace_ids: Iterable[str]) -> None:
        """Mark traces as the run's own: `StoreLimits.spans` does not apply to them."""
        with self._changed:
            self._claimed.update(trace_ids)

    def add(self, spans: Iterable[Span]) -> None:
        """Store spans within the limits. A file that cannot be written is a problem; the spans are stored anyway."""
        spans = [masked(span, self._masker) for span in spans]
        with self._changed:
            kept = [span for span in spans if self._accepts(span)]
            self._spans += kept
            if self._file is not None and kept:
                try:
                    append_spans(self._file, kept, self._masker)
                except OSError as error:
                    self._problems[f"spans cannot be written to {self._file.name}: {error.strerror}"] += 1
            self._last_arrival_s = time.monotonic()
            self._changed.notify_all()

    def add_problem(self, problem: str) -> None:
        """Record that received data cannot be used."""
        text = self._masker.text(problem)[:MAX_PROBLEM_CHARS]
        with self._changed:
            recorded = text in self._problems or len(self._problems) < MAX_PROBLEMS
            self._problems[text if recorded else "further problems with received spans"] += 1

    def drain(self, *, since_s: float, quiet_s: float, max_s: float) -> bool:
        """Wait until no span has arrived for `quiet_s`, for `max_s` in all; False if spans kept arriving.

        Both count from `since_s`, the end of the last request to the system on the monotonic clock.
        """
        end = since_s + max_s
        with self._changed:
            while (quiet := max(self._last_arrival_s, since_s) + quiet_s) > (now := time.monotonic()):
                if now >= end:
                    return False
                self._changed.wait(min(quiet, end) - now)
            return True

    @property
    def spans(self) -> tuple[Span, ...]:
        """The stored spans, in the order of arrival."""
        with self._changed:
            return tuple(self._spans)

    @property
    def dropped_calls(self) -> Mapping[tuple[str, str], int]:
        """The number of calls in traces that were not stored, by component and callee (name or `http://host:port`)."""
        with self._changed:
            return dict(self._dropped_calls)

    @property
    def problems(self) -> tuple[str, ...]:
        """Why the stored spans are incomplete."""
        with self._changed:
            texts = [f"{what} ({count} times)" if count > 1 else what for what, count in self._problems.items()]
            if self._dropped_calls:
                texts.append(f"the limit of {self._limits.spans} spans outside of scenarios was exceeded: "
                             f"{self._dropped_calls.total()} further calls were only counted")
            if self._cut_traces:
                texts.append(f"{len(self._cut_traces)} traces had more than {self._limits.spans_of_a_trace} spans; "
                             f"their later spans are left out, for example of trace {min(self._cut_traces)}")
            return tuple(texts)

    def _accepts(self, span: Span) -> bool:
        trace = span.trace_id
        if trace not in self._claimed and trace not in self._by_trace and self._unclaimed_kept >= self._limits.spans:
            if span.kind in ("client", "producer"):
                self._dropped_calls[span.component, span.peer or _origin(span.url)] += 1
            return False
        if self._by_trace[trace] >= self._limits.spans_of_a_trace:
            self._cut_traces.add(trace)
            return False
        self._by_trace[trace] += 1
        self._unclaimed_kept += trace not in self._claimed
        return True


def _origin(url: str) -> str:
    parts = urlsplit(url)  # valid: masking has parsed it
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
