"""What the evidence of one failing scenario is, and how much a clue in it tells. The clues themselves are `clues`'."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from gonogo.model.calls import MOST_SCENARIOS, Call, CallChange, Difference, Edge, WireEvidence
from gonogo.verdict.blame.flow import caller_of


class Weight(IntEnum):
    """How much a clue tells, twice as much a step."""

    REACHABLE = 1  # its answers reach the browser, where something was wrong
    ASKED = 2  # the failing step asked a party that it writes to
    CALLED_LESS = 4  # as a scenario that stops early does too
    SHOWN = 8  # the page that the browser saw last was its own
    REFUSED = 16  # answered with 4xx, which it may always have been: there is no GO to compare with
    CALLED_OTHERWISE = 32
    WRONG_FOR_A_WHILE = 64  # answered with 5xx until it was asked again: what was done otherwise then comes of that
    BLOCKED = 128  # the browser would not run it, or not hand it to the page
    CHANGED_SHAPE = 256
    BROKE_CONTRACT = 512
    WENT_WRONG = 1024  # answered with 5xx or not at all, or with 4xx where it was not so in the last GO


@dataclass(frozen=True, slots=True)
class Clue:
    """`component` may have broken `peer`, for the reason that `text` tells about `operation`."""

    component: str
    peer: str
    operation: str
    weight: Weight
    text: str


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
                     or (len(each.scenarios) >= MOST_SCENARIOS and each.edge in called))

    def is_changed(self, component: str) -> bool:
        return component in (self.changed or ())

    def caller(self, edge: Edge) -> str:
        return caller_of(edge, self.wire)
