"""A page opened in a browser as a new visitor would: what it answered, threw, lacked, and links to.

What a page may send, and what happens meanwhile, is `page_log`'s; which pages are opened, and what is made of it,
belongs to `stages.pages`.
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

# Of the time that a page may take to load:
_LOOK = 2.0  # for all that is done with it once it is loaded; then its browser is ended
_QUIET = 0.2  # for requests after the load event; a page that polls is never quiet
_TEXT = 0.35  # for a page that writes its text itself
_SCREENSHOT = 0.35
_LOOK_EVERY_MS = 100
_CHOICE = {"maxImages": 500, "maxLinks": 1000, "decodeMs": 2000}
_MAX_EXAMPLE = 160
_MAX_PENDING = 5
_NAVIGATES = ("context was destroyed", "navigat")


@dataclass(frozen=True, slots=True)
class Opened:
    """The record of a page, and the addresses that it links to."""

    page: OpenedPage
    links: tuple[str, ...] = ()


class RequestsSpent(Exception):
    """So many requests were sent that no further page is opened."""


@dataclass(slots=True)
class PageOpener:
    """Opens pages, each in a context of its own. `load_s` is how long a page may load, `folder` has the pictures."""

    browser: WorkerBrowser
    rules: RequestRules
    folder: Path
    locale: str
    timezone: str
    load_s: float
    check_accessibility: bool = True
    _screenshots: int = 0

    def open(self, url: str, linked_from: str = "") -> Opened:
        """Open `url` and look at it. Raises BrowserError where there is no browser, RequestsSpent."""
        if self.rules.are_spent:
            raise RequestsSpent
        began = time.monotonic()
        context = self.browser.new_context(self.locale, self.timezone, None)
        log = PageLog(self.rules, self.browser.kill)
        with self.browser.bounded(self._bound_s):
            try:
                opened = self._look(context, log, url)
            except Error as error:
                if self.rules.are_spent:
                    raise RequestsSpent from error
                opened = Opened(self._broken_off(log, url, error, time.monotonic() - began))
            if self.browser.alive:
                with contextlib.suppress(Error):
                    context.unroute_all(behavior="ignoreErrors")
                    context.close()
        page = replace(opened.page, linked_from=self.rules.address(linked_from), withheld=tuple(log.withheld),
                       errors=tuple(log.errors), assets=(*log.assets, *opened.page.assets)[:MAX_EACH],
                       duration_s=round(time.monotonic() - began, 2))
        return Opened(page, opened.links)

    @property
    def _bound_s(self) -> float:
        return self.load_s * (1 + _LOOK)

    def _look(self, context: BrowserContext, log: PageLog, url: str) -> Opened:
        context.add_init_script("delete Navigator.prototype.serviceWorker")  # its requests could not be withheld
        page = context.new_page()
        log.listen(context, page)
        record = self._load(page, log, url)
        if record.ending not in (PageEnding.LOADED, PageEnding.UNFINISHED):
            return Opened(record)
        shown: Mapping[str, Any] = {"links": ()}
        for last in (False, False, True):
            try:
                self._settle(page)
                shown = self._shown(page, patient=record.ending is PageEnding.LOADED)
                checked = self._checked(page, log, record, shown)
                break
            except Error as error:  # a page may go on to another by itself, while it is looked at
                if last or not _is_of_navigation(error):
                    raise
        if log.led_to:  # by a script, a moment later
            return Opened(replace(record, ending=PageEnding.ELSEWHERE, leads_to=self.rules.address(log.led_to)))
        checked = replace(checked, status=log.status)
        if _is_odd(checked, log):
            checked = replace(checked, screenshot=self._screenshot(page))
        return Opened(checked, tuple(shown["links"]))

    def _settle(self, page: Page) -> None:
        """Until it is loaded and quiet, or the time for that is over."""
        with contextlib.suppress(Error):
            page.wait_for_load_state("load", timeout=self.load_s * _QUIET * 1000)
            page.wait_for_load_state("networkidle", timeout=self.load_s * _QUIET * 1000)

    def _load(self, page: Page, log: PageLog, url: str) -> OpenedPage:
        """How it answered, and whether it finished loading."""
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
            why = f"no answer within {self.load_s:g} s" if timed_out else cause
            return replace(record, ending=PageEnding.NO_ANSWER, status=None, cause=self.rules.text(why))
        return record

    def _shown(self, page: Page, *, patient: bool) -> dict[str, Any]:
        """What `page_check.js` finds, asked again for a while where there is no text yet."""
        until = time.monotonic() + (self.load_s * _TEXT if patient else 0)
        shown: dict[str, Any] = page.evaluate(page_script("page_check.js", _CHOICE))
        while shown["html"] and not _characters(page, shown) and time.monotonic() < until:
            page.wait_for_timeout(_LOOK_EVERY_MS)
            shown = page.evaluate(page_script("page_check.js", _CHOICE))
        return shown

    def _checked(self, page: Page, log: PageLog, record: OpenedPage, shown: Mapping[str, Any]) -> OpenedPage:
        if not shown["html"]:
            return record
        characters = _characters(page, shown)
        known = {asset.url for asset in log.assets}
        broken = [asset for asset in map(self._undecoded, dict.fromkeys(shown["broken"])) if asset.url not in known]
        violations: tuple[Violation, ...] = ()
        check_error = ""
        if self.check_accessibility and characters and (record.status or 0) < 400:
            try:
                violations = tuple(Violation(each.rule, each.impact, each.help, len(each.elements),
                                             self.rules.text(each.elements[0] if each.elements else "", _MAX_EXAMPLE))
                                   for each in violations_of(page))
            except (Error, NothingToCheck, KeyError, TypeError) as error:
                if _is_of_navigation(error):
                    raise
                check_error = self.rules.text(f"accessibility: {str(error).strip().splitlines()[0]}")
        return replace(record, characters=characters, assets=tuple(broken), violations=violations,
                       check_error=check_error)

    def _undecoded(self, url: str) -> BrokenAsset:
        return BrokenAsset(self.rules.address(url), "image", own=self.rules.site.holds(url),
                           cause="no image that can be shown")

    def _screenshot(self, page: Page) -> str:
        self._screenshots += 1
        path = self.folder / f"page-{self._screenshots}.png"
        with contextlib.suppress(Error):
            page.screenshot(path=path, timeout=self.load_s * _SCREENSHOT * 1000)
        return path.name if path.exists() else ""

    def _broken_off(self, log: PageLog, url: str, error: Error, after_s: float) -> OpenedPage:
        """The page held the browser until it was ended, or the browser itself gave up."""
        record = OpenedPage(self.rules.address(url), PageEnding.LOADED, status=log.status)
        if after_s >= self._bound_s and not log.crashed:
            return replace(record, ending=PageEnding.UNRESPONSIVE)
        return replace(record, check_error=self.rules.text(f"browser: {_net_error(error.message)}"))


def _characters(page: Page, shown: Mapping[str, Any]) -> int:
    """Those of the page, or where it has none of its own, of its frames."""
    found = int(shown["characters"])
    for frame in page.frames[1:] if not found else ():
        with contextlib.suppress(Error):
            found += int(frame.evaluate("document.body ? document.body.innerText.trim().length : 0"))
    return found


def _is_of_navigation(error: Exception) -> bool:
    return isinstance(error, Error) and any(sign in error.message for sign in _NAVIGATES)


def _is_odd(record: OpenedPage, log: PageLog) -> bool:
    """Whether somebody will want to see it."""
    return bool(record.ending is not PageEnding.LOADED or (record.status or 0) >= 400 or record.characters == 0
                or record.assets or record.violations or log.assets or log.errors)


def _net_error(message: str) -> str:
    """`net::ERR_CONNECTION_REFUSED` of Playwright's long message."""
    first = message.strip().splitlines()[0] if message.strip() else "no answer"
    return next((word for word in first.split() if word.startswith(("net::", "NS_ERROR"))), first)
