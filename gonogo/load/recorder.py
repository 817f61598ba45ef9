"""Writes the record of one run as it goes: the counts of each second, and the figures of the generator itself."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import gevent

from gonogo.core.errors import GonogoError
from gonogo.core.streams import lasting
from gonogo.load.generator_health import GeneratorHealth
from gonogo.load.phases import phases_of
from gonogo.load.profile_choice import Choice
from gonogo.load.sampling import Sampling
from gonogo.load.side_probes import SideProbes
from gonogo.load.tally import lines_of
from gonogo.load.totals import Totals
from gonogo.model.load import Arrived, EndpointSamples, LoadEvidence, LostObjective
from gonogo.records.load_record import (
    MEMORY_FILE,
    PROBE_FILE,
    PULSE_FILE,
    AbortedFor,
    LoadEnd,
    LoadPlan,
    LoadRecord,
    Pulse,
)
from gonogo.secrets.masking import Masker


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one sending process, or of all: users (or visits) under way, visits so far, health of the generator."""

    users: int = 0
    due: int = 0
    started: int = 0
    dropped: int = 0
    cpu_ratio: float | None = None
    lag_p95_ms: float | None = None

    @classmethod
    def of_all(cls, figures: Iterable[Figures], users: int) -> Figures:
        """The sums and the worst health; `users` applies if no visits are under way."""
        all_figures = list(figures)
        return cls(sum(each.users for each in all_figures) or users, sum(each.due for each in all_figures),
                   sum(each.started for each in all_figures), sum(each.dropped for each in all_figures),
                   max((each.cpu_ratio for each in all_figures if each.cpu_ratio is not None), default=None),
                   max((each.lag_p95_ms for each in all_figures if each.lag_p95_ms is not None), default=None))


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended."""

    finished: bool
    sent_s: float
    reason: str = ""
    aborted: LostObjective | None = None
    extended: bool = False
    knee_passed: bool = False
    missing_users: int = 0
    lost_workers: int = 0
    refused: tuple[str, ...] = ()


class LoadRecorder:
    """Records one run of a profile, from its first user to its last; calls `read_figures` each second."""

    def __init__(self, choice: Choice, folder: Path, read_figures: Callable[[], Figures], masker: Masker) -> None:
        self.folder = folder
        self.sampling = Sampling(masker)
        self.totals = Totals(phases_of(choice.size))
        self._open = choice.size.arrivals is not None
        self._read_figures = read_figures
        self._figures = Figures()
        self._peak_users = 0
        self._health = GeneratorHealth()
        self._start = time.monotonic()
        self._masker = masker
        self._record = LoadRecord(folder, _plan_of(choice), masker)
        self._side_probes = SideProbes(choice.probe, choice.metrics, masker)
        self._flushing = gevent.spawn(self._flush_each_second)

    def end(self, ending: Ending) -> None:
        """Write the last counts and close the record."""
        self._flushing.kill()
        self._health.stop()
        self._side_probes.stop()
        self.flush()
        figures = self._figures
        visits = {"due": figures.due, "started": figures.started, "dropped": figures.dropped} if self._open else {}
        self._record.end(LoadEnd(
            finished=ending.finished, reason=ending.reason, sent_s=round(ending.sent_s, 3),
            peak_users=self._peak_users, missing_users=ending.missing_users, lost_workers=ending.lost_workers,
            cpu_ratio=figures.cpu_ratio, lag_p95_ms=figures.lag_p95_ms, extended=ending.extended,
            aborted=AbortedFor(**asdict(ending.aborted)) if ending.aborted else None, knee_passed=ending.knee_passed,
            user_errors=dict(self.sampling.user_errors), refused=ending.refused, **visits))

    def update_figures(self) -> Figures:
        """Update and return the figures, including the health of this process: a busy master delays its workers."""
        own = Figures(cpu_ratio=self._health.cpu_ratio, lag_p95_ms=self._health.lag_p95_ms)
        self._figures = Figures.of_all([self._read_figures(), own], users=0)
        self._peak_users = max(self._peak_users, self._figures.users)
        return self._figures

    def so_far(self, profile: str, sent_s: float, *, extended: bool) -> LoadEvidence:
        """The evidence so far, as if the run had ended properly, to decide whether to continue."""
        self.flush()
        figures = self._figures
        endpoints: tuple[EndpointSamples, ...] = self.totals.endpoints
        return LoadEvidence(
            profile, endpoints, finished=True, planned_users=max(1, self._peak_users), sent_s=sent_s,
            peak_users=self._peak_users, cpu_ratio=figures.cpu_ratio, lag_p95_ms=figures.lag_p95_ms,
            extended=extended, phases=self.totals.phases(sent_s),
            arrived=Arrived(figures.due, figures.started, figures.dropped) if self._open else None)

    def flush(self) -> None:
        self._health.read()
        figures = self.update_figures()
        counts = self.sampling.tally.drained()
        self.totals.add(counts)
        self._record.add(lines_of(counts))
        probed, memory = self._side_probes.drained()
        self._record.add(probed, PROBE_FILE)
        self._record.add(memory, MEMORY_FILE)
        self._record.add([Pulse(second=round(time.monotonic() - self._start), users=figures.users, due=figures.due,
                                started=figures.started, dropped=figures.dropped, cpu_ratio=figures.cpu_ratio)],
                         PULSE_FILE)

    def _flush_each_second(self) -> None:
        second = 1
        while True:
            gevent.sleep(max(0.0, self._start + second - time.monotonic()))
            second += 1
            try:
                self.flush()
            except GonogoError as error:
                exit_with(error, self._masker)


def exit_with(error: GonogoError, masker: Masker) -> NoReturn:
    """End Locust with the error's exit code; gevent passes SystemExit from a greenlet to the main one."""
    lasting(sys.stderr).write(masker.text(f"{error}\n"))
    raise SystemExit(int(error.exit_code)) from error


def _plan_of(choice: Choice) -> LoadPlan:
    size = choice.size
    return LoadPlan(
        profile=choice.name, environment=choice.environment_name, url=choice.environment.url,
        started=datetime.now(UTC).isoformat(timespec="seconds"), users=size.most_at_once, spawn_rate=size.spawn_rate,
        arrivals=size.arrivals.model_dump(mode="json") if size.arrivals else None, duration_s=size.duration_s,
        shape="arrivals" if size.arrivals else getattr(choice.declaration.shape, "__name__", "?"),
        personas={persona.__name__: weight for persona, weight in choice.declaration.personas.items()},
        phases=phases_of(size))
