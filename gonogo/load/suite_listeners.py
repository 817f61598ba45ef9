"""Collects the errors of listeners: Locust logs what a listener of the suite raises, and the run looks complete."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any

import locust
from locust import exception
from locust.event import EventHook

from gonogo.core.errors import ConfigError, EvidenceError, GonogoError

_MAX_LENGTH = 160
_MAX_ERRORS = 100  # different texts
# By these, a listener controls its user: they are no errors.
_CONTROL = tuple(getattr(exception, name) for name in (
    "StopUser", "StopTest", "RescheduleTask", "RescheduleTaskImmediately", "InterruptTaskSet")
    if hasattr(exception, name))

Listener = Callable[..., object]


class ListenerErrors:
    """The errors of the listeners of this process, unmasked: text → number."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self.refusal: GonogoError | None = None  # of an event before the run

    def taken(self) -> Mapping[str, int]:
        """The errors since the last call."""
        counts, self._counts = self._counts, Counter()
        return counts

    def record(self, event: str, listener: Listener, error: Exception) -> None:
        text = f"{type(error).__name__}: {' '.join(str(error).split())}"[:_MAX_LENGTH]
        place = _place_of(listener)
        line = f"listener of {event} ({place}): {text}"
        if line in self._counts or len(self._counts) < _MAX_ERRORS:
            self._counts[line] += 1
        if event == "init_command_line_parser":
            self.refusal = ConfigError(
                f"A listener of {event} failed: {text}.", where=place,
                fix="fix it; an option of the suite needs another name than those of Locust and gonogo, such as --env.")
        elif event == "init":
            self.refusal = EvidenceError(f"A listener of {event} failed: {text}.", where=place,
                                         fix="fix the listener, or what it needs; nothing was sent.")


def watch_listeners(errors: ListenerErrors, refuse: Callable[[GonogoError], object]) -> None:
    """Add to `errors` what listeners raise; an error before the run is passed to `refuse`."""
    fire = EventHook.fire

    @wraps(fire)
    def watched(hook: EventHook, *, reverse: bool = False, **event: Any) -> None:  # noqa: ANN401  as in Locust
        copy = EventHook()
        copy._handlers = [partial(_call, errors, hook, listener) for listener in hook._handlers]
        fire(copy, reverse=reverse, **event)  # type: ignore[no-untyped-call]
        if errors.refusal:
            refuse(errors.refusal)

    EventHook.fire = watched  # type: ignore[method-assign, assignment]


def _call(errors: ListenerErrors, hook: EventHook, listener: Listener, /, **event: object) -> object:
    try:
        return listener(**event)
    except _CONTROL:
        raise
    except Exception as error:
        errors.record(_name_of(hook), listener, error)
        raise


def _name_of(hook: EventHook) -> str:
    return next((name for name, each in vars(locust.events).items() if each is hook), "an event")


def _place_of(listener: Listener) -> str:
    """File and line of a function or method, else its text."""
    code = getattr(getattr(listener, "__func__", listener), "__code__", None)
    return f"{os.path.relpath(code.co_filename)}:{code.co_firstlineno}" if code else repr(listener)[:_MAX_LENGTH]
