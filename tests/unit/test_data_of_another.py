"""The rule data-of-another, on runs of a small shop: who may see what another put in."""

from __future__ import annotations

import time

import pytest

from gonogo.model.calls import STEP
from gonogo.model.outside import OutsideRecord, PageView
from gonogo.outside import Seen
from tests.recorded import exchange, faults, key, mail, new, page, record, seen, typed

RULE = "data-of-another"
STREET = "7 Elm Street"


def shop(*, ben_sees: str = "text: No orders", ana_types: str = STREET) -> Seen:
    """Ana orders to her street; Ben looks at his orders in the same scenario."""
    return seen({"Ana orders": record(typed("Ana", "Street", ana_types), page("Ana", f"text: {ana_types}"),
                                      page("Ben", ben_sees, path="/orders"))})


def cached(answer: object, *, street: str = STREET, **told: object) -> Seen:
    """Ana orders in one scenario, and Cleo's page gets an answer in another."""
    return seen({"Ana orders": record(typed("Ana", "Street", street)), "Cleo looks": record()},
                [exchange("/api/orders", answer, of="Cleo looks", person="Cleo", step=2, **told)])  # type: ignore[arg-type]


def partner(path: str = "/charges", *, street: str = STREET, callee: str = "bank", **sent: object) -> Seen:
    """Ana orders, and the shop asks the bank for money."""
    return seen({"Ana orders": record(typed("Ana", "Street", street))}, between=[
        exchange(path, of="Ana orders", method="POST", person="", caller="shop", callee=callee, **sent)])  # type: ignore[arg-type]


FOUND = {
    "page of another": (shop(ben_sees=f"text: to {STREET}, today"), shop()),
    "in another writing": (shop(ben_sees="text: 7 ELM  STREET"), shop()),
    "answer to another's page": (
        seen({"Ana orders": record(typed("Ana", "Street", STREET))},
             [exchange("/api/orders", [{"to": STREET}], of="Ana orders", person="Ben")]), shop()),
    "answer in another scenario": (cached([{"to": STREET}]), cached([])),
    "page in another scenario": (
        seen({"Ana orders": record(typed("Ana", "Street", STREET)), "Cleo looks": record(page("Cleo", f"text: {STREET}"))}),
        seen({"Ana orders": record(typed("Ana", "Street", STREET)), "Cleo looks": record(page("Cleo", "text: Hello"))})),
    "mail of another scenario": (
        seen({"Ana orders": record(typed("Ana", "Street", STREET)), "Cleo": record(typed("Cleo", "E-mail", "cleo@x.test"))},
             mails=[mail("cleo@x.test", f"We send it to {STREET}.")]), shop()),
    "address that a step made": (
        seen({"Ana": record(), "Cleo": record()}, [
            exchange("/api/people", of="Ana", method="POST", caller=STEP, person="", sent={"email": "ana.7f@x.test"}),
            exchange("/api/orders", [{"by": "ana.7f@x.test"}], of="Cleo", person="Cleo", step=2)]), cached([])),
}
FOUND |= {f"third party, in {name}": (partner(**sent), partner()) for name, sent in {
    "a member": {"sent": {"remarks": f"to {STREET}"}}, "a header": {"sent_headers": [("Baggage", "to=7%20Elm%20Street")]},
    "the query": {"path": "/charges?to=7+Elm+Street"}}.items()}


@pytest.mark.parametrize(("now", "before"), FOUND.values(), ids=FOUND)
def test_what_reaches_another_is_found(now: Seen, before: Seen) -> None:
    [fault] = new(now, before, rule=RULE)
    assert STREET.lower() not in repr((fault.key, fault.parameters)).lower()  # the value itself is not told


def test_third_party_that_gets_anyones_is_known() -> None:
    """Who of them was first to pay is chance; and findings of several scenarios are one."""
    def paid(*payers: str, **sent: object) -> Seen:
        streets = {"Ana": STREET, "Ben": "8 Oak Street"}
        scenarios = {f"{name} pays": record(*(typed(each, "Street", f"{street} {name}") for each, street in streets.items()))
                     for name in ("Ida", "Bo")}
        return seen(scenarios, between=[
            exchange("/charges", of=f"{name} pays", method="POST", person="", caller="shop", callee="bank",
                     sent={"to": f"{streets[payer]} {name}"} if payer else {}, **sent) for name in ("Ida", "Bo") for payer in payers])

    assert new(paid("Ben"), paid("Ana"), rule=RULE) == []
    [fault] = new(paid("Ben"), paid(""), rule=RULE)
    assert fault.parameters.more == 1


def same(now: Seen) -> tuple[Seen, Seen]:
    return now, now


NOT_FOUND = {
    "the third party got it in the baseline": same(partner(sent={"to": STREET})),
    "a third party gets a word that may be equal by chance": (
        partner(street="Amsterdam", sent={"to": "Amsterdam"}), partner(street="Amsterdam")),
    "a third party gets it in another scenario": (
        seen({"Ana orders": record(typed("Ana", "Street", STREET)), "Cleo pays": record()}, between=[
            exchange("/charges", of="Cleo pays", method="POST", person="", caller="shop", callee="bank", sent={"to": STREET})]),
        seen({"Ana orders": record(), "Cleo pays": record()})),
    "a service of the system gets it": (partner(callee="stock", sent={"to": STREET}), partner(callee="stock")),
    "it did in the baseline": same(shop(ben_sees=f"text: {STREET}")),
    "only its owner sees it": (shop(), shop()),
    "a short one": (shop(ana_types="Rye", ben_sees="text: Rye"), shop(ana_types="Rye")),
    "a number": (shop(ana_types="1234 5678", ben_sees="text: 1234 5678"), shop(ana_types="1234 5678")),
    "a mask": (shop(ana_types="***card:4f2a", ben_sees="text: ***card:4f2a"), shop(ana_types="***card:4f2a")),
    "part of a longer word": (shop(ana_types="Street", ben_sees="text: Streetcar"), shop(ana_types="Street")),
    "other steps than in the baseline": (shop(ben_sees=f"text: {STREET}"), seen({"Ana orders": record(steps=2)})),
    "a scenario that the baseline does not have": (shop(ben_sees=f"text: {STREET}"), seen({"Other": record()})),
    "both put it in": (
        seen({"Ana orders": record(typed("Ana", "Street", STREET), typed("Ben", "Street", STREET),
                                   page("Ben", f"text: {STREET}"))}), seen({"Ana orders": record()})),
    "several scenarios use it": (
        seen({"Ana orders": record(typed("Ana", "Street", STREET)), "Ben orders": record(typed("Ben", "To", STREET)),
              "Cleo looks": record(page("Cleo", f"text: {STREET}"))}), cached([])),
    "another scenario's text has it": (
        seen({"Ana orders": record(typed("Ana", "Street", "step 1 of 2")),
              "Cleo looks": record(page("Cleo", "text: step 1"))}), cached([])),
    "the system shows it first": (
        seen({"Ana orders": record(page("Ana", f"text: {STREET}", step=0), typed("Ana", "Street", STREET, step=1)),
              "Cleo looks": record(page("Cleo", f"text: {STREET}", step=2))}), cached([])),
    "words that the reader has put in one by one": (
        seen({"Ana orders": record(typed("Ana", "Name", "Zoe van Dam")), "Cleo looks": record(
            typed("Cleo", "Given", "Zoe Ann"), typed("Cleo", "Family", "van"), typed("Cleo", "More", "Dam"), page("Cleo", "text: Zoe van Dam", step=2))}),
        cached([])),
    "an option of a list": (
        seen({"Ana orders": record(typed("Ana", "Shop", "Main Square 3"), page("Ana", 'option "Main Square 3" [selected]')),
              "Cleo looks": record(page("Cleo", "text: Main Square 3", step=2))}), cached([])),
    "a word that may be equal by chance": (cached([{"to": "Amsterdam"}], street="Amsterdam"), cached([])),
    "a list of all in the baseline": (cached([{"to": "8 Oak Street"}], street="8 Oak Street"), cached([{"to": STREET}])),
    "what a test gateway answers to a step": (cached([{"to": STREET}], caller=STEP, callee="bank"), cached([])),
}


@pytest.mark.parametrize(("now", "before"), NOT_FOUND.values(), ids=NOT_FOUND)
def test_what_may_be_seen_is_not_found(now: Seen, before: Seen) -> None:
    assert new(now, before, rule=RULE) == []


def test_owner_and_reader_are_named() -> None:
    [fault] = new(shop(ben_sees=f"text: {STREET}"), shop(), rule=RULE)
    assert (fault.parameters.owner, fault.parameters.reader, fault.parameters.field) == ("Ana", "Ben", "Street")  # type: ignore[attr-defined]
    assert fault.scenario == key("Ana orders")


def test_a_text_of_many_values_is_searched_once() -> None:
    """As many values as a large suite types do not make the search slow: it is by words."""
    many: dict[str, OutsideRecord] = {f"s{n}": record(*(typed("Ana", "Name", f"name {n} {m}") for m in range(20)))
                                      for n in range(100)}
    views: list[PageView] = [page("Cleo", *(f"text: name {n} 7 and more words" for n in range(100)))] * 20
    assert len(new(seen({**many, "last": record(*views)}), seen({"s0": record()}), rule=RULE)) == 1


def test_many_values_with_a_word_in_common_are_found_in_time() -> None:
    """A search that tries every address at every address took minutes."""
    typed_in = [typed("Ana", f"Email {number}", f"traveller{number}@example.com") for number in range(1_000)]
    shown = [page("Ben", *(f"text: traveller{number}x@example.com" for number in range(1_000)), step=step) for step in range(10)]
    started_s = time.process_time()
    assert faults(seen({"Trip": record(*typed_in, *shown, steps=10)}), rule="data-of-another") == []
    assert time.process_time() - started_s < 5
