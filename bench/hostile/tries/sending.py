"""Requests that the environment does not permit, by every client and after redirects, and load that is none."""

from __future__ import annotations

import json

from bench.hostile.server import Answer, page, redirect
from bench.hostile.trial import Try, scenario

_ELSEWHERE = "http://127.0.0.1:9"  # no address of the environment
_REFUSED = "request-refused"
_URL = "context.world.environment.url"
_GET_OK = "self.client.get('/ok', name='/ok')"
_SENDS = """import asyncio, contextlib, http.client, socket, urllib.request
import requests
from behave import when

@when("it sends")
def sends(context):
    url = context.world.environment.url
    host, port = "127.0.0.1", int(url.rpartition(":")[2])
    with contextlib.suppress(Exception):
        {code}
"""
_BROWSES = """from behave import when

@when("Ada opens {path}")
def opens(context, path):
    page = context.world.person("Ada").page
    page.goto(path)
    page.wait_for_load_state("networkidle")
"""
_PROFILE = """from locust import LoadTestShape, constant, events, task
from locust.exception import StopUser
from pathlib import Path
from gonogo.load.suite import Persona, profile, steady

class Visit(Persona):
    wait_time = constant(0.05)

    @task
    def go(self):
        {task}

profile("visit", personas={{Visit: 1}}, shape=steady)
{more}
"""
_SHAPE = "class Shape(LoadTestShape):\n    def tick(self):\n        return None\n"


def sends(code: str, **settings: object) -> Try:
    """A step that runs `code` and ignores its errors."""
    return Try("INCONCLUSIVE", _REFUSED, {
        "features/a.feature": scenario("Given it works", "When it sends"),
        "steps/more_steps.py": _SENDS.replace("{code}", code)}, settings)


def opens(body: str, **answers: Answer) -> Try:
    """A person opens a page with this body."""
    return Try("INCONCLUSIVE", _REFUSED, {
        "features/a.feature": scenario("Given it works", "When Ada opens /page"), "steps/browsing_steps.py": _BROWSES},
        answers={"/page": page(body), "/leave": redirect(f"{_ELSEWHERE}/x"), **answers})


def script(code: str) -> Try:
    return opens(f"<script>{code}</script>")


def profile(task: str, more: str = "") -> str:
    """The file of a load profile whose persona does `task`."""
    return _PROFILE.format(task=task, more=more)


def load_settings(**changes: object) -> dict[str, object]:
    """Settings of an environment with load alone; `changes` are of the profile."""
    size = {"users": 2, "spawn_rate": 10, "duration_s": 3, "grace_s": 0.5,
            "objectives": {"/ok": {"error_ratio": 0.1, "min_requests": 20}}, **changes}
    return {"stages": ["load"], "permits": {"load_users": 5}, "load": {"run": ["visit"], "profiles": {"visit": size}}}


def loaded(expected: str, task: str = _GET_OK, *, more: str = "", rule: str = "", text: str = "",
           settings: dict[str, object] | None = None) -> Try:
    """A load of `task`, or of a file with this `text`."""
    return Try(expected, rule, {"load/visit.py": text or profile(task, more)}, {**load_settings(), **(settings or {})},
               {"/leave": redirect(f"{_ELSEWHERE}/x"), "/broken": page(status=500)})


def not_permitted(task: str) -> Try:
    return loaded("INCONCLUSIVE", task, rule="request-not-permitted")


def listener(event: str, body: str = "raise ValueError('no')") -> str:
    return f"@events.{event}.add_listener\ndef listen(environment=None, **_):\n    {body}\n"


TRIES = {
    "request: by requests to another host": sends(f"requests.get('{_ELSEWHERE}')"),
    "request: by urllib to another host": sends(f"urllib.request.urlopen('{_ELSEWHERE}')"),
    "request: by http.client to another host": sends("http.client.HTTPConnection(host, 9).request('GET', '/')"),
    "request: by a socket to another host": sends("socket.create_connection((host, 9))"),
    "request: by a socket without an exception": sends("socket.socket().connect_ex((host, 9))"),
    "request: by asyncio to another host": sends("asyncio.run(asyncio.open_connection(host, 9))"),
    "request: a datagram to another host": sends("socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', (host, 9))"),
    "request: by world.http to another host": sends(f"context.world.http.get('{_ELSEWHERE}')"),
    "request: the name of another host": sends("requests.get('http://shop.invalid/')"),
    "request: to another environment": Try("INCONCLUSIVE", _REFUSED, {
        "features/a.feature": scenario("Given it works", f"When it runs context.world.http.get('{_ELSEWHERE}')"),
        "environments.yml": json.dumps({"environments": {
            "preprod": {"url": "{url}", "stages": ["behaviour"], "hosts": ["127.0.0.1"]},
            "prod": {"url": _ELSEWHERE, "stages": ["platform"]}}})}),
    "request: POST by world.http": sends("context.world.http.post(url + '/ok')"),
    "request: POST by requests": sends("requests.post(url + '/ok')"),
    "request: DELETE by urllib": sends("urllib.request.urlopen(urllib.request.Request(url, method='DELETE'))"),
    "request: a method in lower case": sends("http.client.HTTPConnection(host, port).request('post', '/ok')"),
    "request: a redirect to another host": Try("INCONCLUSIVE", _REFUSED, {
        "features/a.feature": scenario("Given it works", f"When it runs context.world.http.get({_URL} + '/leave')")},
        answers={"/leave": redirect(f"{_ELSEWHERE}/x")}),
    "page: the first one redirects to another host": Try(
        "INCONCLUSIVE", "", settings={"stages": ["pages"]}, answers={"/": redirect(f"{_ELSEWHERE}/x")}),
    "page: an image of another host": opens(f'<img src="{_ELSEWHERE}/x.png" alt="x">'),
    "page: a script of another host": opens(f'<script src="{_ELSEWHERE}/x.js"></script>'),
    "page: a frame of another host": opens(f'<iframe title="x" src="{_ELSEWHERE}/x"></iframe>'),
    "page: fetch to another host": script(f"fetch('{_ELSEWHERE}/x').catch(() => 0)"),
    "page: a beacon to another host": script(f"navigator.sendBeacon('{_ELSEWHERE}/x', 'x')"),
    "page: a redirect to another host": script("fetch('/leave').catch(() => 0)"),
    "page: POST": script("fetch('/ok', {method: 'POST'}).catch(() => 0)"),
    "page: a form that is sent": opens(
        '<form id="f" method="post" action="/ok"></form><script>document.getElementById("f").submit()</script>'),
    "load: a redirect to another host": not_permitted("self.client.get('/leave', name='/ok')"),
    "load: another host": not_permitted(f"self.client.get('{_ELSEWHERE}/x', name='/ok')"),
    "load: POST": not_permitted("self.client.post('/ok', name='/ok')"),
    "load: more users than are permitted": loaded("USAGE", settings={"permits": {"load_users": 1}}),
    "load: not permitted": loaded("USAGE", settings={"permits": {}}),
    "scenario: writes where only reading is permitted": Try("USAGE", "", {
        "features/a.feature": scenario("Given it works", tags="@must")}),
    "proxy: HTTP_PROXY answers for a dead system": Try("INCONCLUSIVE", "", settings={"url": _ELSEWHERE}, environ={
        "HTTP_PROXY": "{url}", "http_proxy": "{url}"}),
    "proxy: HTTP_PROXY is no obstacle": Try("GO", environ={
        "HTTP_PROXY": _ELSEWHERE, "http_proxy": _ELSEWHERE, "ALL_PROXY": _ELSEWHERE}),
    # load that is not what it seems
    "load: healthy": loaded("GO"),
    "load: no request in the source": loaded("USAGE", "pass"),
    "load: another endpoint in the source": loaded("USAGE", "self.client.get('/other', name='/other')"),
    "load: nothing is sent": loaded("INCONCLUSIVE", f"return\n        {_GET_OK}"),
    "load: the persona raises": loaded("INCONCLUSIVE", f"raise ValueError('no')\n        {_GET_OK}"),
    "load: every request fails": loaded("NO-GO", "self.client.get('/broken', name='/ok')"),
    "load: test_start raises": loaded("INCONCLUSIVE", more=listener("test_start")),
    "load: test_stop raises": loaded("INCONCLUSIVE", more=listener("test_stop")),
    "load: a listener of requests raises": loaded("INCONCLUSIVE", more=listener("request")),
    "load: init raises": loaded("INCONCLUSIVE", more=listener("init")),
    "load: quitting sets the exit code": loaded(
        "INCONCLUSIVE", more=listener("quitting", "environment.process_exit_code = 7")),
    "load: test_start ends the process": loaded(
        "INCONCLUSIVE", more=listener("test_start", "import os; os._exit(0)")),
    "load: a listener raises SystemExit": loaded(
        "INCONCLUSIVE", more=listener("spawning_complete", "raise SystemExit(0)")),
    "load: an answer is caught and never entered": loaded(
        "INCONCLUSIVE", "self.client.get('/ok', name='/ok', catch_response=True)"),
    "load: each user stops itself": loaded("INCONCLUSIVE", f"raise StopUser\n        {_GET_OK}"),
    "load: the persona ends the load early": loaded("INCONCLUSIVE", f"{_GET_OK}; self.environment.runner.quit()"),
    "load: the file does not import": loaded("USAGE", text="import no_such_module\n"),
    "load: a shape class in the file": loaded("USAGE", more=_SHAPE),
    "load: only an abstract persona": loaded("USAGE", text=(
        "from gonogo.load.suite import Persona\n\nclass Visit(Persona):\n    abstract = True\n")),
    "load: the persona removes the samples": loaded(
        "INCONCLUSIVE", f"{_GET_OK}; [path.unlink() for path in Path('runs').rglob('samples.ndjson')]"),
}
