"""Opens a page in a browser as a new visitor: records its status, errors, broken assets and links.

`page_log` decides which requests a page may send, and records its events. `stages.pages` chooses the pages and judges
the records.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gonogo.model.pages import BrokenAsset, OpenedPage, PageEnding, Violation
from gonogo.scenarios.browser.axe import NothingToCheck, violations_of
from gonogo.scenarios.browser.page_log import ABORTED, MAX_EACH, PageLog, RequestRules
from gonogo.scenarios.browser.page_script import page_script
from gonogo.scenarios.browser.playwright_error import Error
from gonogo.scenarios.browser.worker_browser import WorkerBrowser

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

# Fractions of the time limit for loading a page:
_INSPECTION = 2.0  # for all checks after loading; then the browser is killed
_QUIET = 0.2  # for requests after the load event; a page that polls never becomes idle
_TEXT = 0.35  # for a page that renders its text by script
_SCREENSHOT = 0.35
_CHECK_EVERY_MS = 100
_LIMITS = {"maxImages": 500, "maxLinks": 1000, "decodeMs": 2000}
_MAX_EXAMPLE = 160
_MAX_PENDING = 5
_NAVIGATES = ("context was destroyed", "navigat")


@dataclass(frozen=True, slots=True)
class Opened:
    """The record of a page, and the URLs of its links."""

    page: OpenedPage
    links: tuple[str, ...] = ()


class RequestLimitReached(Exception):
    """The limit of requests is reached: no further page is opened."""


@dataclass(slots=True)
class PageOpener:
    """Opens pages, each in a new browser context. `load_s` is the time limit for loading; screenshots go to `folder`.
    """

    browser: WorkerBrowser
    rules: RequestRules
    folder: Path
    locale: str
    timezone: str
    load_s: float
    check_accessibility: bool = True
    _screenshots: int = 0

    def open(self, url: str, linked_from: str = "") -> Opened:
        """Open and check `url`. Raises BrowserError if there is no browser, or RequestLimitReached."""
        if self.rules.exhausted:
            raise RequestLimitReached
        began = time.monotonic()
        context = self.browser.new_context(self.locale, self.timezone, None)
        log = PageLog(self.rules, self.browser.kill)
        with self.browser.bounded(self._time_limit_s):
            try:
                opened = self._inspect(context, log, url)
            except Error as error:
                if self.rules.exhausted:
                    raise RequestLimitReached from error
                opened = Opened(self._failed_page(log, url, error, time.monotonic() - began))
            if self.browser.alive:
                with contextlib.suppress(Error):
                    context.unroute_all(behavior="ignoreErrors")
                    context.close()
        page = replace(opened.page, linked_from=self.rules.address(linked_from), withheld=tuple(log.withheld),
                       errors=tuple(log.errors), assets=(*log.assets, *opened.page.assets)[:MAX_EACH],
                       duration_s=round(time.monotonic() - began, 2))
        return Opened(page, opened.links)

    @property
    def _time_limit_s(self) -> float:
        return self.load_s * (1 + _INSPECTION)

    def _inspect(self, context: BrowserContext, log: PageLog, url: str) -> Opened:
        context.add_init_script("delete Navigator.prototype.serviceWorker")  # its requests could not be withheld
        page = context.new_page()
        log.listen(context, page)
        record = self._load(page, log, url)
        if record.ending not in (PageEnding.LOADED, PageEnding.UNFINISHED):
            return Opened(record)
        facts: Mapping[str, Any] = {"links": ()}
        for last in (False, False, True):
            try:
                self._settle(page)
                facts = self._page_facts(page, patient=record.ending is PageEnding.LOADED)
                checked = self._checked(page, log, record, facts)
                break
            except Error as error:  # a page may navigate while it is inspected
                if last or not _is_navigation_error(error):
                    raise
        if log.led_to:  # by a script, a moment later
            return Opened(replace(record, ending=PageEnding.ELSEWHERE, leads_to=self.rules.address(log.led_to)))
        checked = replace(checked, status=log.status)
        if _needs_screenshot(checked, log):
            checked = replace(checked, screenshot=self._screenshot(page))
        return Opened(checked, tuple(facts["links"]))

    def _settle(self, page: Page) -> None:
        """Wait until the page is loaded and has no requests, or the time for that is over."""
        with contextlib.suppress(Error):
            page.wait_for_load_state("load", timeout=self.load_s * _QUIET * 1000)
            page.wait_for_load_state("networkidle", timeout=self.load_s * _QUIET * 1000)

    def _load(self, page: Page, log: PageLog, url: str) -> OpenedPage:
        """Navigate to `url`; the record has the status, and whether the page finished loading."""
        cause, timed_out, is_file = "", False, False
        try:
            page.goto(url, wait_until="load", timeout=self.load_s * 1000)
        except Error as error:
            if log.crashed:
                raise
            timed_out = type(error).__name__ == "TimeoutError"
            is_file = "Download is starting" in error.message
            cause = "" if timed_out else _net_error(error.message)
            if "interrupted by another navigation" in error.message:
                with contextlib.suppress(Error):
                    page.wait_for_load_state("load", timeout=self.load_s * 1000)
                cause = ""
        record = OpenedPage(self.rules.address(url), PageEnding.LOADED, status=log.status)
        if log.led_to:
            return replace(record, ending=PageEnding.ELSEWHERE, leads_to=self.rules.address(log.led_to))
        if is_file or (log.status is not None and cause in ABORTED):
            return replace(record, ending=PageEnding.FILE)
        if timed_out and log.status is not None:
            pending = tuple(map(self.rules.address, log.pending))
            return replace(record, ending=PageEnding.UNFINISHED, pending=pending[:_MAX_PENDING])
        if timed_out or log.status is None:
            cause_text = f"no answer within {self.load_s:g} s" if timed_out else cause
            return replace(record, ending=PageEnding.NO_ANSWER, status=None, cause=self.rules.text(cause_text))
        return record

    def _page_facts(self, page: Page, *, patient: bool) -> dict[str, Any]:
        """The result of `page_check.js`; if the page has no text yet and `patient`, retried for a while."""
        until = time.monotonic() + (self.load_s * _TEXT if patient else 0)
        facts: dict[str, Any] = page.evaluate(page_script("page_check.js", _LIMITS))
        while facts["html"] and not _characters(page, facts) and time.monotonic() < until:
            page.wait_for_timeout(_CHECK_EVERY_MS)
            facts = page.evaluate(page_script("page_check.js", _LIMITS))
        return facts

    def _checked(self, page: Page, log: PageLog, record: OpenedPage, facts: Mapping[str, Any]) -> OpenedPage:
        if not facts["html"]:
            return record
        characters = _characters(page, facts)
        known = {asset.url for asset in log.assets}
        broken = [asset for asset in map(self._undecoded, dict.fromkeys(facts["broken"])) if asset.url not in known]
        violations: tuple[Violation, ...] = ()
        check_error = ""
        if self.check_accessibility and characters and (record.status or 0) < 400:
            try:
                violations = tuple(Violation(each.rule, each.impact, each.help, len(each.elements),
                                             self.rules.text(each.elements[0] if each.elements else "", _MAX_EXAMPLE))
                                   for each in violations_of(page))
            except (Error, NothingToCheck, KeyError, TypeError) as error:
                if _is_navigation_error(error):
                    raise
                check_error = self.rules.text(f"accessibility: {str(error).strip().splitlines()[0]}")
        return replace(record, characters=characters, assets=tuple(broken), violations=violations,
                       check_error=check_error)

    def _undecoded(self, url: str) -> BrokenAsset:
        return BrokenAsset(self.rules.address(url), "image", own=self.rules.site.holds(url),
                           cause="not a valid image")

    def _screenshot(self, page: Page) -> str:
        self._screenshots += 1
        path = self.folder / f"page-{self._screenshots}.png"
        with contextlib.suppress(Error):
            page.screenshot(path=path, timeout=self.load_s * _SCREENSHOT * 1000)
        return path.name if path.exists() else ""

    def _failed_page(self, log: PageLog, url: str, error: Error, after_s: float) -> OpenedPage:
        """The record of a page that blocked the browser until it was killed, or on which the browser failed."""
        record = OpenedPage(self.rules.address(url), PageEnding.LOADED, status=log.status)
        if after_s >= self._time_limit_s and not log.crashed:
            return replace(record, ending=PageEnding.UNRESPONSIVE)
        return replace(record, check_error=self.rules.text(f"browser: {_net_error(error.message)}"))


def _characters(page: Page, facts: Mapping[str, Any]) -> int:
    """The number of visible characters of the page, or if it has none, of its frames."""
    total = int(facts["characters"])
    for frame in page.frames[1:] if not total else ():
        with contextlib.suppress(Error):
            total += int(frame.evaluate("document.body ? document.body.innerText.trim().length : 0"))
    return total


def _is_navigation_error(error: Exception) -> bool:
    return isinstance(error, Error) and any(sign in error.message for sign in _NAVIGATES)


def _needs_screenshot(record: OpenedPage, log: PageLog) -> bool:
    """Whether the page needs a screenshot as evidence."""
    return bool(record.ending is not PageEnding.LOADED or (record.status or 0) >= 400 or record.characters == 0
                or record.assets or record.violations or log.assets or log.errors)


def _net_error(message: str) -> str:
    """The error code, such as `net::ERR_CONNECTION_REFUSED`, in Playwright's long message."""
    first = message.strip().splitlines()[0] if message.strip() else "no answer"
    return next((word for word in first.split() if word.startswith(("net::", "NS_ERROR"))), first)
