"""Reads the record of one load profile, which `load_record` writes, as LoadEvidence.

`gonogo.verdict.load.profile` judges it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from gonogo.core.errors import EvidenceError
from gonogo.model.histogram import Histogram
from gonogo.model.load import (
    Arrived,
    Bucket,
    EndpointSamples,
    LoadEvidence,
    LostObjective,
    MemorySample,
    Phase,
    PhaseKind,
)
from gonogo.records.load_record import (
    END_FILE,
    MEMORY_FILE,
    PLAN_FILE,
    PROBE_FILE,
    PULSE_FILE,
    SAMPLES_FILE,
    LoadEnd,
    LoadPlan,
    MemoryOfComponent,
    PlannedPhase,
    Pulse,
    SecondOfEndpoint,
)

_BUCKET_S = 5
_SHORT_S, _BUCKET_OF_SHORT_S = 60, 3  # smaller buckets, so that a short run has enough of them for a comparison
_RERUN = "run the profile again; only its own processes may write to its folder."
_MUST_NOT_FAIL = (PhaseKind.SPIKE, PhaseKind.RECOVERY)
_Record = TypeVar("_Record", bound=BaseModel)


def read_load_evidence(folder: Path) -> LoadEvidence:
    """The record in `folder` (load/<profile>/); missing files mean not sent and not finished.

    Raises EvidenceError if a file is damaged.
    """
    plan = _read(folder / PLAN_FILE, LoadPlan)
    if plan is None:
        return LoadEvidence(profile=folder.name)
    end = _read(folder / END_FILE, LoadEnd) or LoadEnd(finished=False, sent_s=0.0, peak_users=0)
    whole = (folder / END_FILE).exists()
    sent = _read_lines(folder / SAMPLES_FILE, SecondOfEndpoint, whole=whole)
    last_s = max((line.second + 1 for line in sent), default=0)
    stepwise = any(planned.kind is PhaseKind.STEP for planned in plan.phases)
    pulses = _read_lines(folder / PULSE_FILE, Pulse, whole=whole) if stepwise else []
    phases = tuple(_phase(planned, sent, pulses, end.sent_s or last_s) for planned in plan.phases)
    loaded = [planned for planned in plan.phases if planned.kind is PhaseKind.LOAD]
    bucket_s = _BUCKET_S if plan.duration_s >= _SHORT_S else _BUCKET_OF_SHORT_S
    return LoadEvidence(
        profile=plan.profile, endpoints=judged_samples(phases), phases=phases, finished=end.finished,
        planned_s=plan.duration_s, planned_users=plan.users, planned_spawn_rate=plan.spawn_rate,
        planned_arrivals=plan.arrivals, sent_s=end.sent_s if whole else float(last_s), peak_users=end.peak_users,
        missing_users=end.missing_users, lost_workers=end.lost_workers, cpu_ratio=end.cpu_ratio,
        lag_p95_ms=end.lag_p95_ms, user_errors=dict(end.user_errors), refused=tuple(end.refused),
        aborted=LostObjective(**end.aborted.model_dump()) if end.aborted else None, knee_passed=end.knee_passed,
        extended=end.extended,
        arrived=Arrived(end.due or 0, end.started or 0, end.dropped or 0) if plan.arrivals else None,
        timeline=tuple(_buckets(sent, 1)), buckets=tuple(_buckets(_within(sent, loaded), bucket_s)),
        probe=tuple(_buckets(_read_lines(folder / PROBE_FILE, SecondOfEndpoint, whole=whole), bucket_s)),
        memory=tuple(MemorySample(line.component, line.second, line.rss_bytes)
                     for line in _read_lines(folder / MEMORY_FILE, MemoryOfComponent, whole=whole)))


def samples_of(sent: Iterable[SecondOfEndpoint]) -> tuple[EndpointSamples, ...]:
    """The lines merged by endpoint, sorted by endpoint. Raises EvidenceError."""
    latencies: dict[str, Histogram] = {}
    failures: dict[str, Counter[str]] = {}
    untimed: Counter[str] = Counter()
    for line in sent:
        merged = latencies.setdefault(line.endpoint, Histogram())
        if line.histogram:
            merged.add(_decoded(line))
        failures.setdefault(line.endpoint, Counter()).update(line.failures)
        untimed[line.endpoint] += line.untimed
    return tuple(EndpointSamples(name, latencies[name], dict(failures[name]), untimed[name])
                 for name in sorted(latencies))


def judged_samples(phases: Iterable[Phase]) -> tuple[EndpointSamples, ...]:
    """The samples of all load phases, merged by endpoint. Of spikes and recoveries, only failures count."""
    merged: dict[str, EndpointSamples] = {}
    for phase in phases:
        for samples in phase.endpoints if phase.kind in (PhaseKind.LOAD, *_MUST_NOT_FAIL) else ():
            merged[samples.endpoint] = _merged(merged.get(samples.endpoint), samples,
                                              judged=phase.kind is PhaseKind.LOAD)
    return tuple(merged[name] for name in sorted(merged))


def _merged(before: EndpointSamples | None, more: EndpointSamples, *, judged: bool) -> EndpointSamples:
    before = before or EndpointSamples(more.endpoint)
    latencies = Histogram()
    latencies.add(before.latencies)
    if judged:
        latencies.add(more.latencies)
    return EndpointSamples(
        more.endpoint, latencies, dict(Counter(before.failures) + Counter(more.failures)),
        before.untimed + more.untimed, before.unjudged + (0 if judged else more.latencies.count))


def _phase(planned: PlannedPhase, sent: Sequence[SecondOfEndpoint], pulses: Sequence[Pulse], ended_s: float) -> Phase:
    to_s = max(ended_s if planned.to_s is None else planned.to_s, planned.from_s)
    return Phase(planned.kind, planned.from_s, to_s, planned.per_s, samples_of(_within(sent, [planned])),
                 _arrived(pulses, planned.from_s, to_s) if planned.kind is PhaseKind.STEP and pulses else None)


def _arrived(pulses: Sequence[Pulse], from_s: float, to_s: float) -> Arrived:
    """The visits between two seconds; a pulse has the total since the start."""
    begun, ended = (next((pulse for pulse in pulses if pulse.second >= at_s), pulses[-1]) for at_s in (from_s, to_s))
    if not from_s:
        return Arrived(ended.due, ended.started, ended.dropped)
    return Arrived(ended.due - begun.due, ended.started - begun.started, ended.dropped - begun.dropped)


def _within(sent: Iterable[SecondOfEndpoint], phases: Sequence[PlannedPhase]) -> list[SecondOfEndpoint]:
    return [line for line in sent if any(phase.holds(line.second) for phase in phases)]


def _buckets(sent: Iterable[SecondOfEndpoint], size_s: int) -> Iterator[Bucket]:
    """The buckets by time. Only one histogram is in memory at a time: each takes 190 kB."""
    def key(line: SecondOfEndpoint) -> tuple[int, str]:
        return line.second // size_s * size_s, line.endpoint

    for (from_s, _), lines in groupby(sorted(sent, key=key), key):
        [merged] = samples_of(lines)
        if merged.latencies.count:
            yield Bucket(merged.endpoint, from_s, merged.requests, merged.failed,
                         *merged.latencies.percentiles(50, 95, 99))


def _decoded(line: SecondOfEndpoint) -> Histogram:
    try:
        return Histogram.decoded(line.histogram)
    except ValueError as error:
        raise EvidenceError(f"The record of the load is damaged: {error}.", fix=_RERUN,
                            where=f"second {line.second} of {line.endpoint}") from error


def _read_lines(path: Path, model: type[_Record], *, whole: bool) -> list[_Record]:
    """The lines of a file. If the generator was killed (`whole` is False), an incomplete last line is left out."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _damaged(str(path)) from error
    lines = text.splitlines(keepends=True)
    if not whole and lines and not lines[-1].endswith("\n"):
        lines.pop()
    return [_parse(line, model, f"{path}:{number}") for number, line in enumerate(lines, start=1)]


def _read(path: Path, model: type[_Record]) -> _Record | None:
    try:
        return _parse(path.read_text(encoding="utf-8", errors="replace"), model, str(path))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _damaged(str(path)) from error


def _parse(text: str, model: type[_Record], where: str) -> _Record:
    try:
        return model.model_validate(json.loads(text))
    except (ValueError, ValidationError, RecursionError) as error:
        raise _damaged(where) from error


def _damaged(where: str) -> EvidenceError:
    return EvidenceError("The record of the load is damaged.", where=where, fix=_RERUN)
