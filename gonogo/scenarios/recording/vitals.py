"""Records the web vitals of the pages that people visit in a scenario; `vitals.js` measures them in the pages.

Pages of third parties are left out: they are not part of the release.
"""

from __future__ import annotations

import contextlib
import json
import math
import secrets
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gonogo.records.vitals import PageVisit, write_visits
from gonogo.scenarios.browser.page_script import page_script
from gonogo.scenarios.browser.playwright_error import Error
from gonogo.scenarios.browser.trace_context import FirstParty, origin_of
from gonogo.scenarios.world import Person, World
from gonogo.secrets.masking import Masker
from gonogo.traffic.http.endpoints import template

_REPORT_TIMEOUT_S = 5.0  # for all pages of a scenario together
_REPORT_SCRIPT = """name => {
    const event = new CustomEvent(name, {detail: {}});
    dispatchEvent(event);
    return event.detail.reported;
}"""
PageReport = dict[str, Any]  # of a page: foreign JSON


class VitalsRecorder:
    """Records one scenario at a time."""

    def __init__(self, masker: Masker, first_party: FirstParty) -> None:
        self._masker = masker
        self._first_party = first_party
        self._report_event = f"vitals-{secrets.token_hex(8)}"
        self._reports: dict[str, PageReport] = {}  # by visit; the last one counts

    def follow(self, person: Person) -> None:
        """Start measuring; called when a person's browser context opens, before any page is visited."""
        binding = f"vitals_{secrets.token_hex(8)}"
        person.context.expose_binding(binding, lambda _source, text: self._on_report(text))
        person.context.add_init_script(page_script("vitals.js", {"binding": binding,
                                                                 "reportEvent": self._report_event}))

    def keep(self, world: World, folder: Path, scenario: str) -> None:
        """Write the page visits of the scenario with this key, which ends now, into `folder`."""
        with world.browser.bounded(_REPORT_TIMEOUT_S):
            for page in (page for person in world.people.values() for page in person.context.pages):
                with contextlib.suppress(Error):  # it crashed or is navigating: its last report counts
                    page.evaluate(_REPORT_SCRIPT, self._report_event)
        reports, self._reports = self._reports, {}
        write_visits(folder, self._visits(reports.values(), scenario, world.timeline.started_s), self._masker)

    def _on_report(self, text: str) -> None:
        report = json.loads(text)
        self._reports[report["id"]] = report

    def _visits(self, reports: Iterable[PageReport], scenario: str, began_s: float) -> Iterator[PageVisit]:
        now = time.time()
        for visit in reports:
            page = self._page_of(visit["url"])
            if page is not None:
                started = visit["started_ms"] / 1000
                yield PageVisit(scenario=scenario, page=page,
                            # the scenario may have set the clock of its pages
                            started=started if began_s <= started <= now else began_s,
                            lcp_ms=_figure(visit["lcp_ms"]), inp_ms=_figure(visit["inp_ms"]),
                            cls=_figure(visit["cls"], digits=4), ttfb_ms=_figure(visit["ttfb_ms"]))

    def _page_of(self, url: str) -> str | None:
        """The path template of a page, preceded by its origin if that is not the system's; None for a third party."""
        if self._first_party.is_third_party(url):
            return None
        path = self._masker.text(template(urlsplit(url).path or "/"))
        origin = origin_of(url)
        return path if origin in self._first_party.origins else origin + path


def _figure(value: object, digits: int = 1) -> float | None:
    """A number of a page, rounded; None if it is not a finite number of 0 or more."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        return None
    return round(float(value), digits)
