"""Finds the path to the failed call that caused a scenario's failure, past the calls that passed its error on.

The rules, in order of precedence:

1. A call failed if it had no answer, or was answered with 4xx or 5xx. A failed call is handled if its caller answered
   2xx or 3xx, or repeated it later with success.
2. No answer and 5xx outweigh 4xx, which may be intended for the user. After the answer (a webhook, a message) no user
   gets a 4xx, so there it outweighs a 4xx that a page received. 401 and 404 weigh least.
3. Among equal calls, the last one is closest to the point where the scenario stopped.
4. From that call down: a component that answers 5xx passes on the error of the last of its own failed calls. A lookup
   without a result (401, 404, 409, 410, 412) before a later success does not count. A component that answers 4xx
   passes on a 4xx first. A component that did not answer waited for a call that failed or did not answer either, not
   for a slow one.

`verdict` decides which end of that call is the suspect.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import IntEnum

from gonogo.model.calls import Call, Edge

_SAME_MOMENT_S = 0.001
_OFTEN_INTENDED = frozenset({401, 404})
_LOOKUP_STATUSES = frozenset({401, 404, 409, 410, 412})


class _Weight(IntEnum):
    """How likely a failed call is the cause of a scenario's failure."""

    OFTEN_INTENDED = 1
    REFUSED = 2
    REFUSED_LATE = 3
    BROKEN_LATE = 4
    BROKEN = 5


def failing_hop(calls: Sequence[Call]) -> tuple[Call, ...]:
    """The path from a root of `calls` to the deepest failed call; empty if none failed, or all were handled.

    `calls` are the call trees of one scenario.
    """
    start = max(_starting_paths(calls, ()), key=lambda path: (_weight(path[-1]), path[-1].started_s), default=())
    return _to_cause(start) if start else ()


def _starting_paths(calls: Sequence[Call], above: tuple[Call, ...]) -> Iterator[tuple[Call, ...]]:
    """The paths to failed calls whose error was not passed on to a caller: roots, and calls after an answer."""
    yield from ((*above, call) for call in _unhandled(calls) if call.late or not above)
    for call in calls:
        yield from _starting_paths(call.calls, (*above, call))


def _to_cause(path: tuple[Call, ...]) -> tuple[Call, ...]:
    while (cause := _cause(path[-1])) is not None:
        path = (*path, cause)
    return path


def _cause(call: Call) -> Call | None:
    """The call below `call` whose error it passed on; None if the error originated in its callee."""
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
    """The failed calls that were not repeated with success after they had ended."""
    last_success_s: dict[Edge, float] = {}
    for call in siblings:
        if not call.failed:
            last_success_s[call.edge] = max(call.started_s, last_success_s.get(call.edge, 0.0))
    return [call for call in siblings if call.failed
            and last_success_s.get(call.edge, -1.0) < call.started_s + call.duration_ms / 1000 - _SAME_MOMENT_S]


def _was_only_looked_up(call: Call, siblings: Sequence[Call]) -> bool:
    """Whether its caller accepted the error as a result, and continued with a successful call."""
    return call.status in _LOOKUP_STATUSES and any(
        other.started_s > call.started_s and not other.failed and not other.late for other in siblings)


def _is_broken(call: Call) -> bool:
    return call.status == 0 or call.status >= 500


def _weight(call: Call) -> _Weight:
    if _is_broken(call):
        return _Weight.BROKEN_LATE if call.late else _Weight.BROKEN
    if call.late:
        return _Weight.REFUSED_LATE
    return _Weight.OFTEN_INTENDED if call.status in _OFTEN_INTENDED else _Weight.REFUSED
