"""The signals that end a run in order: from a terminal, a pipeline, or the end of a remote session."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

# Windows lacks some of them.
ENDING: tuple[signal.Signals, ...] = tuple(
    signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT") if name in signal.Signals.__members__)


@contextlib.contextmanager
def raising(error: type[BaseException]) -> Iterator[None]:
    """Within the block, the first of these signals raises `error`; later ones are ignored, so that clean-up completes.

    Only in the main thread.
    """
    def interrupt(number: int, frame: object) -> None:
        for each in ENDING:
            signal.signal(each, signal.SIG_IGN)
        raise error

    before = {each: signal.signal(each, interrupt) for each in ENDING}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
