"""Keeps the log records of a run in memory, within limits, and masks them when its stages have ended.

Only then is it known what the scenarios typed, and which tokens they were given. Records are written by `records.logs`.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from sys import getsizeof

from gonogo.model.logs import LogRecord
from gonogo.secrets.masking import Masker, is_masked
from gonogo.traffic.spans.arrivals import Arrivals

MAX_STORED_RECORDS = 50_000  # records of traces that the run did not begin, and that are no errors, may take half
MAX_STORED_BYTES = 48 * 1024 * 1024  # likewise
MAX_RECORDS_OF_A_TRACE = 2_000
MAX_PROBLEMS = 10
MAX_PROBLEM_CHARS = 300


@dataclass(frozen=True, slots=True)
class LogLimits:
    records: int = MAX_STORED_RECORDS
    bytes: int = MAX_STORED_BYTES
    records_of_a_trace: int = MAX_RECORDS_OF_A_TRACE


class LogStore:
    """Beyond the limits, records are only counted, as `received`. All methods are thread-safe.

    `is_issued` says whether the run began a trace.
    """

    def __init__(self, masker: Masker, *, limits: LogLimits | None = None,
                 is_issued: Callable[[str], bool] = lambda _trace_id: False) -> None:
        self._masker = masker
        self._limits = limits or LogLimits()
        self._is_issued = is_issued
        self._lock = threading.Lock()
        self._records: list[LogRecord] = []
        self._bytes = 0
        self._by_trace: Counter[str] = Counter()
        self._dropped = 0
        self.received = 0
        self._problems: Counter[str] = Counter()
        self.arrivals = Arrivals()

    def add(self, records: Iterable[LogRecord]) -> None:
        """Store records within the limits."""
        with self._lock:
            for record in records:
                self.received += 1
                if self._accepts(record):
                    self._records.append(record)
        self.arrivals.note()

    def add_problem(self, problem: str) -> None:
        """Record that received data cannot be used."""
        text = self._masker.text(problem)[:MAX_PROBLEM_CHARS]
        with self._lock:
            recorded = text in self._problems or len(self._problems) < MAX_PROBLEMS
            self._problems[text if recorded else "further problems with log records"] += 1

    def masked(self, is_own: Callable[[str], bool]) -> tuple[LogRecord, ...]:
        """Of the stored records, masked: errors, those of the run's own traces, and all in which something is masked.

        In the order of their times, as far as these are known.
        """
        with self._lock:
            records = list(self._records)
        kept = (each for record in records if (each := _masked(record, self._masker)).is_error
                or is_own(each.trace_id) or _has_mask(each))
        return tuple(sorted(kept, key=lambda record: record.at_s))

    @property
    def problems(self) -> tuple[str, ...]:
        """Why the stored records are incomplete."""
        with self._lock:
            texts = [f"{what} ({count} times)" if count > 1 else what for what, count in self._problems.items()]
            if self._dropped:
                texts.append(f"{self._dropped} log records were left out: at most {self._limits.records} records and "
                             f"{self._limits.bytes} bytes are kept, {self._limits.records_of_a_trace} of a trace, and "
                             "half of that of what belongs to no trace of the run and is no error")
            return tuple(texts)

    def _accepts(self, record: LogRecord) -> bool:
        share = 1 if record.is_error or self._is_issued(record.trace_id) else 2
        size = _size(record)
        if (len(self._records) + 1 > self._limits.records // share or self._bytes + size > self._limits.bytes // share
                or (record.trace_id and self._by_trace[record.trace_id] >= self._limits.records_of_a_trace)):
            self._dropped += 1
            return False
        self._by_trace[record.trace_id] += 1
        self._bytes += size
        return True


def _masked(record: LogRecord, masker: Masker) -> LogRecord:
    wider = masker.within(record.trace_id)
    return replace(record, component=wider.text(record.component), body=wider.text(record.body),
                   attributes={wider.text(key): wider.member(key, value) for key, value in record.attributes.items()})


def _has_mask(record: LogRecord) -> bool:
    return any(map(is_masked, _texts(record)))


def _texts(record: LogRecord) -> Iterator[str]:
    yield record.body
    yield from record.attributes.values()


def _size(record: LogRecord) -> int:
    """The memory that a record takes, approximately."""
    texts = (record.component, record.trace_id, record.span_id, record.exception, record.source, *record.attributes,
             *_texts(record))
    return getsizeof(record) + getsizeof(record.attributes) + sum(map(getsizeof, texts))
