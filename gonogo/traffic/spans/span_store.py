"""The spans of a run as they come in: masked, kept within bounds, written down at once, waited for at the end.

Who sends them, and in which encoding, is not known here; nor is what they mean.
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

MAX_SPANS = 100_000  # of traces that are not known as the run's own; about 80 MB
MAX_OF_A_TRACE = 5_000  # a retry storm, or services that call each other for ever, end here
MAX_PROBLEMS = 10
MAX_PROBLEM = 300


@dataclass(frozen=True, slots=True)
class StoreLimits:
    spans: int = MAX_SPANS
    spans_of_a_trace: int = MAX_OF_A_TRACE


class SpanStore:
    """`file` gets each kept span. A trace is kept whole or, when there are too many, its calls are only counted.

    All methods may be called from any thread.
    """

    def __init__(self, masker: Masker, *, file: Path | None = None, bounds: StoreLimits | None = None) -> None:
        self._masker = masker
        self._file = file
        self._bounds = bounds or StoreLimits()
        self._changed = threading.Condition()
        self._spans: list[Span] = []
        self._by_trace: Counter[str] = Counter()
        self._own: set[str] = set()
        self._others_kept = 0
        self._beyond: Counter[tuple[str, str]] = Counter()
        self._cut: set[str] = set()
        self._problems: Counter[str] = Counter()
        self._last_came_s = time.monotonic()

    def own(self, trace_ids: Iterable[str]) -> None:
        """These traces are the run's: what comes of them is kept, however much others send."""
        with self._changed:
            self._own.update(trace_ids)

    def add(self, spans: Iterable[Span]) -> None:
        """Keep what the bounds allow. A file that cannot be written is a problem, and no reason to refuse spans."""
        spans = [masked(span, self._masker) for span in spans]
        with self._changed:
            kept = [span for span in spans if self._takes(span)]
            self._spans += kept
            if self._file is not None and kept:
                try:
                    append_spans(self._file, kept, self._masker)
                except OSError as error:
                    self._problems[f"spans could not be written to {self._file.name}: {error.strerror}"] += 1
            self._last_came_s = time.monotonic()
            self._changed.notify_all()

    def note(self, problem: str) -> None:
        """Something that was sent could not be used."""
        told = self._masker.text(problem)[:MAX_PROBLEM]
        with self._changed:
            known = told in self._problems or len(self._problems) < MAX_PROBLEMS
            self._problems[told if known else "there were further problems with what was sent"] += 1

    def drain(self, *, since_s: float, quiet_s: float, max_s: float) -> bool:
        """Wait until nothing has come for `quiet_s`, for `at_most_s` in all; False where it went on coming.

        Both count from `since_s` (of the monotonic clock), when somebody was last asked for something.
        """
        end = since_s + max_s
        with self._changed:
            while (quiet := max(self._last_came_s, since_s) + quiet_s) > (now := time.monotonic()):
                if now >= end:
                    return False
                self._changed.wait(min(quiet, end) - now)
            return True

    @property
    def spans(self) -> tuple[Span, ...]:
        """Those kept until now, in the order in which they came."""
        with self._changed:
            return tuple(self._spans)

    @property
    def beyond(self) -> Mapping[tuple[str, str], int]:
        """The calls of traces that were not kept, by component and the callee's name or `http://host:port`."""
        with self._changed:
            return dict(self._beyond)

    @property
    def problems(self) -> tuple[str, ...]:
        """What a reader of the evidence must know about what is not in it."""
        with self._changed:
            told = [f"{what} ({count} times)" if count > 1 else what for what, count in self._problems.items()]
            if self._beyond:
                told.append(f"more spans came than are kept ({self._bounds.spans} outside of scenarios): "
                            f"{self._beyond.total()} further calls were counted only")
            if self._cut:
                told.append(f"{len(self._cut)} traces had more than {self._bounds.spans_of_a_trace} spans; "
                            f"their later ones are left out, the first of them in trace {min(self._cut)}")
            return tuple(told)

    def _takes(self, span: Span) -> bool:
        trace = span.trace_id
        if trace not in self._own and trace not in self._by_trace and self._others_kept >= self._bounds.spans:
            if span.kind in ("client", "producer"):
                self._beyond[span.component, span.peer or _origin(span.url)] += 1
            return False
        if self._by_trace[trace] >= self._bounds.spans_of_a_trace:
            self._cut.add(trace)
            return False
        self._by_trace[trace] += 1
        self._others_kept += trace not in self._own
        return True


def _origin(url: str) -> str:
    parts = urlsplit(url)  # was split before, when it was masked
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
