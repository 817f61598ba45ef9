"""Calls of foreign code with a time limit: each runs in a thread, which is abandoned after the limit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class CallTimedOut(Exception):
    """The call did not return in time. Its thread cannot be stopped; it ends with the process."""


class CallFailed(Exception):
    """The call raised an error of any class; it is the `__cause__`."""


class _Call(Generic[Result]):
    def __init__(self, call: Callable[[], Result]) -> None:
        self._call = call
        self.results: list[Result] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.results.append(self._call())
        except BaseException as error:  # noqa: BLE001  SystemExit too: foreign code does not end the gate
            self.error = error


def call_bounded(call: Callable[[], Result], timeout_s: float) -> Result:
    """Return what `call` returns. Raises CallFailed if it raises, and CallTimedOut after `timeout_s`."""
    bounded = _Call(call)
    thread = threading.Thread(target=bounded.run, name="bounded call", daemon=True)
    thread.start()
    thread.join(timeout_s)
    if thread.is_alive():
        raise CallTimedOut(f"no answer within {timeout_s:g} s")
    if bounded.error is not None:
        raise CallFailed(f"{type(bounded.error).__name__}: {bounded.error}") from bounded.error
    return bounded.results[0]
