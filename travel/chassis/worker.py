"""A background loop inside a component: deliver an outbox, sweep what has expired."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable


def start_worker(name: str, work: Callable[[], bool], *, idle_s: float = 0.1) -> threading.Event:
    """Call `work` for ever in a daemon thread; it returns True while there is more to do at once.

    An exception is logged and the loop goes on after `idle_s`. Setting the returned event ends it.
    """
    stop = threading.Event()
    log = logging.getLogger(name)

    def loop() -> None:
        while not stop.is_set():
            try:
                more = work()
            except Exception:
                log.exception("worker %s failed once; it goes on", name)
                more = False
            if not more:
                stop.wait(idle_s)

    threading.Thread(target=loop, name=name, daemon=True).start()
    return stop
