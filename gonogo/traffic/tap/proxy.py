"""The tap's process: mitmproxy forwards calls unchanged, and records each as a line of HAR.

The only module that imports mitmproxy. `record` has the format of the record.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from mitmproxy import ctx, http, options
from mitmproxy.addons import errorcheck, next_layer, proxyserver, termlog, tlsconfig
from mitmproxy.master import Master

from gonogo.core.signals import ENDING
from gonogo.secrets.masking import Masker, masker_for
from gonogo.secrets.stream import masked_text
from gonogo.traffic.tap.record import Carried, Side, line_of
from gonogo.traffic.tap.routes import Route
from gonogo.traffic.tap.unpacking import unpacked

MAX_CAPTURED_BYTES = 512 * 1024  # of a body; of a longer one only its size is kept


class _Capture:
    """Copies the chunks of a body as they pass, without delaying them."""

    def __init__(self) -> None:
        self.size = 0
        self._chunks: list[bytes] = []

    def __call__(self, chunk: bytes) -> bytes:
        self.size += len(chunk)
        if self.size <= MAX_CAPTURED_BYTES:
            self._chunks.append(chunk)
        return chunk

    @property
    def body(self) -> bytes | None:
        """None if it was too large to be kept."""
        return b"".join(self._chunks) if self.size <= MAX_CAPTURED_BYTES else None


class TapRecorder:
    """The addon for mitmproxy: writes a line to `record` for every call, after its answer was forwarded."""

    def __init__(self, routes: dict[str, Route], record: TextIO, masker: Masker) -> None:
        self._routes = routes
        self._record = record
        self._masker = masker

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        flow.request.stream = flow.metadata["sent"] = _Capture()

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        if flow.response is not None:
            flow.response.stream = flow.metadata["answered"] = _Capture()

    def response(self, flow: http.HTTPFlow) -> None:
        asyncio.get_running_loop().call_soon(self._write, flow, "")

    def error(self, flow: http.HTTPFlow) -> None:
        """Close the caller's connection if the callee gave no answer or half of one, as without the tap.

        mitmproxy would answer 502 instead, which the callee never sent.
        """
        failure = flow.error.msg if flow.error else "no answer"
        if flow.killable:
            flow.kill()
        asyncio.get_running_loop().call_soon(self._write, flow, failure)

    def _write(self, flow: http.HTTPFlow, failure: str) -> None:
        self._record.write(line_of(self._carried(flow, failure), self._masker))
        self._record.flush()

    def _carried(self, flow: http.HTTPFlow, failure: str) -> Carried:
        request, response = flow.request, flow.response
        ended_s = (response and (response.timestamp_end or response.timestamp_start)) or request.timestamp_end
        return Carried(
            route=self._routes[flow.client_conn.proxy_mode.full_spec], method=request.method, url=request.url,
            version=request.http_version, status=response.status_code if response else 0,
            reason=response.reason if response else "", started_s=request.timestamp_start,
            duration_ms=((ended_s or request.timestamp_start) - request.timestamp_start) * 1000,
            request=_side(request, flow.metadata.get("sent")),
            response=_side(response, flow.metadata.get("answered")) if response else Side(), failure=failure)


def _side(message: http.Message, capture: _Capture | None) -> Side:
    headers = tuple((name.decode("latin-1"), value.decode("utf-8", "replace"))
                    for name, value in message.headers.fields)
    body = capture.body if capture else b""
    if body:
        body = unpacked(body, message.headers.get("content-encoding", ""))
    return Side(headers, body, capture.size if capture else 0)


async def serve(routes: dict[str, Route], record: Path, masker: Masker) -> None:
    """Forward and record until a signal ends it. Exits with 1 if a listener cannot be opened."""
    with tempfile.TemporaryDirectory(prefix="gonogo-tap-") as private, record.open("a", encoding="utf-8") as file:
        master = Master(options.Options())
        # Only the addons of mitmproxy's forty that forward calls: every addon is called for every chunk.
        master.addons.add(termlog.TermLog(out=masked_text(sys.stderr, masker)), proxyserver.Proxyserver(),
                          next_layer.NextLayer(), tlsconfig.TlsConfig(), errorcheck.ErrorCheck(),
                          TapRecorder(routes, file, masker))
        ctx.options.update(
            mode=list(routes), confdir=private, termlog_verbosity="warn", validate_inbound_headers=False,
            connection_strategy="lazy", http2=False, keep_host_header=False)
        _stop_on_signals(master.shutdown)
        await master.run()
        # Open connections are closed now, and asyncio would log an error for each.
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)


def _stop_on_signals(stop: Callable[[], object]) -> None:
    for number in ENDING:
        asyncio.get_running_loop().add_signal_handler(number, stop)


def main(argv: list[str]) -> None:
    plan: dict[str, Any] = json.loads(argv[0])
    routes = {f"reverse:{route.to}@{route.host}:{route.port}": route
              for route in (Route(**fields) for fields in plan["routes"])}
    asyncio.run(serve(routes, Path(plan["record"]), masker_for(None, os.environ)))


if __name__ == "__main__":
    main(sys.argv[1:])
