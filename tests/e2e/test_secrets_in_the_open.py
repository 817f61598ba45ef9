"""A small shop under the real gate: what it leaks of its customers' secrets is found, in each place; a tidy one is GO."""

from __future__ import annotations

import http.server
import json
import re
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gonogo.records.logs import read_logs
from tests.e2e.test_rejudging import assert_refused, assert_same, document
from tests.serving import serving

if TYPE_CHECKING:
    from tests.e2e.conftest import Ended, Project

CARD, PASSWORD, SESSION = "4929123456789013", "Sesame-2031-x", "c0ffee11d2e4b5a697f3"
KEY = "till-key-4711-abc"
LEAKS = {
    "answer": ("card", "response", "response.body.paid_with", "shop"),
    "location": ("session", "response", "response.header.Location", "shop"),
    "query": ("card", "request", "request.query.q", "shop"),
    "page": ("card", "page", "page", "shop"),
    "console": ("password", "page", "console", "shop"),
    "file": ("password", "log", "log", "till"),
    "otlp": ("session", "log", "log.attributes.cookie", "shop"),
    "span": ("card", "span", "span.attributes.http.target", "shop"),
    "key": ("key", "log", "log", "shop"),
    "mail": ("password", "mail", "mail", ""),
}


class Shop(http.server.BaseHTTPRequestHandler):
    """Signs in, takes a payment, and leaks what is in `leaks`; `root` is the project's folder, `otlp` the receiver."""

    protocol_version = "HTTP/1.1"
    leaks: frozenset[str] = frozenset()
    fails = False
    root = Path()
    otlp = ""

    def do_GET(self) -> None:
        path, body = self.path.partition("?")[0], b""
        if length := int(self.headers.get("Content-Length") or 0):
            body = self.rfile.read(length)
        headers, answer = {"Content-Type": "application/json"}, {"ok": True}
        if path == "/":
            headers["Content-Type"], text = "text/html", PAGE.replace("LEAKS", json.dumps(sorted(self.leaks)))
        else:
            text = ""
        if path == "/session":
            headers["Set-Cookie"] = f"sid={SESSION}; Path=/; HttpOnly"
        if path == "/pay" and body:
            self._pay(json.loads(body)["card"]["number"])
            answer |= {"paid_with": CARD} if "answer" in self.leaks else {}
            headers |= {"Location": f"/?sid={SESSION}"} if "location" in self.leaks else {}
        if path.startswith(("/mail/api/v1/search", "/mail/api/v1/messages")):
            now = datetime.now(UTC).isoformat()
            answer = {"messages": [{"ID": "7", "Subject": "Welcome", "To": [{"Address": "a@example.com"}], "Created": now}]}
        if path.startswith("/mail/api/v1/message/"):
            said = PASSWORD if "mail" in self.leaks else "Welcome"
            answer = {"Subject": "Welcome", "To": [{"Address": "a@example.com"}], "Text": said, "HTML": said}
        if path.endswith("/headers"):
            answer = {}
        raw = (text or json.dumps(answer)).encode()
        self.send_response(500 if self.fails and path == "/pay" and body else 200)
        for name, value in {**headers, "Content-Length": str(len(raw))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    do_POST = do_GET

    def _pay(self, card: str) -> None:
        trace = re.split("-", self.headers.get("traceparent", "--"))[1]
        said = PASSWORD if "file" in self.leaks else "the password"
        with (self.root / "var" / "till.log").open("a") as log:
            log.write(f"2026-01-01 10:00:00,000 INFO charging trace_id={trace} for {said}\n")
            if self.fails:
                log.write(f"2026-01-01 10:00:01,000 ERROR no money trace_id={trace}\nTraceback (most recent call last):\n  x\nshop.NoMoney: {card}\n")
        attributes = [{"key": "cookie", "value": {"stringValue": f"sid={SESSION}" if "otlp" in self.leaks else "none"}}]
        key = KEY if "key" in self.leaks else "the key"
        self._export("logs", {"resourceLogs": [{"resource": RESOURCE, "scopeLogs": [{"logRecords": [
            {"severityNumber": 9, "traceId": trace, "attributes": attributes, "body": {"stringValue": f"charged with {key}"}}]}]}]})
        target = f"/pay?q={card}" if "span" in self.leaks else "/pay"
        self._export("traces", {"resourceSpans": [{"resource": RESOURCE, "scopeSpans": [{"spans": [
            {"traceId": trace, "spanId": "b" * 16, "kind": 2, "startTimeUnixNano": str(time.time_ns()), "endTimeUnixNano": str(time.time_ns()),
             "attributes": [{"key": "http.target", "value": {"stringValue": target}}]}]}]}]})

    def _export(self, signal: str, document: object) -> None:
        request = urllib.request.Request(f"{self.otlp}/v1/{signal}", json.dumps(document).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200

    def log_message(self, *_: object) -> None:
        pass


RESOURCE = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
PAGE = """<!doctype html><html lang="en"><title>shop</title><label>Password <input type=password name=password></label>
<label>Card number <input name=card_number placeholder=4000></label><label>E-mail <input name=mail></label><button type=button onclick="pay()">Pay</button><p id=out></p><script>
const leaks = LEAKS, of = (name) => document.querySelector(`[name=${name}]`).value;
const post = (path, body) => fetch(path, {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)});
async function pay() {
  await post("/session", {password: of("password")});
  const answer = await post("/pay", {card: {number: of("card_number")}});
  if (leaks.includes("query")) await fetch("/orders?q=" + of("card_number"));
  if (leaks.includes("console")) console.log("signed in with " + of("password"));
  document.querySelector("#out").textContent = answer.ok ? "Thank you. " + (leaks.includes("page") ? of("card_number") : "") : "Sorry";
}</script>"""
STEPS = f'''
from behave import when, then
from gonogo.steps.mailpit import Mailpit

@when("Ada pays")
def pays(context):
    page = context.world.person("Ada").page
    page.goto("/")
    page.get_by_label("E-mail").fill("a@example.com")
    page.get_by_label("Card number").fill({CARD!r})
    page.get_by_label("Password").fill({PASSWORD!r})
    page.get_by_role("button").click()

@then("the shop thanks her")
def thanks(context):
    context.world.person("Ada").page.get_by_text("Thank you").wait_for(timeout=3000)

@then("she gets a mail")
def mail(context):
    Mailpit(context.world.environment.mail, context.world.http).assert_delivered("a@example.com", "Welcome")
'''
FEATURE = "Feature: Paying\n  Scenario: Ada pays\n    When Ada pays\n    Then the shop thanks her\n    And she gets a mail\n"


@pytest.fixture
def shop(project: Project) -> Iterator[Callable[..., Ended]]:
    """Runs the gate against the shop with these leaks, and this meaning of the rule."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        Shop.otlp = f"http://127.0.0.1:{free.getsockname()[1]}"
    Shop.root, Shop.fails = project.root, False
    project.file("var/till.log", f"INFO before the run {CARD}\n")
    project.file("steps/plain_steps.py", STEPS)
    project.feature(FEATURE)
    with serving(Shop) as url:
        def run(*leaks: str, rule: str = "block", fails: bool = False, **settings: object) -> Ended:
            Shop.leaks, Shop.fails = frozenset(leaks), fails
            project.environment(
                url, permits={"writes": True}, stages=["behaviour"], mail=f"{url}/mail", traces={"otlp": Shop.otlp}, logs=["var/*.log"],
                services={"shop": {"url": url, "version": None, "health": "/ok", "pages": True}}, rules={"secrets_exposed": rule}, **settings)
            return project.run(TILL_KEY=KEY)
        yield run


def exposed(ended: Ended, severity: str | None = None) -> set[tuple[str, ...]]:
    return {(each["kind"], each["medium"], each["where"], each["component"]) for reason in ended.reasons if reason["rule"] == "secret-exposed"
            and severity in (None, reason["severity"]) for each in [reason["parameters"]["place"]]}


def written(folder: Path) -> str:
    return "\n".join(path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file() and path.suffix != ".zip")


def test_tidy_shop_is_go_and_a_leaky_one_is_not(shop: Callable[..., Ended]) -> None:
    """Each leak is found in its place, and none of the secrets is in the run folder."""
    tidy = shop()
    tidy.assert_answer("GO")
    assert exposed(tidy) == set()
    leaky = shop(*LEAKS)
    leaky.assert_answer("NO-GO", "secret-exposed")
    assert exposed(leaky, "block") == set(LEAKS.values())
    records, damaged = read_logs(leaky.run_folder / "logs.ndjson")
    assert (damaged, {record.component for record in records}) == (0, {"shop", "till"})
    for ended in (tidy, leaky):
        for secret in (CARD, PASSWORD, SESSION, KEY):
            assert secret not in written(ended.run_folder)
            assert secret not in ended.stdout + ended.stderr


def test_old_leak_warns_and_a_new_one_stops(shop: Callable[..., Ended]) -> None:
    shop("answer", "file", rule="warn").assert_answer("GO")
    again = shop("answer", "file")
    again.assert_answer("GO")
    assert exposed(again, "warn") == {LEAKS["answer"], LEAKS["file"]}
    more = shop("answer", "file", "span")
    more.assert_answer("NO-GO", "secret-exposed")
    assert exposed(more, "block") == {LEAKS["span"]}


def test_errors_of_a_failing_scenario_are_in_its_report(shop: Callable[..., Ended]) -> None:
    """The component that logged them, when, and what; without the secrets in them."""
    failed = shop(fails=True)
    failed.assert_answer("NO-GO", "scenario-failed", "secret-exposed")
    assert failed.stdout.startswith("till → shop: POST /pay: till logged NoMoney: ")
    report = (failed.run_folder / "report.html").read_text()
    assert "till 2026-01-01 10:00:01" in report
    assert "NoMoney" in report
    assert CARD not in report
    [reason] = [reason for reason in failed.reasons if reason["rule"] == "scenario-failed"]
    assert any(path.endswith("/errors.txt") for path in reason["evidence"])


def test_leaky_run_is_judged_again(shop: Callable[..., Ended], project: Project) -> None:
    """The same findings and suspects, old and new; without a kind of evidence, those that need it are gone."""
    shop("answer", rule="warn").assert_answer("GO")
    ended = shop(*LEAKS, fails=True)
    ended.assert_answer("NO-GO", "scenario-failed", "secret-exposed")
    assert "errors.txt" in str(ended.verdict)
    assert_same(project, ended)
    media = {each[1] for each in exposed(ended)}
    for kind, gone in (("logs", {"log"}), ("outside", {"page", "mail"}), ("traces", {"span"})):
        _, written = document(project, "--without", f"{kind},baseline")
        left = {reason["parameters"]["place"]["medium"] for reason in written["reasons"] if reason["rule"] == "secret-exposed"}
        assert media - left == gone - ({"page"} if kind == "outside" else set())  # the console is no part of it
        assert ("errors.txt" in str(written)) == (kind == "outside")
    logs = ended.run_folder / "logs.ndjson"
    logs.write_text(logs.read_text().splitlines(keepends=True)[0])
    assert_refused(project.run(command="rejudge"), 3, "A file of the run has changed since it was judged")


def test_pages_that_were_not_recorded_are_no_proof(shop: Callable[..., Ended], project: Project) -> None:
    """With `block`: INCONCLUSIVE, and the same again; with `warn` it is listed."""
    assert "evidence.outside is false" in str(shop("page", rule="warn", evidence={"outside": False}).verdict["not_checked"])
    ended = shop("page", evidence={"outside": False})
    ended.assert_answer("INCONCLUSIVE", "secrets-not-searched")
    assert_same(project, ended)
