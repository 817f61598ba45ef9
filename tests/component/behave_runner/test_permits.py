"""What an environment permits holds for what is really sent: by pages, by steps, after redirects."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import ClassVar

import pytest

from gonogo.model.scenarios import Status
from tests.serving import serving

STEPS = """
import socket
import urllib.request
import requests
from playwright.sync_api import Error

@when("the page runs {script}")
def page_runs(context, script):
    page = context.world.person("Ana").page
    page.goto("/")
    page.evaluate("async () => { try { await (async () => {" + script + "})() } catch {} }")
    page.wait_for_timeout(300)

@when("it opens {path}")
def opens(context, path):
    try:
        context.world.person("Ana").page.goto(path)
    except Error:
        pass

@when("it runs {code}")
def runs(context, code):
    try:
        exec(code, {**globals(), "http": context.world.http, "url": context.world.environment.url})
    except OSError:
        pass
"""


class _Site(BaseHTTPRequestHandler):
    """Redirects from /to?URL; answers everything else."""

    seen: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.seen.append(f"{self.command} {self.path}")
        target = self.path.partition("?")[2] if self.path.startswith("/to?") else ""
        body = b"<!doctype html><title>Shop</title><link rel=icon href=data:,><h1>Shop</h1>"
        self.send_response(302 if target else 200)
        if target:
            self.send_header("Location", target)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Allow-Methods", "*")
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    do_PUT = do_DELETE = do_POST
    do_OPTIONS = do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        pass


class _Own(_Site):
    seen: ClassVar[list[str]] = []


class _Other(_Site):
    seen: ClassVar[list[str]] = []


@pytest.fixture(scope="module")
def own() -> Iterator[str]:
    with serving(_Own) as url:
        yield url


@pytest.fixture(scope="module")
def other() -> Iterator[str]:
    with serving(_Other) as url:
        yield url


# What a scenario does → the refused request, for a read-only environment; OTHER is a server that is not permitted.
WRITES = {
    "the page runs await fetch('/orders', {method: 'POST'})": "POST OWN/orders (writes)",
    "the page runs navigator.sendBeacon('/beacon', 'x')": "POST OWN/beacon (writes)",
    "the page runs const f = document.createElement('form'); f.method = 'post'; f.action = '/form'; "
    "document.body.append(f); f.submit()": "POST OWN/form (writes)",
    "it runs http.delete(url + '/orders/1')": "DELETE OWN/orders/1 (writes)",
    "it runs requests.post(url + '/orders', data='x')": "POST OWN/orders (writes)",
    "it runs urllib.request.urlopen(url + '/orders', data=b'x')": "POST OWN/orders (writes)",
}
HOSTS = {
    "the page runs await fetch('OTHER/data', {mode: 'no-cors'})": "GET OTHER/data (HOST)",
    "the page runs document.body.append(Object.assign(new Image(), {src: 'OTHER/pixel.png'}))": "GET OTHER/pixel.png (HOST)",
    "the page runs document.body.append(Object.assign(document.createElement('iframe'), {src: 'OTHER/frame'}))":
        "GET OTHER/frame (HOST)",
    "it opens OTHER/page": "GET OTHER/page (HOST)",
    "it opens /to?OTHER/redirected": "GET OTHER/redirected (HOST)",
    "it runs http.get('OTHER/step')": "connection to OTHER (HOST)",
    "it runs requests.get(url + '/to?OTHER/redirected')": "connection to OTHER (HOST)",
    "it runs urllib.request.urlopen('OTHER/u')": "connection to OTHER (HOST)",
    "it runs socket.create_connection(('127.0.0.1', int('OTHER'.rpartition(':')[2])))": "connection to OTHER (HOST)",
}
PERMITTED = (
    "the page runs await fetch('/graphql', {method: 'POST'})", "it runs http.post(url + '/graphql', json={})",
    "it runs requests.get(url + '/data')", "it opens /to?/page", "it runs requests.options(url)",
)


def scenario(number: int, step: str) -> str:
    return f"  @read-only\n  Scenario: s{number}\n    When {step}\n"


def run(suite, own: str, settings: str, *steps: str, prod: str = ""):
    """Run a scenario for each step, and one more."""
    suite.url = own
    suite.environments(settings)
    if prod:
        path = suite.root / "environments.yml"
        path.write_text(f"{path.read_text()}  prod:\n    url: {prod}\n")
    suite.steps(STEPS)
    suite.feature("Feature: F\n" + "".join(scenario(number, step) for number, step in enumerate([*steps, "it runs pass"], 1)))
    _Own.seen.clear()
    _Other.seen.clear()
    return suite.behave("-D", "jobs=1", "--no-capture")


def assert_refused(ended, refused: str) -> None:
    """The scenario is not a failure of the release, and no further scenario runs."""
    attempt = ended.scenario("s1").attempts[-1]
    assert (attempt.status, attempt.message) == (Status.REFUSED, refused), ended.stdout + ended.stderr
    assert ended.code == 3
    assert not ended.scenario("s2").attempts
    assert "scenarios not executed: 1 (a request was refused)" in ended.evidence.faults[0]


@pytest.mark.parametrize("step", WRITES)
def test_a_writing_request_is_not_sent_without_permission(suite, own: str, step: str) -> None:
    ended = run(suite, own, "permits: {read_only: [POST /graphql]}", step)
    assert_refused(ended, WRITES[step].replace("OWN", own))
    assert [request for request in _Own.seen if not request.startswith("GET /")] == []


@pytest.mark.parametrize(("step", "why"), [
    *((step, "unknown-host") for step in HOSTS),
    *((step, "other-environment") for step in ("it opens /to?OTHER/redirected", "it runs http.get('OTHER/step')"))])
def test_a_request_to_another_host_is_not_sent(suite, own: str, other: str, step: str, why: str) -> None:
    """Also if writes are permitted."""
    ended = run(suite, own, "permits: {writes: true}", step.replace("OTHER", other),
                prod=other if why == "other-environment" else "")
    words = HOSTS[step].replace("connection to OTHER", f"connection to {other.removeprefix('http://')}")
    assert_refused(ended, words.replace("OTHER", other).replace("HOST", why))
    assert _Other.seen == []


def test_permitted_requests_are_sent(suite, own: str) -> None:
    ended = run(suite, own, "permits: {read_only: [POST /graphql]}", *PERMITTED)
    assert ended.code == 0, ended.stdout + ended.stderr
    assert [request for request in _Own.seen if request.startswith(("POST", "OPTIONS"))] == [
        "POST /graphql", "POST /graphql", "OPTIONS /"]
    assert {"GET /data", "GET /page"} <= set(_Own.seen)


def test_hosts_of_the_environment_file_are_reached(suite, own: str, other: str) -> None:
    ended = run(suite, own, f"hosts: ['{other.removeprefix('http://')}']",
                f"the page runs await fetch('{other}/fonts', {{mode: 'no-cors'}})")
    assert ended.code == 0, ended.stdout + ended.stderr
    assert _Other.seen == ["GET /fonts"]
