"""The rule access-lost, on snapshots of pages of a small shop: what screen readers found, and no longer find."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gonogo.invariants import Watched
from gonogo.invariants.accessible import MAX_HEADINGS, MAX_NODES, view_of
from gonogo.outside import Seen
from tests.recorded import faults, new, page, record, seen

RULE = "access-lost"


def shows(*lines: str, path: str = "/", settled: bool = True) -> Seen:
    return seen({"Ana": record(replace(page("Ana", *lines, path=path), settled=settled))})


LOST = {
    "the label of a field": (shows('textbox "Name"', "textbox: Ana"), shows('textbox "Name"', 'textbox "Street": Ana')),
    "the only label": (shows("combobox"), shows('combobox "Seat"')),
    "an alternative text": (shows("img"), shows('img "A red chair"')),
    "a button's name": (shows("button"), shows('button "Pay"')),
    "a link's name": (shows("link:\n  - /url: /cart"), shows('link "Cart":\n  - /url: /cart')),
    "a landmark's name": (shows("navigation:\n  - list"), shows('navigation "Main":\n  - list')),
    "all labels of a longer list": (shows("checkbox", "checkbox", "checkbox"), shows('checkbox "A"', 'checkbox "B"')),
    "one more without a name than before": (shows("img", "img"), shows("img", 'img "A red chair"')),
    "a heading that is text": (shows('heading "Shop" [level=1]', "text: Your order 17"),
                               shows('heading "Shop" [level=1]', 'heading "Your order 4" [level=2]')),
    "the heading of the page": (shows('heading "Orders" [level=2]'), shows('heading "Shop" [level=1]', 'heading "Orders" [level=2]')),
    "a level of headings": (shows('heading "Shop" [level=1]', 'heading "Orders" [level=3]'),
                            shows('heading "Shop" [level=1]', 'heading "Orders" [level=2]')),
    "a line that YAML quotes": (shows("img"), shows("'img \"Chair: red\"'")),
}


@pytest.mark.parametrize(("now", "was"), LOST.values(), ids=LOST)
def test_what_screen_readers_lost_is_found(now: Seen, was: Seen) -> None:
    assert len(new(now, was, rule=RULE)) == 1


KEPT = {
    "equal": (shows('textbox "Name"', "img"),) * 2,
    "another name": (shows('textbox "Full name"'), shows('textbox "Name"')),
    "an element that is gone": (shows("text: Hello"), shows('textbox "Name"')),
    "one more element without a name": (shows('img "A"', "img"), shows('img "A"')),
    "fewer of those without": (shows("img"), shows("img", "img")),
    "a page that is new": (shows("img", path="/new"), shows('img "A"')),
    "a page that was loading": (shows("img", settled=False), shows('img "A"')),
    "what needs no name": (shows("paragraph", "list", "listitem"), shows('list "Orders"')),
    "an order that was so before": (shows('heading "A" [level=1]', 'heading "B" [level=3]'),) * 2,
    "a heading that is also a text": (shows('heading "Orders" [level=1]', "text: Orders"), shows('heading "Orders" [level=1]')),
    "a page without headings while it loads": (shows("text: Loading"), shows('heading "Shop" [level=1]')),
    "another page of the same path": (shows('img "A"', path="/orders/18"), shows('img "A"', path="/orders/17")),
}


@pytest.mark.parametrize(("now", "was"), KEPT.values(), ids=KEPT)
def test_what_screen_readers_still_have_is_not_found(now: Seen, was: Seen) -> None:
    assert faults(now, was, rule=RULE) == []


def test_what_varies_between_runs_of_equal_images_is_not_lost() -> None:
    named, bare = shows('img "A"'), shows("img")
    assert faults(bare, named, Watched(bare, same_images=True), Watched(named, same_images=True), rule=RULE) == []


def test_without_a_baseline_nothing_is_lost() -> None:
    assert faults(shows("img", "button"), rule=RULE) == []


def test_a_snapshot_is_read_up_to_its_bounds() -> None:
    view = view_of("\n".join(f'- heading "{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}" [level=1]'
                             for n in range(MAX_NODES + 10)))
    assert view.page.names["heading"].total == MAX_NODES
    assert len(view.page.headings) == MAX_HEADINGS
