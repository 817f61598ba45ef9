"""The rule foreign-host, on runs of a small shop whose production is at another host."""

from __future__ import annotations

import pytest

from gonogo.config import Environment
from gonogo.invariants import Watched
from gonogo.model.calls import STEP
from gonogo.model.exchange import Exchange
from gonogo.model.outside import Mail, OutsideRecord
from gonogo.model.reach import Reach
from gonogo.traffic.http.parties import Parties
from tests.recorded import URL, exchange, faults, mail, new, page, record, seen, typed

RULE = "foreign-host"
PROD = "https://shop.example"
ENVIRONMENT = Environment.model_validate({
    "url": URL, "services": {"stock": {"url": "http://127.0.0.1:8001"}}, "third_parties": {"bank": {"url": "https://bank.test"}}})
REACH = Reach.between([URL, "http://127.0.0.1:8001", "https://bank.test"], [PROD, "http://127.0.0.1:9001"],
                      hosts=["*.fonts.test"])


def shop(shown: OutsideRecord | None = None, *, exchanges: list[Exchange] | None = None,
         mails: list[Mail] | None = None) -> Watched:
    records = {"Ana": shown or record(typed("Ana", "E-mail", "ana@x.test"))}
    return Watched(seen(records, exchanges or [], mails or []), parties=Parties.of(ENVIRONMENT), reach=REACH)


QUIET = shop()


def answer(body: object = None, **told: object) -> Watched:
    return shop(exchanges=[exchange("/api/orders", body, of="Ana", **told)])  # type: ignore[arg-type]


def link(url: str) -> Watched:
    return shop(record(page("Ana", 'link "Orders":\n  - /url: ' + url)))


def asset(url: str, **told: object) -> Watched:
    return shop(exchanges=[exchange("/x.js", of="Ana", url=url, callee="", resource_type="script", **told)])  # type: ignore[arg-type]


FOUND = {
    "a link to production": link(f"{PROD}/orders"),
    "a link without a scheme": link("//shop.example/orders"),
    "a link to another environment's port": link("http://localhost:9001/orders"),
    "a link to an unknown host": link("https://cdn.example/x"),
    "a link to an unknown port": link("http://127.0.0.1:9999/"),
    "a redirect": answer(status=302, headers=[("Location", f"{PROD}/login")]),
    "a redirect that a step got": answer(status=302, headers=[("Location", f"{PROD}/login")], caller=STEP, person=""),
    "a Link header": answer([], headers=[("Link", f'<{PROD}/api/orders?page=2>; rel="next"')]),
    "an asset": asset("https://cdn.example"),
    "an asset that was refused": asset("https://cdn.example", status=0, failure="net::ERR_BLOCKED_BY_CLIENT"),
    "a member of an answer": answer({"next": f"{PROD}/api/orders?page=2"}),
    "a form of a page": answer(f'<form action="{PROD}/pay"><input></form>', mime="text/html"),
    "a mail's text": shop(mails=[mail("ana@x.test", f"See {PROD}/orders/1.")]),
    "a mail's link": shop(mails=[mail("ana@x.test", html=f'<p><a href="{PROD}/orders/1">Your order</a>')]),
    "a mail's image": shop(mails=[mail("ana@x.test", html='<img src="https://pixel.example/1.gif">')]),
    "a host of which someone typed a mail address": shop(record(
        typed("Ana", "E-mail", "ana@shop.example"), page("Ana", 'link "Orders":\n  - /url: ' + PROD))),
    "an address that is shown": shop(record(page("Ana", f"text: Share {PROD}/orders/1 with friends"))),
}


@pytest.mark.parametrize("now", FOUND.values(), ids=FOUND)
def test_hosts_that_are_not_of_the_environment_are_found(now: Watched) -> None:
    assert len(new(now, QUIET, rule=RULE)) == 1


NOT_FOUND = {
    "a path": link("/orders"),
    "the environment's url": link(f"{URL}/orders"),
    "its url over https": link("https://shop.test/orders"),
    "a service by another name of the loopback": link("http://localhost:8001/orders"),
    "a third party": answer(status=302, headers=[("Location", "https://bank.test/pay")]),
    "an allowed host": asset("https://a.fonts.test"),
    "a mail address": link("mailto:help@shop.example"),
    "a telephone number": link("tel:+4420"),
    "a page's data": link("data:text/plain,x"),
    "a name of a schema": answer({"type": "https://shop.example/problems/full", "$schema": "https://json-schema.org/x"}),
    "an address within a longer text of an answer": answer({"help": "as https://cdn.example says"}),
    "an address that is none": link("http://[x/"),
    "what someone typed": shop(record(typed("Ana", "Blog", "https://ana.example/blog"),
                                      page("Ana", 'link "Ana":\n  - /url: https://ana.example/blog'))),
    "what a third party's page loads": shop(exchanges=[
        exchange("/pay", "<p>", of="Ana", url="https://bank.test", callee="bank", mime="text/html"),
        exchange("/x.js", of="Ana", url="https://bank-cdn.example", callee="",
                 sent_headers=[("Referer", "https://bank.test/pay")])]),
    "what a test gateway answers": answer({"url": f"{PROD}/x"}, callee="bank"),
}


@pytest.mark.parametrize("now", NOT_FOUND.values(), ids=NOT_FOUND)
def test_hosts_of_the_environment_are_not_found(now: Watched) -> None:
    assert faults(now, QUIET, rule=RULE) == []


@pytest.mark.parametrize("now", FOUND.values(), ids=FOUND)
def test_hosts_of_the_baseline_are_old(now: Watched) -> None:
    assert [fault.known for fault in faults(now, now, rule=RULE)] == [True]


def test_without_a_baseline_only_another_environment_is_certain() -> None:
    assert [fault.certain for now in (link(PROD), link("https://cdn.example/x")) for fault in faults(now, rule=RULE)] == [
        True, False]


def test_a_host_counts_once_wherever_it_stands() -> None:
    both = shop(record(typed("Ana", "E-mail", "ana@x.test"), page("Ana", 'link "A":\n  - /url: ' + PROD)),
                mails=[mail("ana@x.test", PROD)])
    [fault] = new(both, QUIET, rule=RULE)
    assert fault.parameters.other_environment  # type: ignore[attr-defined]
