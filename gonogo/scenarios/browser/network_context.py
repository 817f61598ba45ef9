"""Puts a scenario's trace context on requests below the page: after all that a browser asks itself of an origin.

Chromium's Fetch domain holds a request on its way out, where CORS has been settled and redirects begin anew: so no
preflight comes of it, none of it reaches a third party, navigations and beacons have it too, and a page sees nothing.
It is spoken from a thread of its own: a step that sleeps, or waits for an API, must not hold up what a page does.
Playwright's own interception is not used, as it turns off the cache. The first document of a window that a page opens
may go without a context: the browser lets it go when either speaker says so, and on a busy machine Playwright may be
the first.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
import time
from pathlib import Path
from typing import Any

import psutil
from websocket import WebSocket, WebSocketException, create_connection

from gonogo.scenarios.browser.trace_context import HEADER, FirstParty, TraceContext

PORT_ARGUMENT = "--remote-debugging-port=0"  # any free port of loopback; beside the pipe that Playwright speaks by
_PORT_FILE = "DevToolsActivePort"  # in the profile: the port, and the path to speak to the browser
_PROFILE = "--user-data-dir="
_KINDS = ("Document", "XHR", "Fetch", "Ping", "EventSource")
_SUBTARGETS = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}
_CONNECT_S = 5.0

Params = dict[str, Any]  # of the DevTools protocol: foreign JSON


class NetworkContext:
    """One browser's. `trace` is that of the scenario that runs; without one, requests go on as they are."""

    trace: TraceContext | None = None

    def __init__(self, address: str, first_party: FirstParty) -> None:
        """`address` is the browser's own, ws://…/devtools/browser/…. Raises OSError or WebSocketException."""
        self._socket: WebSocket = create_connection(address, timeout=_CONNECT_S, suppress_origin=True)
        self._socket.settimeout(None)
        self._patterns = [{"urlPattern": f"{origin}/*", "resourceType": kind}
                          for origin in sorted(first_party.origins) for kind in _KINDS]
        self._ids = itertools.count(1)
        self._attach([{"type": "page"}, {"exclude": True}])
        threading.Thread(target=self._serve, name="trace-context", daemon=True).start()

    def close(self) -> None:
        """Requests that are held go on as they are: whom nobody speaks to, the browser does not wait for."""
        with contextlib.suppress(OSError, WebSocketException):
            self._socket.shutdown()  # type: ignore[no-untyped-call]

    def _serve(self) -> None:
        try:
            while message := self._socket.recv():
                self._take(json.loads(message))
        except (OSError, ValueError, WebSocketException):
            pass  # the browser has ended
        finally:
            self.close()

    def _take(self, message: Params) -> None:
        params: Params = message.get("params", {})
        match message.get("method"):
            case "Target.attachedToTarget":
                session = params["sessionId"]
                self._send("Fetch.enable", {"patterns": self._patterns}, session)
                self._attach([{"type": "iframe"}, {"exclude": True}], session)
                self._send("Runtime.runIfWaitingForDebugger", {}, session)
            case "Fetch.requestPaused":
                self._send("Fetch.continueRequest", self._continued(params), message.get("sessionId"))

    def _continued(self, held: Params) -> Params:
        """How a held request goes on; headers are only named where one is added: all others then stay as they are."""
        request, trace = held["request"], self.trace
        header = trace.header_for(request["url"]) if trace is not None else None
        if header is None or any(name.lower() == HEADER for name in request["headers"]):
            return {"requestId": held["requestId"]}
        headers = [{"name": name, "value": value} for name, value in (request["headers"] | {HEADER: header}).items()]
        return {"requestId": held["requestId"], "headers": headers}

    def _attach(self, which: list[Params], session: str | None = None) -> None:
        self._send("Target.setAutoAttach", {**_SUBTARGETS, "filter": which}, session)

    def _send(self, method: str, params: Params, session: str | None = None) -> None:
        to = {"sessionId": session} if session else {}
        self._socket.send(json.dumps({"id": next(self._ids), "method": method, "params": params, **to}))


def address_of(driver: psutil.Process) -> str | None:
    """Where the browser that `driver` launched, with PORT_ARGUMENT, is spoken to; None where it does not say."""
    until = time.monotonic() + _CONNECT_S
    while (profile := _profile_below(driver)) is not None and time.monotonic() < until:
        with contextlib.suppress(OSError, ValueError):
            port, path = (profile / _PORT_FILE).read_text(encoding="utf-8").split()
            return f"ws://127.0.0.1:{port}{path}"
        time.sleep(0.01)  # it is written a moment after the browser is ready for the pipe
    return None


def _profile_below(driver: psutil.Process) -> Path | None:
    with contextlib.suppress(psutil.Error):
        for process in driver.children(recursive=True):
            for argument in process.cmdline():
                if argument.startswith(_PROFILE):
                    return Path(argument.removeprefix(_PROFILE))
    return None
