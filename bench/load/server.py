"""A server whose latencies are known: `python bench/load/server.py PORT [MEDIAN_MS SIGMA]`.

Each response is delayed by a time of a log-normal distribution (not at all without MEDIAN_MS), drawn with a fixed seed.
GET /times returns, as JSON, how long each request since the last GET /times was really delayed, in ms, and restarts the
draws, so that the next client gets the same delays. The server listens on loopback only and exits after ten minutes.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import sys
import time
from typing import ClassVar

BODY = b'{"ok": true}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
LIVES_S = 600


class Known(asyncio.Protocol):
    """HTTP/1.1 as load generators use it: one request after the other on a keep-alive connection, without a body."""

    times_ms: ClassVar[list[float]] = []
    median_ms = 0.0
    sigma = 0.0
    chance = random.Random()  # noqa: S311  every generator is to get the same delays

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  what a stream server makes
        self._transport = transport
        self._read = b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        while b"\r\n\r\n" in self._read:
            head, _, self._read = self._read.partition(b"\r\n\r\n")
            self._answer(head.split(b" ", 2)[1])

    def _answer(self, path: bytes) -> None:
        if path == b"/times":
            told, Known.times_ms = json.dumps(Known.times_ms).encode(), []
            Known.chance.seed(20)
            self._transport.write(ANSWER % (len(told), told))
        elif not Known.median_ms:
            self._transport.write(ANSWER % (len(BODY), BODY))
        else:
            wait_s = Known.median_ms / 1000 * math.exp(Known.sigma * Known.chance.gauss(0, 1))
            asyncio.get_running_loop().call_later(wait_s, self._late, time.perf_counter())

    def _late(self, came: float) -> None:
        Known.times_ms.append((time.perf_counter() - came) * 1000)
        self._transport.write(ANSWER % (len(BODY), BODY))


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Known, "127.0.0.1", port, backlog=1024)
    async with server:
        await asyncio.sleep(LIVES_S)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        Known.median_ms, Known.sigma = float(sys.argv[2]), float(sys.argv[3])
    asyncio.run(main(int(sys.argv[1])))
