"""Stores the spans of a run as they arrive: masks them, limits their number and writes them to a file at once.

Transport, encoding and meaning of the spans are not known here.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from sys import getsizeof

from gonogo.model.span import Span
from gonogo.records.spans import append_spans, write_spans
from gonogo.secrets.masking import Masker
from gonogo.traffic.spans.arrivals import Arrivals
from gonogo.traffic.spans.masking import masked, searched

MAX_SPANS = 100_000  # spans of traces that the run did not begin may take half
MAX_STORED_BYTES = 96 * 1024 * 1024  # likewise; 100,000 usual spans take 80 MB
MAX_SPANS_OF_A_TRACE = 5_000  # limits retry storms and endless call loops
MAX_PROBLEMS = 10
MAX_PROBLEM_CHARS = 300


@dataclass(frozen=True, slots=True)
class StoreLimits:
    spans: int = MAX_SPANS
    bytes: int = MAX_STORED_BYTES
    spans_of_a_trace: int = MAX_SPANS_OF_A_TRACE


class SpanStore:
    """Writes each stored span to `file`. Beyond the limits, spans are only counted.

    `is_issued` says whether the run began a trace: others leave half of the room to those. All methods are thread-safe.
    """

    def __init__(self, masker: Masker, *, file: Path | None = None, limits: StoreLimits | None = None,
                 is_issued: Callable[[str], bool] = lambda _trace_id: False) -> None:
        self._masker = masker
        self._file = file
        self._limits = limits or StoreLimits()
        self._is_issued = is_issued
        self._lock = threading.Lock()
        self._spans: list[Span] = []
        self._count = self._bytes = 0
        self._by_trace: Counter[str] = Counter()
        self._dropped = 0
        self._cut_traces: set[str] = set()
        self._problems: Counter[str] = Counter()
        self._arrivals = Arrivals()

    def add(self, spans: Iterable[Span]) -> None:
        """Store spans within the limits. A file that cannot be written is a problem; the spans are stored anyway."""
        with self._lock:
            accepted = [span for span in spans if self._accepts(span)]
        kept = [masked(span, self._masker) for span in accepted]  # takes longer than all else
        with self._lock:
            self._spans += kept
            if self._file is not None and kept:
                try:
                    append_spans(self._file, kept, self._masker)
                except OSError as error:
                    self._problems[f"spans cannot be written to {self._file.name}: {error.strerror}"] += 1
        self._arrivals.note()

    def mask_again(self) -> None:
        """Mask what the scenarios used since: a span arrives before its scenario ends. Rewrites the file if it has any.
        """
        with self._lock:
            spans, had_secrets = searched(self._spans, self._masker)
            self._spans = list(spans)
            if had_secrets and self._file is not None:
                write_spans(self._file, spans, self._masker)

    def add_problem(self, problem: str) -> None:
        """Record that received data cannot be used."""
        text = self._masker.text(problem)[:MAX_PROBLEM_CHARS]
        with self._lock:
            recorded = text in self._problems or len(self._problems) < MAX_PROBLEMS
            self._problems[text if recorded else "further problems with received spans"] += 1

    def drain(self, *, since_s: float, quiet_s: float, max_s: float) -> bool:
        """As `Arrivals.drain`, of spans."""
        return self._arrivals.drain(since_s=since_s, quiet_s=quiet_s, max_s=max_s)

    @property
    def spans(self) -> tuple[Span, ...]:
        """The stored spans, in the order of arrival."""
        with self._lock:
            return tuple(self._spans)

    @property
    def problems(self) -> tuple[str, ...]:
        """Why the stored spans are incomplete."""
        with self._lock:
            texts = [f"{what} ({count} times)" if count > 1 else what for what, count in self._problems.items()]
            if self._dropped:
                texts.append(f"{self._dropped} spans were left out: at most {self._limits.spans} spans and "
                             f"{self._limits.bytes} bytes are kept, and half of that of other traces than the run's")
            if self._cut_traces:
                texts.append(f"{len(self._cut_traces)} traces had more than {self._limits.spans_of_a_trace} spans; "
                             f"their later spans are left out, for example of trace {min(self._cut_traces)}")
            return tuple(texts)

    def _accepts(self, span: Span) -> bool:
        share, size = 1 if self._is_issued(span.trace_id) else 2, _size(span)
        if (self._count >= self._limits.spans // share
                or self._bytes + size > self._limits.bytes // share):
            self._dropped += 1
            return False
        if self._by_trace[span.trace_id] >= self._limits.spans_of_a_trace:
            self._cut_traces.add(span.trace_id)
            return False
        self._by_trace[span.trace_id] += 1
        self._count += 1
        self._bytes += size
        return True


def _size(span: Span) -> int:
    """The memory that a span takes, approximately."""
    texts = (span.trace_id, span.span_id, span.parent_id, span.component, span.name, span.method, span.url, span.route,
             span.peer, span.system, span.operation, span.error_text, *span.links, *span.attributes,
             *span.attributes.values(), *span.unread, *span.unread.values())
    return getsizeof(span) + getsizeof(span.attributes) + sum(map(getsizeof, texts))
