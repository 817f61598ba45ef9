"""The values that a scenario drew (`context.world.data`), as plain data: what a person typed, and under which name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DrawnValue:
    """One value, as text. `name` says what it is ("the e-mail of Ana"); names are unique in an attempt.

    `unique` is the part of `value` that is new in each attempt, "" if it has none: two runs of a scenario differ there
    and nowhere else.
    """

    name: str
    value: str
    unique: str = ""


@dataclass(frozen=True, slots=True)
class DrawnValues:
    """What one attempt drew, in order; `left_out` counts the values past the bounds."""

    values: tuple[DrawnValue, ...] = ()
    left_out: int = 0

    def __bool__(self) -> bool:
        return bool(self.values or self.left_out)

    def equal_to(self, value: str) -> tuple[DrawnValue, ...]:
        """The drawn values that `value` is, to the letter; several names can share a text."""
        return tuple(each for each in self.values if each.value == value)
