"""Access lost: a label, a heading or an alternative text that screen readers had in the baseline, and whose element is
still there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gonogo.invariants.accessible import Page, view_of
from gonogo.invariants.shown import page_name
from gonogo.model.invariants import Fault
from gonogo.model.outside import PageView, Place, PlaceKind
from gonogo.model.rules.invariants import AccessLost
from gonogo.outside import Seen
from gonogo.traffic.http.parties import Parties

RULE = "access-lost"
MAX_PAGES = 2_000

Pages = Mapping[str, Page]
"""By the template of their path."""


def pages_of(seen: Seen, parties: Parties) -> Pages:
    """What every complete view of each page of the system shows."""
    pages: dict[str, Page] = {}
    for _, view in _views(seen, parties):
        name, page = page_name(view.url), view_of(view.tree).page
        pages[name] = pages[name].and_also(page) if name in pages else page
    return dict(list(pages.items())[:MAX_PAGES])


def access_lost(seen: Seen, parties: Parties, was: Pages) -> Iterator[Fault]:
    """One fault for each role, heading or order of headings of a page."""
    for scenario, shown in _views(seen, parties):
        name = page_name(shown.url)
        if name not in was:
            continue
        place = Place(PlaceKind.PAGE, name, shown.person, next(
            (step.text for step in seen.records[scenario].steps if step.index == shown.step), ""))
        for loss, what in _lost(shown, was[name]):
            key = (name, loss, what if loss != "heading" else "")
            yield Fault(RULE, key, AccessLost(place=place, loss=loss, what=what), scenario)


def merged(now: Pages, earlier: Pages, *, same_images: bool) -> Pages:
    """What later runs are compared with: of equal images, what every run showed."""
    both = {name: now[name].and_also(earlier[name]) for name in now.keys() & earlier.keys()}
    all_pages = {**earlier, **now, **(both if same_images else {})}
    return dict(list(all_pages.items())[-MAX_PAGES:])


def _lost(shown: PageView, was: Page) -> Iterator[tuple[str, str]]:
    """(loss, what): a "name" of a role, a "heading" that is a plain text, the "title", an "order" of levels."""
    view = view_of(shown.tree)
    now = view.page
    for role in sorted(now.names.keys() & was.names.keys()):
        names, before = now.names[role], was.names[role]
        # one more element without a name is not a name that is lost
        is_same = names.total <= before.total or names.named < before.named
        if names.unnamed > before.unnamed and before.total > before.unnamed and is_same:
            yield "name", role
    for digest in sorted((was.headings - now.headings) & view.texts.keys()):
        yield "heading", view.texts[digest]
    if was.titled and not now.titled and now.headings:
        yield "title", ""
    for one, two in sorted(now.jumps - was.jumps):
        yield "order", f"{one} → {two}"


def _views(seen: Seen, parties: Parties) -> Iterator[tuple[str, PageView]]:
    """The complete views of scenarios that passed, without those of third parties."""
    passed = {scenario.key for scenario in seen.scenarios if scenario.passed}
    for key, record in seen.records.items():
        for view in record.pages if key in passed else ():
            if view.settled and parties.name_of(view.url) not in seen.third_parties:
                yield key, view
