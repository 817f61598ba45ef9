"""SVG primitives for charts over time: panels below each other with one time axis."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT = 960.0, 56.0, 24.0
HEAD, FOOT = 34.0, 26.0  # above each panel, for its title; below the last, for the time axis


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart: time on the x axis, values on the y axis from 0 to `highest`."""

    seconds: float
    top: float
    height: float
    highest: float = 1.0

    @property
    def foot(self) -> float:
        return self.top + self.height

    def x(self, second: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * min(max(second, 0.0), self.seconds) / self.seconds, 1)

    def y(self, value: float) -> float:
        return round(self.foot - self.height * min(value, self.highest) / self.highest, 1)


def axis(panel: Panel, title: str) -> list[str]:
    """The panel's title and its y axis."""
    drawn = [text_at(0, panel.top - 8, title, "head")]
    for value in (0.0, panel.highest / 2, panel.highest):
        drawn.append(f'<path class="grid" d="M{LEFT} {panel.y(value)} H{WIDTH - RIGHT}"/>')
        drawn.append(text_at(LEFT - 6, panel.y(value) + 4, f"{value:g}", anchor="end"))
    return drawn


def clock(frame: Panel) -> Iterator[str]:
    """The time axis, with grid lines through all panels of `frame`."""
    step = _step(frame.seconds / 8)
    for index in range(int(frame.seconds / step) + 1):
        x = frame.x(index * step)
        yield f'<path class="grid" d="M{x} {HEAD} V{frame.foot}"/>'
        yield text_at(x, frame.foot + 18, f"{index * step:g} s", anchor="middle")


def nice_top(value: float) -> float:
    """The smallest round number that is at least `value` and has a round half."""
    step = _step(value / 8)
    return max(math.ceil(value / (2 * step)), 1) * 2 * step


def _step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, … that is at least `least`."""
    magnitude = 10.0 ** math.floor(math.log10(max(least, 1.0)))
    return next(factor * magnitude for factor in (1, 2, 5, 10) if factor * magnitude >= max(least, 1.0))


def text_at(x: float, y: float, text: str, kind: str = "", *, anchor: str = "start") -> str:
    chosen = f' class="{kind}"' if kind else ""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}"{chosen}>{escape(text)}</text>'
