"""How a place differs from the baseline: what is data, what was lost, who else's it is, and what varies."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from gonogo.model.outside import ChangeKind, Place, PlaceKind
from gonogo.outside.baseline import KnownPlace, OutsideBaseline, inputs_of, known_places
from gonogo.outside.compare import changes
from gonogo.outside.observations import Item, Observation

TODAY, TOMORROW = date(2026, 11, 29), date(2026, 11, 30)
PAGE = Place(PlaceKind.PAGE, "/bookings/[id]", "Ana", "she pays")
ANSWER = Place(PlaceKind.ANSWER, "POST /bookings", "Ana", "she pays", component="shop")


def items(*texts: str) -> list[Item]:
    """`key: text`"""
    return [Item(*text.split(": ", 1)) for text in texts]


TABLE: dict[str, tuple[Sequence[str], Sequence[str], list[tuple[str, str, str]]]] = {
    # was, now → (kind, now, was)
    "a time": (["text: departs ⟦10:15⟧"], ["text: departs ⟦09:15⟧"],
               [("altered", "departs ⟦09:15⟧", "departs ⟦10:15⟧")]),
    "an answer's member": (["total: ⟦12000⟧", "currency: ⟦GBP⟧"], ["total: ⟦120⟧", "currency: ⟦GBP⟧"],
                           [("altered", "⟦120⟧", "⟦12000⟧")]),
    "a person's data become another's": (["cell: ⟦‹Ana: Name›⟧"], ["cell: ⟦‹Ben: Name›⟧"],
                                         [("others", "⟦‹Ben: Name›⟧", "⟦‹Ana: Name›⟧")]),
    "one of two swapped": (["cell: ⟦‹Ana: Seat›⟧ ⟦‹Ana: Seat 2›⟧"], ["cell: ⟦‹Ana: Seat 2›⟧ ⟦‹Ana: Seat›⟧"],
                           [("reordered", "⟦‹Ana: Seat 2›⟧ ⟦‹Ana: Seat›⟧", "⟦‹Ana: Seat›⟧ ⟦‹Ana: Seat 2›⟧")]),
    "a passenger is lost": (["listitem: ⟦‹Ana: Name›⟧", "listitem: ⟦‹Ana: Name 2›⟧"], ["listitem: ⟦‹Ana: Name 2›⟧"],
                            [("lost", "", "⟦‹Ana: Name›⟧")]),
    "rows in another order": (["row: ⟦B1⟧", "row: ⟦A2⟧"], ["row: ⟦A2⟧", "row: ⟦B1⟧"],
                              [("reordered", "⟦A2⟧", "⟦A2⟧")]),
    "a set in another order": (["codes[]: ⟦GBP⟧", "codes[]: ⟦EUR⟧"], ["codes[]: ⟦EUR⟧", "codes[]: ⟦GBP⟧"],
                               [("order", "⟦EUR⟧", "⟦EUR⟧")]),
    "other wording": (["text: Paid ⟦£12⟧"], ["text: You paid ⟦£12⟧"],
                      [("wording", "You paid ⟦£12⟧", "Paid ⟦£12⟧")]),
    "wording that is gone": (["text: Welcome"], [], [("wording", "", "Welcome")]),
    "a new element": ([], ["text: Now with ⟦5⟧ stars"], [("added", "Now with ⟦5⟧ stars", "")]),
    "more data in a text": (["text: ⟦£12⟧"], ["text: ⟦£12⟧ of ⟦£20⟧"], [("added", "⟦£12⟧ of ⟦£20⟧", "⟦£12⟧")]),
    "data moved into new wording": (["text: Total ⟦£12⟧"], ["strong: In all: ⟦£12⟧"],
                                    [("wording", "", "Total ⟦£12⟧"), ("added", "In all: ⟦£12⟧", "")]),
    "a new row above": (["row: ⟦B1⟧", "row: ⟦A2⟧"], ["row: ⟦C3⟧", "row: ⟦B1⟧", "row: ⟦A2⟧"], [("added", "⟦C3⟧", "")]),
    "a status that comes and goes": (["status: ⟦3⟧ found"], [], [("wording", "", "⟦3⟧ found")]),
    "values in another place of a list": (["price: ⟦£1⟧", "name: ⟦A⟧"], ["name: ⟦A⟧", "price: ⟦£2⟧"],
                                          [("altered", "⟦£2⟧", "⟦£1⟧")]),
    "nothing": (["row: ⟦B1⟧"], ["row: ⟦B1⟧"], []),
    "both empty": ([], [], []),
}


@pytest.mark.parametrize("name", TABLE)
def test_difference(name: str) -> None:
    was, now, expected = TABLE[name]
    found = [(change.kind.value, change.now.text if change.now else "", change.was.text if change.was else "")
             for change in changes(items(*now), items(*was), "Ana")]
    assert found == expected


def test_very_long_place_is_compared_as_a_set() -> None:
    was = [Item("row", f"⟦{number}⟧") for number in range(3_000)]
    (change,) = changes([*was[:-1], Item("row", "⟦x9⟧")], was, "Ana")
    assert (change.kind, change.now, change.was) == (ChangeKind.ALTERED, Item("row", "⟦x9⟧"), was[-1])


LONG, FEW = [Item("row", f"⟦{number}⟧") for number in range(1_600)], [Item("cell", f"⟦{number % 3}⟧") for number in range(1_400)]


@pytest.mark.parametrize(("now", "was", "expected"), [
    ([*LONG[:7], LONG[8], LONG[7], *LONG[9:-1], Item("title", "")], LONG, {"reordered 8", "lost 1599", "added"}),
    ([*FEW[:7], FEW[8], FEW[7], *FEW[9:]], FEW, {"reordered 2"}), ([FEW[2], *FEW, FEW[0]], FEW, {"added 2", "added 0"}),
    ([*LONG[:7], LONG[8], *LONG[7:], LONG[7]], LONG, {"added 8", "added 7"})],
    ids=["long", "of few values", "more of few values", "more of a long one"])
def test_order_of_a_long_place_is_compared_by_the_first_that_stands_elsewhere(
        now: list[Item], was: list[Item], expected: set[str]) -> None:
    assert {f"{change.kind} {(change.now or change.was or was[0]).text.strip('⟦⟧')}".strip()
            for change in changes(now, was, "Ana")} == expected


def known(*texts: str, runs: int = 1, day: date = TODAY) -> KnownPlace:
    return replace(known_places([Observation(PAGE, tuple(items(*texts)))], day)[PAGE], runs=runs)


def learnt(was: KnownPlace, now: KnownPlace, *, same_images: bool = True, place: Place = PAGE) -> KnownPlace:
    today = date.fromisoformat(now.days[-1])
    both = OutsideBaseline(places={"s": {place: now}}).with_earlier(
        OutsideBaseline(places={"s": {place: was}}), same_images=same_images, today=today)
    return both.places["s"][place]


def reported(was: KnownPlace, *now: str) -> list[tuple[str, bool]]:
    return [(change.kind.value, was.proven(change, TODAY)) for change in changes(items(*now), was.items, "Ana")
            if not was.is_known_to_vary(change)]


def test_what_was_seen_once_is_not_proven() -> None:
    assert reported(known("text: departs ⟦10:15⟧"), "text: departs ⟦09:15⟧") == [("altered", False)]


def test_what_was_the_same_twice_is_proven() -> None:
    both = learnt(known("text: departs ⟦10:15⟧"), known("text: departs ⟦10:15⟧"))
    assert reported(both, "text: departs ⟦09:15⟧") == [("altered", True)]


def test_what_was_only_seen_on_another_day_is_not_proven() -> None:
    both = learnt(known("text: departs ⟦10:15⟧"), known("text: departs ⟦10:15⟧"))
    (change,) = changes(items("text: departs ⟦09:15⟧"), both.items, "Ana")
    assert (both.proven(change, TODAY), both.proven(change, TOMORROW)) == (True, False)
    third = learnt(both, known("text: departs ⟦10:15⟧", day=TOMORROW))
    assert third.proven(change, date(2026, 12, 24))


def test_what_differs_between_runs_of_the_same_images_varies() -> None:
    both = learnt(known("text: ⟦8⟧ seats left"), known("text: ⟦7⟧ seats left"))
    assert reported(both, "text: ⟦3⟧ seats left") == []
    assert reported(both, "text: sold out") == [("lost", True)]


def test_only_the_value_that_varied_varies() -> None:
    both = learnt(known("text: flight ⟦GS1⟧ at ⟦10:15⟧"), known("text: flight ⟦GS2⟧ at ⟦10:15⟧"))
    assert reported(both, "text: flight ⟦GS3⟧ at ⟦10:15⟧") == []
    assert reported(both, "text: flight ⟦GS3⟧ at ⟦09:15⟧") == [("altered", True)]


def test_values_that_vary_have_no_order() -> None:
    """That one of them was there before too, elsewhere, is chance."""
    prices = ("row: ⟦4⟧ EUR", "row: ⟦5⟧ EUR", "row: ⟦6⟧ EUR")
    varying = learnt(known("row: ⟦6⟧ EUR", "row: ⟦7⟧ EUR", "row: ⟦8⟧ EUR"), known(*prices))
    assert reported(varying, *prices[1:], prices[0]) == []
    assert {kind for kind, _ in reported(learnt(known(*prices), known(*prices)), *prices[1:], prices[0])} == {"reordered"}


def test_value_may_depend_on_the_date_that_was_asked_for() -> None:
    """With a date that no run before had, only what was the same with five other dates is proven."""
    def seen(*dates: str) -> KnownPlace:
        places = [replace(known("text: departs ⟦10:15⟧"), inputs=inputs_of({date: "‹Ana: Date›"}, TODAY)) for date in dates]
        return functools.reduce(learnt, places)

    def is_proven(was: KnownPlace, date: str) -> bool:
        (change,) = changes(items("text: departs ⟦09:15⟧"), was.items, "Ana")
        return was.proven(change, TODAY, inputs_of({date: "‹Ana: Date›"}, TODAY))

    assert is_proven(seen("2027-01-01", "2027-01-01"), "2027-01-01")
    assert not is_proven(seen("2027-01-01", "2027-01-01"), "2027-02-02")
    assert not is_proven(seen("2027-01-01", "2027-02-02", "2027-03-03"), "2027-04-04")
    assert is_proven(seen(*(f"2027-{month:02}-{month:02}" for month in range(1, 6))), "2027-07-07")


def test_what_differs_between_releases_does_not_vary() -> None:
    both = learnt(known("text: ⟦8⟧ seats"), known("text: ⟦7⟧ seats"), same_images=False)
    assert reported(both, "text: ⟦8⟧ seats") == [("altered", True)]


def test_one_that_is_constant_among_those_that_vary_is_reported_from_the_fourth_run_on() -> None:
    runs = [known("strong: ⟦£161.25⟧", f"strong: ⟦£{number}.10⟧") for number in (2, 3, 4)]
    three = learnt(learnt(runs[0], runs[1]), runs[2])
    assert reported(learnt(runs[0], runs[1]), "strong: ⟦£99⟧", "strong: ⟦£5.10⟧") == [("altered", False)]
    assert reported(three, "strong: ⟦£99⟧", "strong: ⟦£5.10⟧") == [("altered", True)]
    assert reported(three, "strong: ⟦£161.25⟧", "strong: ⟦£5.10⟧") == []


def test_name_of_a_source_explains_a_value_that_stood_for_itself() -> None:
    both = learnt(known("text: Booking ⟦SBUUEG⟧"), known("text: Booking ⟦‹POST /bookings: locator›⟧"))
    assert not both.varies
    assert reported(both, "text: Booking ⟦QWERTZ⟧") == [("altered", True)]


def test_date_that_is_counted_from_today_moves_with_the_day() -> None:
    was = known("text: on ⟦2026-12-13⟧")
    assert was.on(TOMORROW).items == tuple(items("text: on ⟦2026-12-14⟧"))
    assert was.on(TODAY) == was


def test_scenario_that_did_not_run_stays_known() -> None:
    earlier = OutsideBaseline({"a": ("x",), "b": ("y",)}, {"a": {PAGE: known()}, "b": {PAGE: known()}})
    both = OutsideBaseline({"a": ("x",)}, {"a": {PAGE: known()}}).with_earlier(earlier, same_images=True, today=TODAY)
    assert both.steps == {"a": ("x",), "b": ("y",)} and set(both.places) == {"a", "b"}


def test_document_is_read_back_unchanged() -> None:
    place = replace(known("text: on ⟦2026-12-13⟧"), varies=frozenset({"value 0 text||□"}),
                    constants=frozenset({Item("strong", "⟦1⟧", "Price")}), runs=7)
    baseline = OutsideBaseline({"s": ("she pays",)}, {"s": {PAGE: place, ANSWER: known("id: ⟦‹id›⟧")}},
                               frozenset({"POST /bookings: locator"}))
    assert OutsideBaseline.from_document(baseline.as_document()) == baseline


@pytest.mark.parametrize("odd", [None, [], {}, {"version": 2}, {"version": 1, "varying": [], "steps": {}, "places": {"s": [1]}},
                                 {"version": 1, "varying": [], "steps": {}, "places": {"s": [[["nowhere", "", "", "", 1, ""],
                                                                                             [], [], [], 1, []]]}}])
def test_document_that_is_not_valid_is_none(odd: object) -> None:
    assert OutsideBaseline.from_document(odd) is None
