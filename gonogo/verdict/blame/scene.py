"""The input of clue sources: the evidence of one failing scenario."""

from __future__ import annotations

from dataclasses import dataclass

from gonogo.model.calls import MAX_SCENARIOS, Call, CallChange, Difference, Edge, WireEvidence
from gonogo.model.exposures import LoggedKind
from gonogo.model.logs import LogRecord
from gonogo.verdict.blame.flow import caller_of


@dataclass(frozen=True, slots=True)
class Scene:
    """The evidence of one failing scenario.

    `scenario` is its key; `changed` are the changed components, None without a baseline. `errors` are those that
    components logged in its trace, `known_errors` the kinds that they logged in the baseline.
    """

    scenario: str
    step: str
    message: str
    wire: WireEvidence
    changed: tuple[str, ...] | None
    errors: tuple[LogRecord, ...] = ()
    known_errors: frozenset[LoggedKind] = frozenset()

    @property
    def calls(self) -> tuple[Call, ...]:
        return self.wire.calls.get(self.scenario, ())

    @property
    def changes(self) -> tuple[CallChange, ...]:
        return self.wire.changes.get(self.scenario, ())

    @property
    def differences(self) -> tuple[Difference, ...]:
        called = {call.edge for root in self.calls for call in root.walk()}
        # a difference names only its first scenarios
        return tuple(each for each in self.wire.differences if self.scenario in each.scenarios
                     or (len(each.scenarios) >= MAX_SCENARIOS and each.edge in called))

    def is_changed(self, component: str) -> bool:
        return component in (self.changed or ())

    def caller(self, edge: Edge) -> str:
        return caller_of(edge, self.wire)
