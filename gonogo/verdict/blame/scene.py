"""What is known of one failing scenario, as clues are looked for in it."""

from __future__ import annotations

from dataclasses import dataclass

from gonogo.model.calls import MAX_SCENARIOS, Call, CallChange, Difference, Edge, WireEvidence
from gonogo.verdict.blame.flow import caller_of


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known of one failing scenario.

    `scenario` is its key; `changed` is None where there is no GO to compare images with.
    """

    scenario: str
    step: str
    message: str
    wire: WireEvidence
    changed: tuple[str, ...] | None

    @property
    def calls(self) -> tuple[Call, ...]:
        return self.wire.calls.get(self.scenario, ())

    @property
    def changes(self) -> tuple[CallChange, ...]:
        return self.wire.changes.get(self.scenario, ())

    @property
    def differences(self) -> tuple[Difference, ...]:
        called = {call.edge for root in self.calls for call in root.walk()}
        # of many scenarios only some are told by name
        return tuple(each for each in self.wire.differences if self.scenario in each.scenarios
                     or (len(each.scenarios) >= MAX_SCENARIOS and each.edge in called))

    def is_changed(self, component: str) -> bool:
        return component in (self.changed or ())

    def caller(self, edge: Edge) -> str:
        return caller_of(edge, self.wire)
