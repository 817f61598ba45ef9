"""The rule broken-text, on what a small shop shows: what nobody should read, and what only looks so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gonogo.model.outside import Download, OutsideRecord, PageView
from gonogo.outside import Seen
from tests.recorded import exchange, faults, mail, new, page, record, seen, typed

RULE = "broken-text"


def shows(*lines: str, **told: str) -> Seen:
    return seen({"Ana": record(page("Ana", *lines, **told))})  # type: ignore[arg-type]


def mailed(text: str = "", html: str = "", subject: str = "Your order") -> Seen:
    return seen({"Ana": record(typed("Ana", "E-mail", "ana@x.test"))}, mails=[mail("ana@x.test", text, html, subject)])


def got(text: str) -> Seen:
    return seen({"Ana": replace(record(), downloads=(Download("Ana", 1, "order.txt", "text/plain", text),))})


QUIET = shows("text: Hello")
BROKEN = {
    "undefined": shows("heading \"Order undefined\" [level=1]"),
    "NaN": shows("text: Total £NaN"),
    "an object": shows("cell \"[object Object]\""),
    "None alone": shows("definition: None"),
    "null after a label": shows("text: \"Gate: null\""),
    "a greeting of None": mailed("Dear None,"),
    "a greeting of None and null": mailed("Dear None null,"),
    "a template": shows("text: \"Hello {{ name }}\""),
    "a template string": shows("text: Hello ${name}"),
    "a format": shows("text: You have %s orders"),
    "a named format": mailed("You have %(count)d orders"),
    "an entity": shows("text: Fish &amp; chips"),
    "an entity of an apostrophe": mailed("O&#39;Brien"),
    "UTF-8 read as Latin-1": shows("text: CafÃ© Zoë"),
    "quotes of UTF-8 read as Windows-1252": mailed("itâ€™s yours"),
    "a pound read as Latin-1": mailed("Total Â£12.00"),
    "a replaced character": shows("text: Caf\ufffd"),
    "a key": shows("heading \"order.title.confirmed\" [level=1]"),
    "a key of two parts": shows("button \"errors.invalid_card\""),
    "a missing translation": shows("text: \"Translation missing: en.order.title\""),
    "a title": shows("text: Hello", title="undefined - Shop"),
    "a subject": mailed(subject="Order undefined"),
    "an HTML mail": mailed(html="<p>Total: NaN</p>"),
    "a download": got("Name\nundefined"),
    "a link": shows("link \"Order\":\n  - /url: /orders/undefined"),
}


@pytest.mark.parametrize("now", BROKEN.values(), ids=BROKEN)
def test_what_nobody_should_read_is_found(now: Seen) -> None:
    assert len(new(now, QUIET, rule=RULE)) == 1


@pytest.mark.parametrize("now", BROKEN.values(), ids=BROKEN)
def test_what_the_baseline_shows_is_old(now: Seen) -> None:
    assert [fault.known for fault in faults(now, now, rule=RULE)] == [True]


WHOLE = {
    "words": shows("text: Defined by nobody", "text: Banana", "text: None of these", "text: nullified"),
    "a choice": shows("option \"None\" [selected]", "radio \"None\""),
    "code": shows("code: const x = undefined"),
    "a share": shows("text: 100% discount", "text: 5 %", "text: 10%sale"),
    "capitals of Portuguese": shows("text: SÃO PAULO, PÂTÉ, ÑANDÚ"),
    "typographic signs": shows("text: “Café” – it’s 5 €, 3° & more"),
    "an address": shows("text: www.shop.test", "text: shop.example.com", "text: read.me.txt"),
    "a sentence": shows("text: This is it. Really. Yes."),
    "a version": shows("text: v1.2.3"),
    "an ordinary link": shows("link \"Null Street\":\n  - /url: /streets/nullarbor"),
    "an answer of an API": seen({"Ana": record()}, [exchange("/api/orders", {"gate": "undefined"}, of="Ana")]),
    "a test gateway's mail is none of ours": got("All is well"),
}


@pytest.mark.parametrize("now", WHOLE.values(), ids=WHOLE)
def test_what_only_looks_so_is_not_found(now: Seen) -> None:
    assert faults(now, QUIET, rule=RULE) == []


@pytest.mark.parametrize("value", ["undefined", "{{7*7}}", "None Null", "&lt;b&gt;", "NaN", "%s%s", "a.b_c"])
def test_what_someone_typed_is_shown_as_typed(value: str) -> None:
    """Testers type such texts on purpose, and lists show them in other scenarios too."""
    record_: OutsideRecord = record(typed("Ana", "Name", value))
    views: PageView = page("Ben", f"text: {value}", f"heading \"Dear {value},\"")
    assert faults(seen({"Ana": record_, "Ben": record(views)}), QUIET, rule=RULE) == []


@pytest.mark.parametrize(("now", "certain"), [
    (shows("text: None"), False), (shows("text: order.title.confirmed"), False), (shows("text: NaN"), True)])
def test_without_a_baseline_a_single_word_may_be_meant(now: Seen, certain: bool) -> None:
    assert [fault.certain for fault in faults(now, rule=RULE)] == [certain]
