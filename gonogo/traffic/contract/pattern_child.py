"""A process that matches ECMAScript patterns by backtracking; `patterns` starts it by its path and reads its answers.

A pattern that takes too long ends this process: the caller reads the end of its output as the answer.
"""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import sys
from functools import lru_cache

from regress import Regex, RegressError

_MAX_MEMORY = 1024 ** 3


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> Regex | None:
    """The pattern, in Unicode mode if possible; None if it is not a valid regular expression."""
    for flags in ("u", ""):
        with contextlib.suppress(RegressError):
            return Regex(pattern, flags)
    return None


def _answer(pattern: str, text: str) -> bool | None:
    known = _compiled(pattern)
    return None if known is None else known.find(text) is not None


def main() -> None:
    """Answer each line [pattern, text] with true, false, or null for an invalid pattern."""
    with contextlib.suppress(OSError, ValueError):  # a limit that the system does not have
        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # it ends the process, whatever the engine is doing
    limit_s = float(sys.argv[1])
    for line in sys.stdin.buffer:
        signal.setitimer(signal.ITIMER_REAL, limit_s)
        answer = _answer(*json.loads(line))
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
