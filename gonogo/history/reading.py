"""What stands in the history's columns, decoded and checked: whatever is odd is kept as damage, and raises nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import TypeAdapter

from gonogo.model.calls import CallKind
from gonogo.model.load import LoadBaseline
from gonogo.model.not_checked import HistoryDamaged, HistoryPart
from gonogo.records.load_baseline import baselines_of

_Kept = TypeVar("_Kept")
_Kinds = list[tuple[str, str, str]]

_IMAGES = TypeAdapter(dict[str, str])
_DOCUMENT = TypeAdapter(dict[str, object])
_CALLS = TypeAdapter(dict[str, _Kinds])


def strict_json(text: str | bytes) -> object:
    """Raises ValueError or RecursionError where it is no JSON; NaN and Infinity are none."""
    return json.loads(text, parse_constant=_refuse_constant)


class Reader:
    """Decodes columns; `damage` is what was odd so far."""

    def __init__(self) -> None:
        self.damage: list[HistoryDamaged] = []

    def images(self, run: str, column: object) -> dict[str, str]:
        """Component → digest; empty where they are damaged."""
        return self._decoded(_IMAGES, column, HistoryDamaged(HistoryPart.IMAGES, run)) or {}

    def traffic(self, run: str, column: object) -> dict[str, object] | None:
        return self._decoded(_DOCUMENT, column, HistoryDamaged(HistoryPart.TRAFFIC, run))

    def calls(self, run: str, column: object) -> dict[str, frozenset[CallKind]]:
        """Scenario (its key) → the kinds of call that it led to."""
        found = self._decoded(_CALLS, column, HistoryDamaged(HistoryPart.CALLS, run)) or {}
        return {scenario: frozenset(CallKind(*kind) for kind in kinds) for scenario, kinds in found.items()}

    def load_documents(self, run: str, columns: Mapping[str, object]) -> dict[str, dict[str, object]]:
        """Profile → the document of its figures, without those that are damaged."""
        read = {profile: self._decoded(_DOCUMENT, column, HistoryDamaged(HistoryPart.LOAD, run, profile))
                for profile, column in columns.items()}
        return {profile: document for profile, document in read.items() if document is not None}

    def load(self, run: str, columns: Mapping[str, object]) -> dict[str, LoadBaseline]:
        """Profile → its figures, without those that are damaged or of another version."""
        documents = self.load_documents(run, columns)
        baselines = baselines_of(run, documents)
        self.damage += [HistoryDamaged(HistoryPart.LOAD, run, profile)
                        for profile in documents if profile not in baselines]
        return baselines

    def durations(self, rows: Iterable[tuple[object, object]]) -> dict[str, float]:
        """Scenario (its key) → seconds."""
        found: dict[str, float] = {}
        odd = False
        for scenario, seconds in rows:
            if isinstance(scenario, str) and isinstance(seconds, int | float) and 0 <= seconds < math.inf:
                found[scenario] = float(seconds)
            else:
                odd = True
        if odd:
            self.damage.append(HistoryDamaged(HistoryPart.DURATIONS))
        return found

    def moment(self, run: str, column: object, precision: str) -> str:
        """ISO 8601, UTC, with as many digits as `timespec` of datetime.isoformat gives; "" where it is none."""
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
