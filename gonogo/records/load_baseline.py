"""Writes and reads the figures of a load profile as a JSON document, the baseline for later runs.

The history stores it, and selects the baseline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from gonogo.model.load import Bucket, LoadBaseline, LoadEvidence

_Row = tuple[str, int, int, int, float, float, float]


class _Document(BaseModel):
    """A bucket is a list: endpoint, from_s, requests, failed, and p50, p95 and p99 in ms."""

    model_config = ConfigDict(allow_inf_nan=False)

    version: Literal[1]
    planned_s: float
    planned_users: int
    planned_spawn_rate: float
    planned_arrivals: dict[str, object] | None
    buckets: list[_Row]
    probe: list[_Row]


def baseline_document(evidence: LoadEvidence) -> dict[str, object]:
    """The part of a profile's evidence that later runs are compared with."""
    arrivals = evidence.planned_arrivals
    return {
        "version": 1, "planned_s": evidence.planned_s, "planned_users": evidence.planned_users,
        "planned_spawn_rate": evidence.planned_spawn_rate,
        "planned_arrivals": None if arrivals is None else dict(arrivals),
        "buckets": _rows(evidence.buckets), "probe": _rows(evidence.probe)}


def baselines_of(run: str, documents: Mapping[str, Mapping[str, object]]) -> dict[str, LoadBaseline]:
    """Profile → its baseline; without invalid documents and those of another version."""
    baselines = {profile: _baseline_of(run, document) for profile, document in documents.items()}
    return {profile: each for profile, each in baselines.items() if each is not None}


def _baseline_of(run: str, document: Mapping[str, object]) -> LoadBaseline | None:
    try:
        parsed = _Document.model_validate(document)
    except ValidationError:
        return None
    return LoadBaseline(run, parsed.planned_s, parsed.planned_users, parsed.planned_spawn_rate, parsed.planned_arrivals,
                        tuple(Bucket(*row) for row in parsed.buckets), tuple(Bucket(*row) for row in parsed.probe))


def _rows(buckets: Sequence[Bucket]) -> list[list[object]]:
    return [[each.endpoint, each.from_s, each.requests, each.failed, each.p50_ms, each.p95_ms, each.p99_ms]
            for each in buckets]
