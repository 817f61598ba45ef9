"""Lists that all see: what other scenarios of the run have brought in is left out, and what is the scenario's own is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gonogo.model.calls import STEP
from gonogo.model.exchange import Exchange
from gonogo.model.outside import ChangeKind, OutsideChange, PageView
from gonogo.outside import compare_outside
from gonogo.outside.others import Others, owners_of
from gonogo.traffic.http.endpoints import Endpoints
from tests.recorded import exchange, key, page, record, seen

ANA, BEN = "Ana looks at the shelf", "Ben fills the shelf"
TEA = {"sku": "TEA-0007", "name": "Green tea", "price": 450}
MUG = {"sku": "MUG-0042", "name": "Mug", "price": 900}
BEN_BRINGS = exchange("/api/goods", MUG, of=BEN, method="POST", caller=STEP, step=0, status=201, sent={"name": "Mug"})


def shelf(*goods: dict[str, object], of: str = ANA, step: int = 1) -> Exchange:
    return exchange("/api/goods", {"goods": list(goods), "shop": "Tea and more"}, of=of, step=step)


def found(now: list[Exchange], was: list[Exchange], now_page: PageView | None = None, was_page: PageView | None = None,
          ) -> list[OutsideChange]:
    """The differences between a run and two that were the same before it."""
    baseline = None
    for exchanges, view in ((was, was_page), (was, was_page), (now, now_page)):
        records = {ANA: record(*filter(None, [view])), BEN: record()}
        evidence, baseline = compare_outside(seen(records, exchanges), Endpoints(), baseline, same_images=exchanges is was)
    return [change for change in evidence.changes if change.scenario == key(ANA)]


def test_what_is_the_scenarios_own_is_missed() -> None:
    own = exchange("/api/goods", MUG, of=ANA, method="POST", caller=STEP, step=0, status=201, sent={"name": "Mug"})
    assert ChangeKind.LOST in {change.kind for change in found([own, shelf(TEA)], [own, shelf(TEA, MUG)])}


def test_what_was_always_there_is_missed() -> None:
    assert ChangeKind.LOST in {change.kind for change in found([shelf(TEA)], [shelf(TEA, MUG)])}


def test_what_another_scenario_only_names_is_missed() -> None:
    """Ben buys the mug that has always been there: his request has its number, and so has the answer."""
    buys = exchange("/api/orders", {"sku": "MUG-0042"}, of=BEN, method="POST", step=0, sent={"sku": "MUG-0042"})
    looked = exchange("/api/goods/MUG-0042", MUG, of=BEN, step=0)
    reserves = exchange("/api/reservations", MUG, of=BEN, method="POST", step=1, sent={"item": 7})
    for rest in ([buys], [looked, reserves]):
        assert ChangeKind.LOST in {change.kind for change in found([*rest, shelf(TEA)], [*rest, shelf(TEA, MUG)])}


@pytest.mark.parametrize(("now", "was"), [
    ([shelf(TEA)], [shelf(TEA, MUG)]), ([shelf(TEA, MUG)], [shelf(TEA)]), ([shelf(MUG)], [shelf()]),
    ([shelf({**TEA, "with": [MUG]})], [shelf({**TEA, "with": []})])],
    ids=["not any more", "now", "alone", "in an item that stays"])
def test_what_another_scenario_has_brought_in_is_no_difference(now: list[Exchange], was: list[Exchange]) -> None:
    assert found([BEN_BRINGS, *now], [BEN_BRINGS, *was]) == []


def test_what_an_earlier_run_has_shown_is_missed() -> None:
    """Which scenario is the first to be answered with the number of what is always there depends on the run."""
    advice = exchange("/api/advice", {"best": MUG}, of=BEN, method="POST", step=2, sent={"for": "Ben"})
    sooner = exchange("/api/advice", {"best": MUG}, of=BEN, method="POST", step=0, sent={"for": "Ben"})
    assert found([sooner, shelf(TEA, MUG)], [advice, shelf(TEA, MUG)]) == []
    cheap = {**MUG, "price": 9}
    assert ChangeKind.ALTERED in {change.kind for change in found([sooner, shelf(TEA, cheap)], [advice, shelf(TEA, MUG)])}


def test_list_that_was_asked_for_before_and_came_after_has_it_from_another_scenario() -> None:
    slow = replace(shelf(TEA, MUG), started_s=BEN_BRINGS.started_s - 1, duration_ms=2_000)
    assert found([BEN_BRINGS, slow], [BEN_BRINGS, shelf(TEA)]) == []


def test_nor_is_it_on_a_page() -> None:
    lines = ["- list:", "  - listitem: Green tea £4.50", "  - listitem:", "    - link \"Mug £9.00\":",
             "      - /url: /goods/MUG-0042"]
    both, one = (replace(page("Ana"), tree="\n".join(each)) for each in (lines, lines[:2]))
    assert found([BEN_BRINGS], [BEN_BRINGS], one, both) == found([BEN_BRINGS], [BEN_BRINGS], both, one) == []
    assert ChangeKind.LOST in {change.kind for change in found([], [], one, both)}


def test_names_of_further_values_do_not_depend_on_it() -> None:
    """The second reference of a list stays the second, whatever stands between."""
    cup = {"sku": "CUP-0001", "name": "Cup", "price": 300}
    assert found([BEN_BRINGS, shelf(TEA, MUG, cup)], [BEN_BRINGS, shelf(TEA, cup)]) == []


def test_item_with_something_of_both_stays() -> None:
    others = Others({"MUG-0042": key(BEN), "ORD-0001": key(ANA)}, key(ANA))
    order = exchange("/api/orders", [{"id": "ORD-0001", "sku": "MUG-0042"}, {"id": "ORD-0002", "sku": "MUG-0042"}], of=ANA)
    assert others.left_out_of(order).response.json() == [{"id": "ORD-0001", "sku": "MUG-0042"}]


def test_plain_values_and_lists_of_answers_have_no_owner() -> None:
    """A price, a word, and what a search by POST has found."""
    made = exchange("/api/goods", {"price": "12345", "name": "Mug", "id": "MUG-0042"}, of=BEN, method="POST")
    search = exchange("/api/search", {"found": [{"sku": "CUP-0001"}]}, of=BEN, method="POST")
    assert owners_of([made, search]) == {"MUG-0042": key(BEN)}


def test_the_first_that_was_answered_with_it_has_brought_it_in() -> None:
    again = exchange("/api/goods", MUG, of=ANA, method="POST", step=1)
    assert owners_of([again, BEN_BRINGS]) == owners_of([BEN_BRINGS, again]) == {"MUG-0042": key(BEN)}
