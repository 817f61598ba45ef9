"""The browser of a worker: launched for the first scenario that needs it, relaunched after a crash.

Pages and steps use it, `recorder` records it.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from gonogo.config.model import Browser as BrowserSettings
from gonogo.core.errors import BrowserError
from gonogo.core.extras import require_extra
from gonogo.core.process_trees import descendants, kill
from gonogo.environment.request_guard import RequestGuard
from gonogo.scenarios.browser.page_context import add_trace_context
from gonogo.scenarios.browser.playwright_error import Error
from gonogo.scenarios.browser.request_guard import guard_by_routing, resolver_rules
from gonogo.scenarios.browser.search import find_browser
from gonogo.scenarios.browser.trace_context import TraceContext

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, BrowserType, Playwright

    from gonogo.scenarios.browser.network_context import NetworkContext

_INSTALL = ("install one with `make setup` or `playwright install chromium --only-shell`, or install your system's "
            "chromium-headless-shell; or set GONOGO_BROWSER or `browser: executable:`.")
_REMOTE = "start the remote browser, or correct `browser: remote:`."
_QUIET = ("--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
          "--no-first-run")


class WorkerBrowser:
    """One Playwright and one browser in a process, started on first use."""

    def __init__(self, settings: BrowserSettings, base_url: str, environ: Mapping[str, str], traces: Path,
                 guard: RequestGuard | None = None) -> None:
        """Without a `guard`, the caller decides which requests are sent."""
        self._settings = settings
        self._traces = traces
        self._guard = guard
        self._network: NetworkContext | None = None
        self._base_url = base_url
        self._environ = environ
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._processes: list[psutil.Process] = []
        self._killed = False
        self.unavailable = False  # the last request for a context failed

    def new_context(self, locale: str, timezone: str, storage_state: str | None,
                    trace: TraceContext | None = None) -> BrowserContext:
        """A new context, whose requests to the system carry `trace`; relaunches a browser that died since the last
        one, once. Raises BrowserError.
        """
        self.unavailable = True
        if not self.alive:
            self._launch()
        try:
            context = self._open_context(locale, timezone, storage_state)
        except Error:
            # the death of a browser is detected only at the next call
            if self.alive:
                raise
            self._launch()
            context = self._open_context(locale, timezone, storage_state)
        self.unavailable = False
        if self._network is not None:
            self._network.trace = trace
            return context
        if trace is not None:
            add_trace_context(context, trace)
        if self._guard is not None:
            guard_by_routing(context, self._guard)
        return context

    @property
    def unguarded(self) -> bool:
        """Whether the guard of the running browser has ended before it."""
        return self._network is not None and self._network.lost and self.alive

    @property
    def alive(self) -> bool:
        return self._browser is not None and not self._killed and self._browser.is_connected()

    @property
    def traces(self) -> Path | None:
        """The folder of running trace recordings; None if it is on another machine."""
        return None if self._settings.remote else self._traces

    @property
    def started(self) -> bool:
        return self._browser is not None

    @contextlib.contextmanager
    def bounded(self, seconds: float) -> Iterator[None]:
        """Kill the browser if the body takes longer than `seconds`: the pending call then raises.

        Ending a trace of a browser that has just died can wait for ever (playwright-python#1847).
        """
        timer = threading.Timer(seconds, self.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def close(self) -> None:
        if self._network is not None:
            self._network.close()
            self._network = None
        with self.bounded(10):
            with contextlib.suppress(Error):
                if self._browser is not None:
                    self._browser.close()
            with contextlib.suppress(Error):
                if self._playwright is not None:
                    self._playwright.stop()
        self._browser = self._playwright = None

    def kill(self) -> None:
        """Kill the processes of the browser and its driver, from any thread."""
        self._killed = True
        for process in self._processes:
            kill([*descendants(process), process])

    def _open_context(self, locale: str, timezone: str, storage_state: str | None) -> BrowserContext:
        if self._browser is None:
            raise BrowserError("The browser was not launched.", fix=_INSTALL)
        viewport = self._settings.viewport
        context = self._browser.new_context(
            base_url=self._base_url, locale=locale, timezone_id=timezone, storage_state=storage_state,
            viewport={"width": viewport.width, "height": viewport.height})
        context.set_default_timeout(self._settings.timeout_s * 1000)
        return context

    def _launch(self) -> None:
        """Start Playwright and the browser; end an earlier one first."""
        if self._playwright is not None:
            self.kill()
            self.close()
        require_extra("browser", "A scenario that opens a page")
        from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415  of an extra, and slow to import

        self._killed = False
        before = set(psutil.Process().children())
        self._playwright = sync_playwright().start()
        self._processes = [child for child in psutil.Process().children() if child not in before]
        expect.set_options(timeout=self._settings.timeout_s * 1000)
        engine: BrowserType = getattr(self._playwright, self._settings.engine)
        try:
            self._browser = self._connect(engine) if self._settings.remote else self._start(engine)
        except Error as error:
            raise BrowserError(f"The browser cannot be started: {error.message.splitlines()[0]}",
                               fix=_REMOTE if self._settings.remote else _INSTALL) from error

    def _connect(self, engine: BrowserType) -> Browser:
        remote = self._settings.remote or ""
        return engine.connect(remote) if remote.startswith("ws") else engine.connect_over_cdp(remote)

    def _start(self, engine: BrowserType) -> Browser:
        settings = self._settings
        executable = find_browser(settings.executable, self._environ, engine=settings.engine,
                                  headless=settings.headless)
        if executable is None:
            raise BrowserError(f"No {settings.engine} browser found on this machine.", fix=_INSTALL)
        from gonogo.scenarios.browser.network_context import PORT_ARGUMENT  # noqa: PLC0415  of the extra `browser`

        uses_network = settings.engine == "chromium" and self._guard is not None
        browser = engine.launch(executable_path=executable, headless=settings.headless,
                                args=[*_arguments(settings.engine), *([PORT_ARGUMENT] if uses_network else []),
                                      *(resolver_rules(self._guard, self._environ) if uses_network else [])],
                                handle_sigint=False, handle_sigterm=False, traces_dir=self._traces)
        if uses_network:
            self._connect_network_context()
        return browser

    def _connect_network_context(self) -> None:
        """Connect a second client to the browser; if that fails, pages get the trace context by `page_context`."""
        from websocket import WebSocketException  # noqa: PLC0415  of the extra `browser`

        from gonogo.scenarios.browser.network_context import NetworkContext, address_of  # noqa: PLC0415

        address = next(filter(None, map(address_of, self._processes)), None)
        if address is not None and self._guard is not None:
            with contextlib.suppress(OSError, WebSocketException):
                self._network = NetworkContext(address, self._guard)


def _arguments(engine: str) -> list[str]:
    if engine != "chromium":
        return []
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*_QUIET, *(["--no-sandbox"] if as_root else [])]
