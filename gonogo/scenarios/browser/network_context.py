"""Refuses requests that are not permitted, and adds a scenario's trace context to others, below the page.

Chromium's Fetch domain pauses a request after the CORS check, and again at each redirect. So the header causes no
preflight, never reaches a third party, is on navigations and beacons too, and is invisible to the page.
A separate thread handles the protocol: a step that sleeps, or waits for an API, must not delay the page.
Playwright's own interception is not used, as it turns off the cache. The first document of a window that a page opens
may lack the context: the browser releases it as soon as one of its two clients says so, and on a busy machine
Playwright may be the first.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import threading
import time
from pathlib import Path
from typing import Any

import psutil
from websocket import WebSocket, WebSocketException, create_connection

from gonogo.environment.request_guard import RequestGuard
from gonogo.model.reach import Address
from gonogo.scenarios.browser.trace_context import HEADER, TraceContext

PORT_ARGUMENT = "--remote-debugging-port=0"  # any free port of loopback, in addition to Playwright's pipe
_PORT_FILE = "DevToolsActivePort"  # in the profile: the port, and the path of the browser's web socket
_PROFILE = "--user-data-dir="
_KINDS = ("Document", "XHR", "Fetch", "Ping", "EventSource")
_SUBTARGETS = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}
_CONNECT_S = 5.0
_DEATH_S = 1.0  # a browser that dies closes its port a moment after its connections

Params = dict[str, Any]  # of the DevTools protocol: foreign JSON


class NetworkContext:
    """The requests of one browser. `trace` is that of the running scenario; if None, none is added."""

    trace: TraceContext | None = None

    def __init__(self, address: str, guard: RequestGuard) -> None:
        """`address` is that of the browser, ws://…/devtools/browser/…. Raises OSError or WebSocketException."""
        self._guard = guard
        self._address = Address.of(address)
        guard.permit(self._address)
        self._socket: WebSocket = create_connection(address, timeout=_CONNECT_S, suppress_origin=True)
        self._socket.settimeout(None)
        self._closed = False
        self.lost = False  # the browser then releases requests unchecked
        self._ids = itertools.count(1)
        self._attach([{"type": "page"}, {"exclude": True}])
        threading.Thread(target=self._serve, name="trace-context", daemon=True).start()

    def close(self) -> None:
        """Disconnect; the browser then continues paused requests unchanged."""
        self._closed = True
        with contextlib.suppress(OSError, WebSocketException):
            self._socket.shutdown()  # type: ignore[no-untyped-call]

    def _serve(self) -> None:
        try:
            while message := self._socket.recv():
                self._handle(json.loads(message))
        except (OSError, ValueError, WebSocketException):
            pass  # the browser has ended
        finally:
            self.lost = not self._closed and self._browser_runs()
            self.close()

    def _browser_runs(self) -> bool:
        """Whether the browser still listens a second later: it has not died, but only the connection to it has."""
        until = time.monotonic() + _DEATH_S
        while time.monotonic() < until:
            try:
                socket.create_connection((self._address.host, self._address.port), timeout=_DEATH_S).close()
            except OSError:
                return False
            time.sleep(0.05)
        return True

    def _handle(self, message: Params) -> None:
        params: Params = message.get("params", {})
        match message.get("method"):
            case "Target.attachedToTarget":
                session = params["sessionId"]
                self._send("Fetch.enable", {"patterns": [{"urlPattern": "*"}]}, session)
                self._attach([{"type": "iframe"}, {"exclude": True}], session)
                self._send("Runtime.runIfWaitingForDebugger", {}, session)
            case "Fetch.requestPaused":
                request, session = params["request"], message.get("sessionId")
                if self._guard.refuses(request["method"], request["url"]):
                    refusal = {"requestId": params["requestId"], "errorReason": "BlockedByClient"}
                    self._send("Fetch.failRequest", refusal, session)
                else:
                    self._send("Fetch.continueRequest", self._continuation(params), session)

    def _continuation(self, paused: Params) -> Params:
        """The parameters that continue a paused request; `headers` only if one is added, as they replace all others."""
        request = paused["request"]
        trace = self.trace if paused["resourceType"] in _KINDS else None
        header = trace.header_for(request["url"]) if trace is not None else None
        if header is None or any(name.lower() == HEADER for name in request["headers"]):
            return {"requestId": paused["requestId"]}
        headers = [{"name": name, "value": value} for name, value in (request["headers"] | {HEADER: header}).items()]
        return {"requestId": paused["requestId"], "headers": headers}

    def _attach(self, filters: list[Params], session: str | None = None) -> None:
        self._send("Target.setAutoAttach", {**_SUBTARGETS, "filter": filters}, session)

    def _send(self, method: str, params: Params, session: str | None = None) -> None:
        target = {"sessionId": session} if session else {}
        self._socket.send(json.dumps({"id": next(self._ids), "method": method, "params": params, **target}))


def address_of(driver: psutil.Process) -> str | None:
    """The web socket of the browser that `driver` launched with PORT_ARGUMENT; None if it does not appear in 5 s."""
    until = time.monotonic() + _CONNECT_S
    while (profile := _profile_below(driver)) is not None and time.monotonic() < until:
        with contextlib.suppress(OSError, ValueError):
            port, path = (profile / _PORT_FILE).read_text(encoding="utf-8").split()
            return f"ws://127.0.0.1:{port}{path}"
        time.sleep(0.01)  # the file appears shortly after the browser is ready for the pipe
    return None


def _profile_below(driver: psutil.Process) -> Path | None:
    with contextlib.suppress(psutil.Error):
        for process in driver.children(recursive=True):
            for argument in process.cmdline():
                if argument.startswith(_PROFILE):
                    return Path(argument.removeprefix(_PROFILE))
    return None
