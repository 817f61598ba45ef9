"""A container's memory limit, for a component that runs as a plain process: whoever exceeds it is ended.

How much a component gets is its environment's to say; that it is started anew is the supervisor's business.
"""

from __future__ import annotations

import logging
import os
import resource
import sys
from collections.abc import Callable, Mapping

from travel.chassis.worker import start_worker

LOOK_EVERY_S = 0.2
KILLED = 137  # as a container's exit code after an out-of-memory kill: 128 and SIGKILL

log = logging.getLogger(__name__)


def keep_within_limit(environ: Mapping[str, str]) -> None:
    """End this process at once should it ever hold more than TRAVEL_MEMORY_MIB; without that variable nothing does."""
    if limit := environ.get("TRAVEL_MEMORY_MIB"):
        start_worker("memory", lambda: look(int(limit)), idle_s=LOOK_EVERY_S)


def look(limit_mib: int, used_mib: Callable[[], float] | None = None, end: Callable[[int], object] = os._exit) -> bool:
    """False, always: there is nothing more to do at once."""
    used = (used_mib or highest_mib)()
    if used > limit_mib:
        log.critical("out of memory: %.0f MiB of %d", used, limit_mib)
        end(KILLED)
    return False


def highest_mib() -> float:
    """The most that this process ever held, so that no peak between two looks is missed."""
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held / (2**20 if sys.platform == "darwin" else 2**10)
