"""Opens, uses and closes the history within a time limit."""

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
    """Return what `use` returns. Raises its errors, and HistoryError after `max_s`.

    `use` runs in a thread, which is abandoned at the limit, as some drivers wait for a dead host without a timeout.
    Its writes are in one transaction, so that none is committed partly.
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
                           fix="check that the database runs, or name another in GONOGO_HISTORY.")
    return results[0]
