"""Renders the calls of one scenario as a text tree, step by step, and marks the call where the error began.

    Ana books the flight
      browser → gateway POST /api/bookings 502 184 ms  ← passed on
        gateway → bookings POST /bookings 502 180 ms  ← passed on
          bookings → gds POST /pnrs 400 12 ms  ← error origin: NM01 INVALID NAME FORMAT

Consecutive equal calls (a page that polls) are one line with a count. `traffic.analysis.failing_hop` finds the error's
origin; `calls_file` writes the file.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from gonogo.core.text import printable
from gonogo.model.calls import Call

_ORIGIN = "← error origin"
_PASSED_ON = "← passed on"
_NO_STEP = "outside of a step"
_MAX_TEXT = 300
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class TreeLine:
    """One line; `is_origin` marks the call where the error began."""

    text: str
    is_origin: bool = False


_EqualCalls = tuple[Call, ...]  # the calls of one line: equal except for their times


def render_calls(calls: Sequence[Call], hop: Sequence[Call] = ()) -> str:
    """The tree of `calls`; `hop` is the path from one of them to the error's origin, empty without an error."""
    return "".join(line.text + "\n" for line in tree_lines(calls, hop))


def tree_lines(calls: Sequence[Call], hop: Sequence[Call] = ()) -> list[TreeLine]:
    lines: list[TreeLine] = []
    stepless = not any(call.step for call in calls)
    for step, of_step in groupby(calls, key=lambda call: call.step):
        if not stepless:
            lines.append(TreeLine(_in_one_line(step) or _NO_STEP))
        lines += _lines([(call,) for call in of_step], hop, 0 if stepless else 1)
    return lines


def _lines(calls: Iterable[_EqualCalls], hop: Sequence[Call], depth: int) -> Iterator[TreeLine]:
    for _, several in groupby(calls, key=lambda alike: _group_key(alike[0], hop)):
        alike = tuple(call for each in several for call in each)
        below_hop = hop[1:] if _is_on(hop, alike[0]) else ()
        is_on_hop = _is_on(hop, alike[0])
        is_origin = is_on_hop and not below_hop
        yield TreeLine(_INDENT * depth + _line(alike, is_on_hop=is_on_hop, is_origin=is_origin), is_origin)
        yield from _lines(zip(*(call.calls for call in alike), strict=True), below_hop, depth + 1)


def _group_key(call: Call, hop: Sequence[Call]) -> Hashable:
    """The grouping key: calls with equal keys are one line. The path to the error is never grouped."""
    if _is_on(hop, call):
        return hop[0].started_s, hop[0].span_id
    return call.edge, call.status, call.error_text, call.late, tuple(_group_key(below, ()) for below in call.calls)


def _is_on(hop: Sequence[Call], call: Call) -> bool:
    """Whether `call` is the first of `hop`, whose calls lack the successful calls below them."""
    return bool(hop) and replace(call, calls=()) == replace(hop[0], calls=())


def _line(alike: _EqualCalls, *, is_on_hop: bool, is_origin: bool) -> str:
    call, edge = alike[0], alike[0].edge
    parts = [f"{edge.caller or '?'} → {edge.callee} {edge.operation}", _status(call),
             f"×{len(alike)}" if len(alike) > 1 else "", _duration(alike),
             "(after the answer)" if call.late else ""]
    line = _in_one_line(" ".join(part for part in parts if part))
    error_text = _in_one_line(call.error_text)[:_MAX_TEXT] if call.failed else ""
    mark = "" if not is_on_hop else _ORIGIN if is_origin else _PASSED_ON if call.failed else ""
    remark = ": ".join(part for part in (mark, error_text) if part)
    return f"{line}  {remark}" if remark else line


def _status(call: Call) -> str:
    if not call.edge.endpoint.startswith("/"):  # not HTTP, so the status is artificial
        return "failed" if call.failed else "ok"
    return str(call.status) if call.status else "no answer"


def _duration(alike: _EqualCalls) -> str:
    """The duration or its range; "" if it was not measured."""
    shortest, longest = min(call.duration_ms for call in alike), max(call.duration_ms for call in alike)
    if not longest:
        return ""
    return f"{longest:.0f} ms" if f"{shortest:.0f}" == f"{longest:.0f}" else f"{shortest:.0f}–{longest:.0f} ms"


def _in_one_line(text: str) -> str:
    return printable(" ".join(text.split()))
