"""Decodes and checks the columns of the history. Invalid values are recorded as damage and raise nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import TypeVar

from pydantic import TypeAdapter

from gonogo.model.calls import CallKind
from gonogo.model.identity import ScenarioId
from gonogo.model.load import LoadBaseline
from gonogo.model.not_checked import HistoryDamaged, HistoryPart
from gonogo.records.load_baseline import baselines_of

_Kept = TypeVar("_Kept")
_Kinds = list[tuple[str, str, str]]

_IMAGES = TypeAdapter(dict[str, str])
_DOCUMENT = TypeAdapter(dict[str, object])
_CALLS = TypeAdapter(dict[str, _Kinds])
_SCENARIOS = TypeAdapter(dict[str, list[str]])


def strict_json(text: str | bytes) -> object:
    """Parse JSON. Raises ValueError or RecursionError if it is invalid; NaN and Infinity are invalid."""
    return json.loads(text, parse_constant=_refuse_constant)


class Reader:
    """Decodes columns; `damage` lists the invalid values so far."""

    def __init__(self) -> None:
        self.damage: list[HistoryDamaged] = []

    def images(self, run: str, column: object) -> dict[str, str]:
        """Component → digest; empty if the column is damaged."""
        return self._decoded(_IMAGES, column, HistoryDamaged(HistoryPart.IMAGES, run)) or {}

    def traffic(self, run: str, column: object) -> dict[str, object] | None:
        return self._decoded(_DOCUMENT, column, HistoryDamaged(HistoryPart.TRAFFIC, run))

    def calls(self, run: str, column: object) -> dict[str, frozenset[CallKind]]:
        """Scenario key → the kinds of call that it caused."""
        calls = self._decoded(_CALLS, column, HistoryDamaged(HistoryPart.CALLS, run)) or {}
        return {scenario: frozenset(CallKind(*kind) for kind in kinds) for scenario, kinds in calls.items()}

    def scenarios(self, run: str, column: object) -> dict[str, list[str]] | None:
        """Stage → the keys of its scenarios."""
        damaged = HistoryDamaged(HistoryPart.SCENARIOS, run)
        scenarios = self._decoded(_SCENARIOS, column, damaged)
        try:
            for key in chain.from_iterable((scenarios or {}).values()):
                ScenarioId.from_key(key)
        except ValueError:
            self.damage.append(damaged)
            return None
        return scenarios

    def load_documents(self, run: str, columns: Mapping[str, object]) -> dict[str, dict[str, object]]:
        """Profile → the document of its figures, without damaged ones."""
        decoded = {profile: self._decoded(_DOCUMENT, column, HistoryDamaged(HistoryPart.LOAD, run, profile))
                for profile, column in columns.items()}
        return {profile: document for profile, document in decoded.items() if document is not None}

    def load(self, run: str, columns: Mapping[str, object]) -> dict[str, LoadBaseline]:
        """Profile → its figures, without damaged ones and those of another version."""
        documents = self.load_documents(run, columns)
        baselines = baselines_of(run, documents)
        self.damage += [HistoryDamaged(HistoryPart.LOAD, run, profile)
                        for profile in documents if profile not in baselines]
        return baselines

    def documents(self, run: str, columns: Mapping[str, object]) -> dict[str, dict[str, object]]:
        """Kind of evidence → its document, without damaged ones."""
        decoded = {kind: self._decoded(_DOCUMENT, column, HistoryDamaged(HistoryPart.DOCUMENT, run, kind))
                   for kind, column in columns.items()}
        return {kind: document for kind, document in decoded.items() if document is not None}

    def durations(self, rows: Iterable[tuple[object, object]]) -> dict[str, float]:
        """Scenario key → seconds."""
        durations: dict[str, float] = {}
        is_damaged = False
        for scenario, seconds in rows:
            if isinstance(scenario, str) and isinstance(seconds, int | float) and 0 <= seconds < math.inf:
                durations[scenario] = float(seconds)
            else:
                is_damaged = True
        if is_damaged:
            self.damage.append(HistoryDamaged(HistoryPart.DURATIONS))
        return durations

    def moment(self, run: str, column: object, precision: str) -> str:
        """Return ISO 8601 in UTC; `precision` is the `timespec` of datetime.isoformat. "" if the column is damaged."""
        try:
            moment = datetime.fromisoformat(str(column))
        except ValueError:
            self.damage.append(HistoryDamaged(HistoryPart.TIME, run))
            return ""
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec=precision)

    def _decoded(self, adapter: TypeAdapter[_Kept], column: object, damaged: HistoryDamaged) -> _Kept | None:
        try:
            if isinstance(column, str):
                return adapter.validate_python(strict_json(column))
        except (ValueError, RecursionError):
            pass
        self.damage.append(damaged)
        return None


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not a number")
