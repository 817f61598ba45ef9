"""The cost of the tap: a call through it, over the same call without it, to a server that responds at once.

    python bench/tap.py [--calls N] [--bytes N]

Calls go straight and through the tap in turn, one at a time over keep-alive connections. The output has the medians and
95th percentiles of both, the ratio and difference of the medians, the processor time of the tap for a call, and the
number of calls a second that one core can therefore carry. The server does nothing, so the ratio is the worst possible;
the difference is what a component's callers notice. Not part of any gate.
"""

from __future__ import annotations

import argparse
import http.client
import json
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil

WARM_UP = 50


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    body = b""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(self.body)}\r\n\r\n"
        self.wfile.write(head.encode() + self.body)

    def log_message(self, *_: object) -> None:
        """Log nothing, because logging would be measured too."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def caller(port: int, body: bytes) -> Callable[[], float]:
    """A function that makes one call over a keep-alive connection and returns its duration in milliseconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call() -> float:
        begun = time.perf_counter()
        connection.request("POST", "/charges", body, {"Content-Type": "application/json"})
        connection.getresponse().read()
        return (time.perf_counter() - begun) * 1000

    return call


def started(port: int, to: int, record: Path) -> psutil.Popen:
    tap = psutil.Popen([sys.executable, "-m", "gonogo.cli", "tap", "--out", str(record),
                        "--route", f"caller=payments,callee=bank,listen={port},to=http://127.0.0.1:{to}"])
    while tap.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return tap
        time.sleep(0.05)
    raise SystemExit("the tap did not start")


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument("--bytes", type=int, default=1000, help="of a body, each way (default: %(default)s)")
    options = parser.parse_args()
    body = json.dumps({"note": "x" * options.bytes}).encode()
    _Answer.body = body
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as folder:
        record = Path(folder, "tap.ndjson")
        port = free_port()
        tap = started(port, server.server_address[1], record)
        straight, through = caller(server.server_address[1], body), caller(port, body)
        for _ in range(WARM_UP):
            straight(), through()
        before = tap.cpu_times()
        times = [(straight(), through()) for _ in range(options.calls)]
        after = tap.cpu_times()
        cpu_ms = (after.user + after.system - before.user - before.system) / options.calls * 1000
        tap.terminate()
        tap.wait()
        written = record.stat().st_size / (options.calls + WARM_UP)
    server.shutdown()
    alone, tapped = [one for one, _ in times], [other for _, other in times]
    report = sys.stdout.write
    for name, values in (("straight", alone), ("through the tap", tapped)):
        report(f"{name:<16} median {statistics.median(values):6.2f} ms   p95 {p95(values):6.2f} ms\n")
    added = statistics.median(tapped) - statistics.median(alone)
    ratio = statistics.median(tapped) / statistics.median(alone)
    report(f"added {added:.2f} ms a call (ratio of medians {ratio:.1f}); processor {cpu_ms:.2f} ms a call: "
           f"{1000 / cpu_ms:.0f} a second on one core; {written:.0f} bytes recorded\n")


if __name__ == "__main__":
    main()
