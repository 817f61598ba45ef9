"""What people see is compared with the baseline, on a system that has no assertion about it; changes are approved."""

from __future__ import annotations

import contextlib
import http.server
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from tests.serving import serving

if TYPE_CHECKING:
    from tests.e2e.conftest import Ended, Project

STEPS = '''
from behave import when, then
from playwright.sync_api import expect

@when("{name} orders tea for {guest}")
def orders(context, name, guest):
    page = context.world.person(name).page
    page.goto(context.world.environment.url + "/order")
    page.get_by_label("Guest").fill(guest)
    page.get_by_role("button", name="Order").click()
    expect(page.get_by_role("heading", name="Your order")).to_be_visible()

@then("{name} has an order")
def has(context, name):
    expect(context.world.person(name).page.get_by_role("heading", name="Your order")).to_be_visible()
'''
FEATURE = '''Feature: Orders
  Scenario: Ana orders
    When Ana orders tea for Zoë Müller
    Then Ana has an order
  Scenario: Ben orders
    When Ben orders tea for Bo O’Brien
    Then Ben has an order
'''
FORM = ('<!doctype html><html lang="en"><title>Tea</title><link rel="icon" href="data:,"><main><h1>Tea</h1>'
        '<form method="post" action="/order"><label>Guest <input name="guest"></label><button>Order</button></form></main>')


@dataclass
class Teashop:
    """Its page of an order; what a release changes is set by the tests."""

    price: str = "£4.20"
    words: str = "Thank you"
    image: str = "sha256:" + "a" * 64
    more: str = ""
    guest_of: dict[str, str] = field(default_factory=dict)

    def page(self, guest: str) -> str:
        shown = self.guest_of.get(guest, guest)
        return (f'<!doctype html><html lang="en"><title>Order</title><link rel="icon" href="data:,"><main><h1>Your order</h1>'
                f"<p>{self.words}, {shown}</p><p>Order {secrets.token_hex(6)}</p><p>Total: <strong>{self.price}</strong></p>"
                f"{self.more}</main>")


class Shop:
    """A project that gates a tea shop whose baseline was promoted, and the shop."""

    def __init__(self, project: Project, tea: Teashop, url: str) -> None:
        self.project = project
        self.tea = tea
        project.environment(url, permits={"writes": True}, outside={"data": "block"},
                            services={"shop": {"url": url, "health": "/version", "pages": True}})
        project.file("steps/tea_steps.py", STEPS)
        project.feature(FEATURE)
        project.run("--learn", "2").assert_answer("GO")
        project.run(command="promoted")

    def run(self) -> Ended:
        return self.project.run()

    def told(self, *arguments: str) -> str:
        return self.project.run(*arguments, command="approve").stdout

    def release(self, **changes: object) -> None:
        for name, value in changes.items():
            setattr(self.tea, name, value)
        self.tea.image = "sha256:" + secrets.token_hex(32)


@contextlib.contextmanager
def opened(tea: Teashop) -> Iterator[str]:
    """Serve the shop; its URL."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(json.dumps({"image": tea.image}) if self.path == "/version" else FORM)

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.answer(tea.page(form["guest"][0]))

        def answer(self, text: str) -> None:
            body = text.encode()
            self.send_response(200)
            kind = "application/json" if self.path == "/version" else "text/html; charset=utf-8"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with serving(Handler) as url:
        yield url


@pytest.fixture(scope="module")
def open_shop(make_project: Callable[[], Project]) -> Iterator[Callable[[], Shop]]:
    with contextlib.ExitStack() as stack:
        def make() -> Shop:
            tea = Teashop()
            return Shop(make_project(), tea, stack.enter_context(opened(tea)))

        yield make


@pytest.fixture(scope="module")
def lasting(open_shop: Callable[[], Shop]) -> Shop:
    return open_shop()


@pytest.fixture
def shop(lasting: Shop) -> Iterator[Shop]:
    """What a test releases is taken back; the baseline stays, as nothing is promoted."""
    before = dict(vars(lasting.tea))
    yield lasting
    vars(lasting.tea).update(before)


def changed(ended: Ended) -> list[str]:
    return [reason["title"] for reason in ended.reasons if reason["rule"] == "outside-changed"]


def test_same_system_again_has_no_finding(shop: Shop) -> None:
    """The number of each order, and the guests, are not the same as in the baseline: nobody reads a meaning in it."""
    ended = shop.run()
    ended.assert_answer("GO")
    assert not changed(ended)


def test_altered_value_that_no_scenario_asserts_stops_the_release(shop: Shop) -> None:
    shop.release(price="£42.00")
    ended = shop.run()
    ended.assert_answer("NO-GO", "outside-changed")
    (title,) = changed(ended)
    assert title.startswith('Ana orders: page /order of Ana')
    assert '"£42.00"; was "£4.20"' in title and "also in 1 more scenario" in title


def test_data_of_another_person_stop_the_release(shop: Shop) -> None:
    """One guest gets what another typed: in this scenario it is a text that nobody typed."""
    shop.release(guest_of={"Bo O’Brien": "Zoë Müller"})
    ended = shop.run()
    ended.assert_answer("NO-GO", "outside-changed")
    assert any(title.startswith("Ben orders: ") and "‹Ben: Guest›" in title for title in changed(ended))


def test_other_wording_and_a_new_element_are_warnings(shop: Shop) -> None:
    shop.release(words="Many thanks", more="<p>See you soon</p>")
    ended = shop.run()
    ended.assert_answer("GO")
    assert len(changed(ended)) == 2


def test_change_is_approved_until_the_baseline_has_it(open_shop: Callable[[], Shop]) -> None:
    shop = open_shop()
    shop.release(price="£4.50")
    shop.run().assert_answer("NO-GO", "outside-changed")
    assert shop.told("runs/latest").startswith("1. Ana orders: ")
    assert "approved: 1 in exceptions.yml" in shop.told("runs/latest", "1", "--why", "TEA-7: taxes", "--owner", "shop team")
    ended = shop.run()
    ended.assert_answer("GO")
    (reason,) = [reason for reason in ended.reasons if reason["rule"] == "outside-changed"]
    assert reason["waived"]["owner"] == "shop team"
    assert shop.told("--prune") == "pruned: 0 of 1 exceptions\n"
    shop.project.run(command="promoted")
    assert shop.told("--prune") == "pruned: 1 of 1 exceptions\n"
    ended = shop.run()
    ended.assert_answer("GO")
    assert not changed(ended)


def test_approval_of_another_value_approves_nothing(shop: Shop) -> None:
    shop.release(price="£4.60")
    shop.run()
    shop.told("runs/latest", "--why", "TEA-8")
    shop.release(price="£46.00")
    shop.run().assert_answer("NO-GO", "outside-changed")
    (shop.project.root / "exceptions.yml").unlink()


@pytest.mark.parametrize(("arguments", "message"), [
    (("runs/latest", "7", "--why", "x"), "has no finding 7"), (("runs/latest", "one", "--why", "x"), "'one' is not the number"),
    (("runs/latest", "1"), "needs a reason"), (("runs/latest", "--why", " "), "needs a reason"),
    (("--prune", "--why", "x"), "--prune takes no run"), (("runs/nowhere",), "cannot be read"),
    (("runs/latest", "--why", "x", "--days", "0"), "--days is '0'")])
def test_approval_that_cannot_be_given_is_refused(shop: Shop, arguments: tuple[str, ...], message: str) -> None:
    ended = shop.project.run(*arguments, command="approve")
    assert (ended.code, ended.stdout) == (2, "") and message in ended.stderr and "fix:" in ended.stderr
    assert not (shop.project.root / "exceptions.yml").exists()
