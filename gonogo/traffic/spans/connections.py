"""The receiver's connections: how many stay open, how long a request may take, and what is not HTTP at all.

waitress, the server, limits only how long a connection is idle, and accepts no more once it has enough.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
from waitress.task import ErrorTask  # type: ignore[import-untyped]

MAX_CONNECTIONS = 256  # each exporter keeps one open
MAX_REQUEST_S = 10  # from its first byte to its last
IDLE_S = 60  # SDKs export every five seconds by default

_TLS = b"\x16\x03"  # the first bytes of a handshake
_SENT_BY_TLS = ("spans were sent over TLS; the gate receives them over plain HTTP: give the components an address with "
                "http://")


class Connection(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection of the receiver; `report` takes what it cannot read."""

    def __init__(self, *arguments: Any, report: Callable[[str], None], **options: Any) -> None:  # noqa: ANN401
        self._report = report
        self._is_new = True
        self.request_began_s: float | None = None  # of the request that is being received
        self.has_sent_request = False
        super().__init__(*arguments, **options)

    def received(self, data: bytes) -> bool:
        if self._is_new and data.startswith(_TLS):
            self._report(_SENT_BY_TLS)
            self.will_close = True
        self._is_new = False
        before = self.request
        taken = bool(super().received(data))
        if self.request is None:
            self.has_sent_request, self.request_began_s = True, None
        elif self.request is not before:
            self.request_began_s = time.monotonic()
        return taken

    def error_task_class(self, channel: HTTPChannel, request: Any) -> ErrorTask:  # noqa: ANN401
        """The answer to a request that waitress itself refuses: not HTTP, or too large."""
        self._report(f"a request to the receiver of spans was refused: {request.error.code} {request.error.reason}: "
                     f"{request.error.body}")
        return ErrorTask(channel, request)


def close_excess(connections: Iterable[Connection]) -> None:
    """Close connections whose request takes too long, then those above the limit: first those that sent none."""
    now = time.monotonic()
    left: list[Connection] = []
    for each in connections:
        if each.request_began_s is not None and now - each.request_began_s > MAX_REQUEST_S:
            each.will_close = True
        elif not each.will_close and not each.requests:
            left.append(each)
    left.sort(key=lambda each: (each.has_sent_request, each.last_activity))
    for each in left[:max(0, len(left) - MAX_CONNECTIONS)]:
        each.will_close = True
