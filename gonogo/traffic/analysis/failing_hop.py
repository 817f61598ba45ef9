"""The way down to the call that went wrong, past the calls that only passed its error on.

The rules, in the order in which they decide:

1. A call went wrong where it was not answered, or with 4xx or 5xx. What its caller could do without is handled: the
   caller answered 2xx or 3xx, or made the same kind of call again, after it, with success.
2. No answer and 5xx are stronger than 4xx: a user may be meant to see those. After the answer (a webhook, a message)
   no user sees a 4xx, so there it is stronger than one that a page got; 401 and 404 are the weakest.
3. Among equals the last one is nearest to where the scenario stopped.
4. From there down: who answers 5xx passes on what the last of its own calls that went wrong brought it; a lookup that
   found nothing (401, 404, 409, 410, 412) before a later success is none of them. Who answers 4xx passes on a 4xx
   before anything else. Who was given up (no answer) waited for a call that failed or was given up too, not for one
   that was slow.

Which of the two ends of that call is to blame is `verdict`'s business.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import IntEnum

from gonogo.model.calls import Call, Edge

_SAME_MOMENT_S = 0.001
_OFTEN_MEANT = frozenset({401, 404})
_LOOKED_UP = frozenset({401, 404, 409, 410, 412})


class _Weight(IntEnum):
    """How much a call that went wrong says of why a scenario failed."""

    OFTEN_MEANT = 1
    REFUSED = 2
    REFUSED_LATE = 3
    BROKEN_LATE = 4
    BROKEN = 5


def failing_hop(calls: Sequence[Call]) -> tuple[Call, ...]:
    """The path from a root of `calls` to the deepest call that went wrong; empty where none did, or all were handled.

    `calls` are those of one scenario, each with the calls below it.
    """
    begin = max(_begins(calls, ()), key=lambda path: (_weight(path[-1]), path[-1].started_s), default=())
    return _down(begin) if begin else ()


def _begins(calls: Sequence[Call], above: tuple[Call, ...]) -> Iterator[tuple[Call, ...]]:
    """Paths to the calls whose error nobody could hand on to a caller: roots, and what was done after an answer."""
    yield from ((*above, call) for call in _unhandled(calls) if call.late or not above)
    for call in calls:
        yield from _begins(call.calls, (*above, call))


def _down(path: tuple[Call, ...]) -> tuple[Call, ...]:
    while (cause := _cause(path[-1])) is not None:
        path = (*path, cause)
    return path


def _cause(call: Call) -> Call | None:
    """The call that `call` made whose error it passed on, or None where the error is its callee's own."""
    below = [each for each in _unhandled(call.calls) if not each.late]
    broken = [each for each in below if _is_broken(each)]
    refused = [each for each in below if not _is_broken(each) and not _was_only_looked_up(each, call.calls)]
    alike = [each for each in refused if each.status == call.status]
    if call.status == 0:
        candidates = [broken]
    elif call.status >= 500:
        candidates = [broken, refused]
    else:
        candidates = [alike, refused, broken]
    return next((max(each, key=lambda call: call.started_s) for each in candidates if each), None)


def _unhandled(siblings: Sequence[Call]) -> list[Call]:
    """Those that went wrong and were not made again, after they had ended, with success."""
    last_success_s: dict[Edge, float] = {}
    for call in siblings:
        if not call.failed:
            last_success_s[call.edge] = max(call.started_s, last_success_s.get(call.edge, 0.0))
    return [call for call in siblings if call.failed
            and last_success_s.get(call.edge, -1.0) < call.started_s + call.duration_ms / 1000 - _SAME_MOMENT_S]


def _was_only_looked_up(call: Call, siblings: Sequence[Call]) -> bool:
    """Whether its caller took the refusal for an answer, and went on to something that went well."""
    return call.status in _LOOKED_UP and any(
        other.started_s > call.started_s and not other.failed and not other.late for other in siblings)


def _is_broken(call: Call) -> bool:
    return call.status == 0 or call.status >= 500


def _weight(call: Call) -> _Weight:
    if _is_broken(call):
        return _Weight.BROKEN_LATE if call.late else _Weight.BROKEN
    if call.late:
        return _Weight.REFUSED_LATE
    return _Weight.OFTEN_MEANT if call.status in _OFTEN_MEANT else _Weight.REFUSED
