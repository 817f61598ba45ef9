"""The web vitals of the pages that people visit in a scenario, measured by the pages themselves (`vitals.js`).

Pages of third parties are left out: they are no part of the release.
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

_HANDING_OVER_S = 5.0  # for all pages of a scenario together
_ASK = """name => {
    const event = new CustomEvent(name, {detail: {}});
    dispatchEvent(event);
    return event.detail.told;
}"""
Told = dict[str, Any]  # of a page: foreign JSON


class VitalsRecorder:
    """Records one scenario at a time."""

    def __init__(self, masker: Masker, first_party: FirstParty) -> None:
        self._masker = masker
        self._first_party = first_party
        self._asked = f"vitals-{secrets.token_hex(8)}"
        self._told: dict[str, Told] = {}  # by visit; the last word counts

    def follow(self, person: Person) -> None:
        """Begin to measure; called when a person's browser context opens, before any page is visited."""
        teller = f"vitals_{secrets.token_hex(8)}"
        person.context.expose_binding(teller, lambda _source, text: self._hear(text))
        person.context.add_init_script(page_script("vitals.js", {"teller": teller, "asked": self._asked}))

    def keep(self, world: World, folder: Path, scenario: str) -> None:
        """Write the visits of the scenario of this key, which ends here, into `folder`."""
        with world.browser.bounded(_HANDING_OVER_S):
            for page in (page for person in world.people.values() for page in person.context.pages):
                with contextlib.suppress(Error):  # it crashed, or navigates just now: what it told stands
                    page.evaluate(_ASK, self._asked)
        told, self._told = self._told, {}
        write_visits(folder, self._visits(told.values(), scenario, world.timeline.started_s), self._masker)

    def _hear(self, text: str) -> None:
        told = json.loads(text)
        self._told[told["id"]] = told

    def _visits(self, told: Iterable[Told], scenario: str, began_s: float) -> Iterator[PageVisit]:
        now = time.time()
        for visit in told:
            page = self._page_of(visit["url"])
            if page is not None:
                started = visit["started_ms"] / 1000
                yield PageVisit(scenario=scenario, page=page,
                            # a scenario may have set its pages' clock to another day
                            started=started if began_s <= started <= now else began_s,
                            lcp_ms=_figure(visit["lcp_ms"]), inp_ms=_figure(visit["inp_ms"]),
                            cls=_figure(visit["cls"], digits=4), ttfb_ms=_figure(visit["ttfb_ms"]))

    def _page_of(self, url: str) -> str | None:
        """What a page is known by; None where it is a third party's."""
        if self._first_party.is_theirs(url):
            return None
        path = self._masker.text(template(urlsplit(url).path or "/"))
        origin = origin_of(url)
        return path if origin in self._first_party.origins else origin + path


def _figure(value: object, digits: int = 1) -> float | None:
    """What a page told, where a clock can have told it."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        return None
    return round(float(value), digits)
