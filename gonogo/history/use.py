"""One use of the history: opened, used and closed, within a bound of time, whatever the database does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from gonogo.core.errors import HistoryError
from gonogo.history.connecting import VARIABLE
from gonogo.history.store import History

MAX_USE_S = 60.0

_Result = TypeVar("_Result")


def with_history(root: Path, environ: Mapping[str, str], use: Callable[[History], _Result], *,
                 max_s: float = MAX_USE_S) -> _Result:
    """What `use` returns. Raises what it raises, HistoryError where the history cannot be used in time.

    It runs in a thread, which is given up when its time is over: a driver that waits for a dead host has no bound of
    its own. What that thread began to write is never committed by halves.
    """
    results: list[_Result] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            history = History.open(root, environ)
            try:
                results.append(use(history))
            finally:
                history.close()
        except BaseException as error:  # noqa: BLE001  it is raised in the caller's thread
            errors.append(error)

    thread = threading.Thread(target=work, name="history", daemon=True)
    thread.start()
    thread.join(max_s)
    if errors:
        raise errors[0]
    if not results:
        raise HistoryError(f"The history did not answer within {max_s:g} s.", where=VARIABLE,
                           fix="see whether its database runs, or name another.")
    return results[0]
