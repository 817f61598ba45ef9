"""The rule page-broken, on pages of a small shop that fail in scenarios that pass."""

from __future__ import annotations

import pytest

from gonogo.invariants import Watched
from gonogo.model.calls import STEP
from gonogo.model.invariants import ConsoleMessage
from gonogo.model.outside import PageView
from tests.recorded import exchange, faults, key, new, page, record, seen

RULE = "page-broken"
FULL = {"title": "Sorry, it is sold out"}


def logged(kind: str, text: str) -> Watched:
    return Watched(seen({"Ana": record()}), console={key("Ana"): [ConsoleMessage("Ana", kind, text, "http://shop.test/cart")]})


def asked(status: int = 200, answer: object = None, *, shows: PageView | None = None, of: str = "Ana",
          **told: object) -> Watched:
    return Watched(seen({of: record(*([shows] if shows else []))}, [
        exchange("/api/orders", answer, of=of, status=status, **told)]))  # type: ignore[arg-type]


QUIET = asked()
BROKEN = {
    "an uncaught error": logged("pageerror", "TypeError: x is undefined\n    at app.js:1:2"),
    "a page that answers 500": asked(500, resource_type="document"),
    "a call that answers 500": asked(500),
    "a call that answers 500, and the page says so": asked(500, FULL, shows=page("Ana", "alert: Sorry, it is sold out")),
    "a new 404": asked(404),
    "an image that is missing": asked(404, resource_type="image"),
    "a script that is missing, though the page says so": asked(404, FULL, resource_type="script",
                                                               shows=page("Ana", "text: Sorry, it is sold out")),
    "a script that the browser blocked": asked(0, failure="csp: Refused to load", resource_type="script"),
    "a call without an answer": asked(0, failure="net::ERR_CONNECTION_REFUSED"),
    "a 409 that the page of another shows": asked(409, FULL, shows=page("Ben", "text: Sorry, it is sold out")),
    "a 409 that the page does not show": asked(409, FULL, shows=page("Ana", "text: Thank you")),
    "a 409 that the page showed before": asked(409, FULL, shows=page("Ana", "text: Sorry, it is sold out", step=0)),
}


@pytest.mark.parametrize("now", BROKEN.values(), ids=BROKEN)
def test_what_fails_in_a_page_is_found(now: Watched) -> None:
    assert len(new(now, QUIET, rule=RULE)) == 1


WHOLE = {
    "a page that works": asked(),
    "what a page logs": logged("error", "Failed to load resource: 404"),
    "a 409 that the page shows": asked(409, FULL, shows=page("Ana", "paragraph: Sorry, it is sold out. Try another.")),
    "a 401 that the page tells in its own words": asked(401, shows=page("Ana", "alert: Please sign in")),
    "a 422 that is told in an alert with parts": asked(422, shows=page("Ana", "alert:\n  - text: Wrong date")),
    "a step's call": asked(500, caller=STEP, person=""),
    "a call that ends with its page": asked(0, failure="net::ERR_ABORTED"),
    "what the run itself refused": asked(0, failure="net::ERR_BLOCKED_BY_CLIENT"),
    "a test gateway's page": asked(500, callee="bank", resource_type="document"),
}


@pytest.mark.parametrize("now", WHOLE.values(), ids=WHOLE)
def test_what_works_or_is_told_is_not_found(now: Watched) -> None:
    assert faults(now, QUIET, rule=RULE) == []


@pytest.mark.parametrize("now", [now for name, now in BROKEN.items() if "404" not in name and "409" not in name])
def test_what_fails_in_the_baseline_is_old(now: Watched) -> None:
    assert [fault.known for fault in faults(now, now, rule=RULE)] == [True]


@pytest.mark.parametrize("now", [now for name, now in BROKEN.items() if "404" in name or "409" in name])
def test_what_a_scenario_provoked_in_the_baseline_is_not_found(now: Watched) -> None:
    assert faults(now, now, rule=RULE) == []


def test_what_was_told_in_the_baseline_and_is_not_now_is_not_found() -> None:
    """The page may still be loading; that it does not say so any more is a difference of what people see."""
    told = WHOLE["a 409 that the page shows"]
    assert faults(asked(409, FULL), told, rule=RULE) == []
    assert len(faults(asked(404), told, rule=RULE)) == 1


def test_an_error_is_known_whatever_its_figures_are() -> None:
    assert new(logged("pageerror", "Error: order 17 at 'x'"), logged("pageerror", "Error: order 4 at 'yy'"), rule=RULE) == []


def test_a_known_failure_of_one_scenario_is_new_in_another() -> None:
    now, before = (Watched(seen({"Ana": record(), "Ben": record()}, [
        exchange("/api/orders", of=name, status=500) for name in names])) for names in (["Ana", "Ben"], ["Ana"]))
    assert [(fault.scenario, fault.known) for fault in faults(now, before, rule=RULE)] == [
        (key("Ana"), True), (key("Ben"), False)]


@pytest.mark.parametrize(("now", "certain"), [(asked(404), False), (asked(500), True)])
def test_without_a_baseline_a_refused_call_may_be_meant(now: Watched, certain: bool) -> None:
    assert [fault.certain for fault in faults(now, rule=RULE)] == [certain]


def test_in_a_new_scenario_a_refused_call_may_be_meant() -> None:
    assert [fault.certain for fault in faults(asked(404, of="new"), QUIET, rule=RULE)] == [False]


def test_equal_failures_of_several_scenarios_are_one_finding() -> None:
    names = ["Ana", "Ben", "Cleo"]
    now, before = (Watched(seen(dict.fromkeys(names, record()), [
        exchange("/x.png", of=name, status=status, resource_type="image") for name in names])) for status in (404, 200))
    [fault] = new(now, before, rule=RULE)
    assert fault.parameters.more == 2
