"""Records the browser's events while a page is open, and decides which of its requests are sent.

Only GET, HEAD and OPTIONS are sent. Other requests are withheld and recorded, unless writes are permitted. Pages of
other sites, and windows that the page opens, are not loaded.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gonogo.model.pages import BrokenAsset
from gonogo.model.site import Site
from gonogo.scenarios.browser.playwright_error import Error
from gonogo.secrets.masking import Masker

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Download, Page, Request, Response, Route

ABORTED = ("net::ERR_ABORTED", "NS_BINDING_ABORTED")  # by the page itself, or by a navigation
MAX_EACH = 50  # errors, assets, withheld requests of a page
_SAFE = ("GET", "HEAD", "OPTIONS")
_KINDS = {"image": "image", "script": "script", "stylesheet": "stylesheet", "font": "font", "media": "media",
          "xhr": "data", "fetch": "data"}
_NEVER_HTML = ("image", "script", "stylesheet", "font")
_MAX_TEXT, _MAX_URL = 500, 500


@dataclass(slots=True)
class RequestRules:
    """Which requests may be sent to `site`, and how URLs and texts are masked. `sent` counts the requests of all pages.
    """

    site: Site
    masker: Masker
    writes_permitted: bool = False
    max_requests: int = 10_000
    sent: int = 0

    @property
    def exhausted(self) -> bool:
        return self.sent >= self.max_requests

    def address(self, url: str) -> str:
        return self.text(self.masker.url(url), _MAX_URL)

    def text(self, text: str, limit: int = _MAX_TEXT) -> str:
        """`text`, masked and cut; lone surrogates are replaced, as they cannot be written."""
        masked = self.masker.text(text.encode("utf-8", "replace").decode())
        return masked if len(masked) <= limit else masked[:limit - 1] + "…"


@dataclass  # without slots: Playwright sets an attribute on the owner of a listener
class PageLog:
    """The events of one page; `led_to` is a URL of another site to which the page navigated."""

    rules: RequestRules
    on_exhausted: Callable[[], None]
    status: int | None = None
    led_to: str = ""
    crashed: bool = False
    errors: list[str] = field(default_factory=list)
    assets: list[BrokenAsset] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    _pending: dict[Request, str] = field(default_factory=dict)
    _aborted: set[Request] = field(default_factory=set)  # by us
    _page: Page | None = None

    @property
    def pending(self) -> Iterator[str]:
        yield from self._pending.values()

    def listen(self, context: BrowserContext, page: Page) -> None:
        self._page = page
        context.route("**/*", self._on_route)
        context.on("page", self._on_window)
        page.on("request", self._on_request)
        page.on("response", self._on_response)
        page.on("requestfinished", self._on_finished)
        page.on("requestfailed", self._on_failed)
        page.on("pageerror", lambda error: self._keep(self.errors, self.rules.text(_error_text(error))))
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.on("download", self._on_download)
        page.on("crash", self._on_crash)

    def _on_route(self, route: Route, request: Request) -> None:
        rules = self.rules
        if rules.exhausted:
            self.on_exhausted()
            return
        with contextlib.suppress(Error):
            if self.led_to or self._is_of_other_window(request):
                self._abort(route)
            elif request.method not in _SAFE and not rules.writes_permitted:
                self._keep(self.withheld, f"{request.method} {rules.address(request.url)}")
                self._abort(route)
            elif self._is_document(request) and not rules.site.holds(request.url):
                self.led_to = request.url
                self._abort(route)
            else:
                rules.sent += 1
                route.continue_()

    def _abort(self, route: Route) -> None:
        self._aborted.add(route.request)
        route.abort("blockedbyclient")

    def _on_window(self, page: Page) -> None:
        if page is not self._page:
            with contextlib.suppress(Error):
                page.close()

    def _on_request(self, request: Request) -> None:
        self._pending[request] = request.url
        if self._is_document(request) and request.redirected_from:
            self.status = None
            if not self.rules.site.holds(request.url):  # the browser has already followed this redirect
                self.led_to = request.url

    def _on_response(self, response: Response) -> None:
        request = response.request
        if self._is_document(request):
            if not self.led_to:
                self.status = response.status
            return
        kind = self._kind(request)
        if kind and response.status >= (500 if kind == "data" else 400):
            self._add(request, kind, status=response.status)
        elif kind in _NEVER_HTML and response.ok and _is_html(response):
            self._add(request, kind, status=response.status, cause="the answer is HTML")

    def _on_finished(self, request: Request) -> None:
        self._pending.pop(request, None)

    def _on_crash(self, _: Page) -> None:
        self.crashed = True

    def _on_failed(self, request: Request) -> None:
        self._pending.pop(request, None)
        failure = request.failure or "no answer"
        kind = self._kind(request)
        if kind and failure not in ABORTED and request not in self._aborted and not self._is_document(request):
            self._add(request, kind, cause=failure)

    @staticmethod
    def _on_download(download: Download) -> None:
        with contextlib.suppress(Error):
            download.cancel()

    def _add(self, request: Request, kind: str, *, status: int | None = None, cause: str = "") -> None:
        url = self.rules.address(request.url)
        if len(self.assets) < MAX_EACH and all(asset.url != url for asset in self.assets):
            self.assets.append(BrokenAsset(url, kind, self.rules.site.holds(request.url), status,
                                           self.rules.text(cause)))

    def _kind(self, request: Request) -> str | None:
        if request.resource_type == "document":
            return "frame"
        return _KINDS.get(request.resource_type)

    def _is_document(self, request: Request) -> bool:
        try:
            return request.is_navigation_request() and self._page is not None and request.frame == self._page.main_frame
        except Error:  # the window does not exist yet
            return False

    def _is_of_other_window(self, request: Request) -> bool:
        try:
            return request.frame.page != self._page
        except Error:
            return True

    @staticmethod
    def _keep(texts: list[str], text: str) -> None:
        if len(texts) < MAX_EACH and text not in texts:
            texts.append(text)


def _is_html(response: Response) -> bool:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower() == "text/html"


def _error_text(error: Error) -> str:
    return f"{error.name}: {error.message}" if error.name else error.message
