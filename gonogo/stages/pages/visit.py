"""The child process of the pages stage: `python -m gonogo.stages.pages.visit` opens pages, and records each.

The front page first, then what it links to, then what those link to. The gate reads the record alone, not the exit
code.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import deque
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from gonogo.config import Environment, RunPlan
from gonogo.core.errors import GonogoError, UsageError
from gonogo.core.exit_codes import ExitCode
from gonogo.core.network import use_proxy
from gonogo.core.prestart import read_plan_line
from gonogo.model.pages import OpenedPage, PageEnding
from gonogo.model.site import Site, page_address
from gonogo.records.pages import PAGES_FILE, BegunLine, EndLine, PageLine, SiteLine, pages_writer
from gonogo.records.stage_record import LineWriter
from gonogo.scenarios.browser.page_log import RequestRules
from gonogo.scenarios.browser.page_opening import PageOpener, RequestLimitReached
from gonogo.scenarios.browser.worker_browser import WorkerBrowser
from gonogo.secrets.masking import masker_for
from gonogo.stages.pages.judge import STAGE

_MAX_KNOWN = 10_000  # addresses; a site that makes links without end is not remembered whole


def visit(environment: Environment, folder: Path, environ: Mapping[str, str]) -> None:
    """Open the pages of the environment, and write the record; an error that ends it is in the record."""
    masker, pages, settings = masker_for(environment, environ), environment.pages, environment.browser
    with pages_writer(folder / PAGES_FILE, masker) as writer, tempfile.TemporaryDirectory() as traces:
        writer.write(SiteLine(schema=1, url=masker.url(environment.url), load_s=pages.load_s))
        browser = WorkerBrowser(settings, environment.url, environ, Path(traces))
        rules = RequestRules(Site.of(environment.url), masker, environment.permits.writes, pages.max_requests)
        opener = PageOpener(browser, rules, folder, settings.locale, settings.timezone, pages.load_s,
                            check_accessibility=pages.accessibility != "ignore")
        try:
            end = _Walk(environment, opener, writer).go()
        except GonogoError as error:
            end = EndLine(fault=masker.text(f"{error.what} ({error.fix})"))
        finally:
            browser.close()
        writer.write(end)


class _Walk:
    """Breadth first: pages that many others link to are near the front page."""

    def __init__(self, environment: Environment, opener: PageOpener, writer: LineWriter) -> None:
        first = page_address(environment.url)
        self._max_pages = environment.pages.max_pages
        self._opener = opener
        self._writer = writer
        self._known = {first}
        self._next: deque[tuple[str, str]] = deque([(first, "")])
        self._opened = 0
        self._until = time.monotonic() + environment.budgets.pages_s

    def go(self) -> EndLine:
        while self._next:
            if self._opened == self._max_pages:
                return self._end("pages")
            if time.monotonic() > self._until:
                return self._end("time")
            url, linked_from = self._next.popleft()
            self._writer.write(BegunLine(url=self._opener.rules.address(url)))
            try:
                opened = self._opener.open(url, linked_from)
            except RequestLimitReached:
                self._next.appendleft((url, linked_from))
                return self._end("requests")
            self._opened += 1
            self._writer.write(PageLine(page=opened.page))
            if _is_good(opened.page):
                self._take(opened.links, url)
        return EndLine()

    def _take(self, links: tuple[str, ...], page: str) -> None:
        for link in links:
            url = page_address(link) if self._opener.rules.site.holds(link) else ""
            if url and url not in self._known and len(self._known) < _MAX_KNOWN:
                self._known.add(url)
                self._next.append((url, page))

    def _end(self, stopped_by: str) -> EndLine:
        return EndLine.model_validate({"left": len(self._next), "stopped_by": stopped_by})


def _is_good(page: OpenedPage) -> bool:
    return page.ending in (PageEnding.LOADED, PageEnding.UNFINISHED) and (page.status or 0) < 400


def main(environ: MutableMapping[str, str]) -> int:
    try:
        line, run_folder = read_plan_line(environ), environ.get("GONOGO_RUN_DIR")
        if line is None or run_folder is None:
            raise UsageError("This process is started by the gate, which hands it a plan.",
                             fix="run `gonogo run --url URL`, or name the stage `pages` in environments.yml.")
        environment = RunPlan.unsealed(line).environment
        use_proxy(environ, *environment.proxy_settings)
        visit(environment, Path(run_folder) / STAGE, environ)
    except GonogoError as error:
        sys.stderr.write(f"{masker_for(None, environ).text(str(error))}\n")
        return int(error.exit_code)
    return int(ExitCode.GO)


if __name__ == "__main__":
    sys.exit(main(os.environ))
