"""Requests go through the proxy that environments.yml names, and never through one of the caller's shell."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, ClassVar

import pytest

from tests.serving import serving

if TYPE_CHECKING:
    from tests.e2e.conftest import Project

FEATURE = "@read-only\nFeature: F\n  Scenario: S\n    Then the page and the API answer\n"
STEPS = """
import os, subprocess, sys
from behave import then

@then("the page and the API answer")
def answer(context):
    url = context.world.environment.url
    assert context.world.http.get(url + "/api").ok
    page = context.world.person("Ana").page
    assert page.goto(url + "/page").ok
"""


class _Proxy(BaseHTTPRequestHandler):
    """A forward proxy that answers by itself; the request line has the whole URL."""

    status = 200
    requests: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.requests.append(self.path)
        body = b'<!doctype html><html lang="en"><title>Shop</title><h1>Open</h1>'
        self.send_response(self.status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_CONNECT = do_GET

    def log_message(self, *_: object) -> None:
        pass


class _Broken(_Proxy):
    status = 503
    requests: ClassVar[list[str]] = []


@pytest.fixture
def proxy() -> Iterator[str]:
    _Proxy.requests.clear()
    with serving(_Proxy) as url:
        yield url


def of_shell(url: str) -> dict[str, str]:
    return {name: url for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY")}


def test_proxy_of_the_shell_does_not_answer_for_a_dead_system(project: Project, proxy: str) -> None:
    """The proxy would answer 200 to every request; the commands of `provision` may use it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        dead = f"http://127.0.0.1:{free.getsockname()[1]}"
    project.environment(dead, provision={"up": "sh -c 'echo $HTTP_PROXY >proxy; exit 1'"})
    project.feature()
    ended = project.run(**of_shell(proxy))
    ended.assert_answer("INCONCLUSIVE", "environment-not-up", *(ended.stopping - {"environment-not-up"}))
    assert (project.root / "proxy").read_text().strip() == proxy
    assert _Proxy.requests == []


def test_proxy_of_the_shell_does_not_stand_before_a_system(project: Project) -> None:
    """The proxy would answer 503 to every request, also to those of the browser."""
    project.environment(project.system.url)
    project.feature(FEATURE)
    project.file("steps/page_steps.py", STEPS)
    _Broken.requests.clear()
    with serving(_Broken) as url:
        project.run(**of_shell(url)).assert_answer("GO")
    assert _Broken.requests == []


def test_proxy_of_the_environment_is_used_by_probes_steps_and_browsers(project: Project, proxy: str) -> None:
    """Only the proxy knows the host."""
    project.environment("http://shop.invalid", proxy={"url": proxy, "bypass": ["direct.invalid"]})
    project.feature(FEATURE)
    project.file("steps/page_steps.py", STEPS)
    project.run().assert_answer("GO")
    assert {"http://shop.invalid/api", "http://shop.invalid/page"} <= set(_Proxy.requests)
    assert _Proxy.requests[0] in ("http://shop.invalid", "http://shop.invalid/")
