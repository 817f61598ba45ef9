"""Requests that the environment does not permit, by every client and after redirects, and load that is none."""

from __future__ import annotations

import json

from bench.hostile.server import page, redirect
from bench.hostile.trial import Try, scenario

_ELSEWHERE = "http://127.0.0.1:9"  # no address of the environment
_OTHERS = json.dumps({"environments": {
    "preprod": {"url": "{url}", "stages": ["behaviour"], "hosts": ["127.0.0.1"]},
    "prod": {"url": "http://127.0.0.1:9", "stages": ["platform"]}}})
_BROWSES = ("from behave import when\n\n@when('Ada opens {path}')\ndef opens(context, path):\n"
            "    page = context.world.person('Ada').page\n    page.goto(path)\n"
            "    page.wait_for_load_state('networkidle')\n")
_REFUSED = "request-refused"


def sends(code: str, *, other_environment: bool = False) -> Try:
    """A step that runs `code` and ignores its errors."""
    files = {"features/a.feature": scenario("Given it works", "When it sends"),
             "steps/more_steps.py": (
                 "import contextlib\nfrom behave import when\n\n@when('it sends')\ndef sends(context):\n"
                 "    url = context.world.environment.url\n"
                 f"    with contextlib.suppress(Exception):\n        {code}\n")}
    if other_environment:
        files["environments.yml"] = _OTHERS
    return Try("INCONCLUSIVE", _REFUSED, files)


def opens(body: str, **answers: object) -> Try:
    """A person opens a page with this body."""
    return Try("INCONCLUSIVE", _REFUSED, {
        "features/a.feature": scenario("Given it works", "When Ada opens /page"), "steps/browsing_steps.py": _BROWSES},
        answers={"/page": page(body), **answers})  # type: ignore[dict-item]


def load(task: str, **permits: object) -> Try:
    """A load profile whose persona does `task`."""
    return Try("INCONCLUSIVE", "request-not-permitted", {"load/visit.py": profile(task)}, {
        "stages": ["load"], "permits": {"load_users": 5, **permits}, "load": settings()},
        {"/leave": redirect(f"{_ELSEWHERE}/x")})


def profile(task: str, *, base: str = "Persona", more: str = "") -> str:
    return ("from locust import constant, events, task\nfrom gonogo.load.suite import FastPersona, Persona, profile, steady\n\n"
            f"class Visit({base}):\n    wait_time = constant(0.05)\n\n    @task\n    def go(self):\n        {task}\n\n"
            f"profile('visit', personas={{Visit: 1}}, shape=steady)\n{more}")


def settings(**changes: object) -> dict[str, object]:
    return {"run": ["visit"], "profiles": {"visit": {
        "users": 2, "spawn_rate": 10, "duration_s": 3, "grace_s": 0.5,
        "objectives": {"/ok": {"error_ratio": 0.1, "min_requests": 20}}, **changes}}}


_GET_OK = "self.client.get('/ok', name='/ok')"

TRIES = {
    "request: by requests to another host": sends(f"__import__('requests').get('{_ELSEWHERE}')"),
    "request: by urllib to another host": sends(f"__import__('urllib.request').request.urlopen('{_ELSEWHERE}')"),
    "request: by http.client to another host": sends("__import__('http.client').client.HTTPConnection('127.0.0.1', 9).request('GET', '/')"),
    "request: by a socket to another host": sends("__import__('socket').create_connection(('127.0.0.1', 9))"),
    "request: by a socket and its number": sends("__import__('socket').socket().connect_ex(('127.0.0.1', 9))"),
    "request: by asyncio to another host": sends("__import__('asyncio').run(__import__('asyncio').open_connection('127.0.0.1', 9))"),
    "request: a datagram to another host": sends(
        "__import__('socket').socket(2, 2).sendto(b'x', ('127.0.0.1', 9))"),
    "request: by world.http to another host": sends(f"context.world.http.get('{_ELSEWHERE}')"),
    "request: to another environment": sends(f"context.world.http.get('{_ELSEWHERE}')", other_environment=True),
    "request: a name of another host": sends("__import__('requests').get('http://shop.invalid/')"),
    "request: POST without writes": sends("context.world.http.post(url + '/ok')"),
    "request: POST by requests": sends("__import__('requests').post(url + '/ok')"),
    "request: DELETE by urllib": sends(
        "__import__('urllib.request').request.urlopen(__import__('urllib.request').request.Request(url, method='DELETE'))"),
    "request: a lower-case method": sends("__import__('http.client').client.HTTPConnection('127.0.0.1', int(url.rpartition(':')[2])).request('post', '/ok')"),
    "request: a redirect to another host": Try("INCONCLUSIVE", _REFUSED, {
        "features/a.feature": scenario("Given it works", "When it runs context.world.http.get(context.world.environment.url + '/leave')")},
        answers={"/leave": redirect(f"{_ELSEWHERE}/x")}),
    "request: a redirect of the first page": Try("INCONCLUSIVE", "", {}, {"stages": ["pages"]}, {"/": redirect(f"{_ELSEWHERE}/x")}),
    "page: an image of another host": opens(f'<img src="{_ELSEWHERE}/x.png" alt="x">'),
    "page: a script of another host": opens(f'<script src="{_ELSEWHERE}/x.js"></script>'),
    "page: fetch to another host": opens(f"<script>fetch('{_ELSEWHERE}/x').catch(() => 0)</script>"),
    "page: a beacon to another host": opens(f"<script>navigator.sendBeacon('{_ELSEWHERE}/x', 'x')</script>"),
    "page: a frame of another host": opens(f'<iframe title="x" src="{_ELSEWHERE}/x"></iframe>'),
    "page: POST without writes": opens("<script>fetch('/ok', {method: 'POST'}).catch(() => 0)</script>"),
    "page: a form that is sent": opens('<form id="f" method="post" action="/ok"></form><script>document.getElementById("f").submit()</script>'),
    "page: a worker that asks another host": opens(
        "<script>new Worker(URL.createObjectURL(new Blob([\"fetch('http://shop.invalid/x').catch(() => 0)\"])))</script>"),
    "page: a redirect to another host": opens("<script>fetch('/leave').catch(() => 0)</script>", **{"/leave": redirect(f"{_ELSEWHERE}/x")}),
    "load: a redirect to another host": load("self.client.get('/leave', name='/ok')"),
    "load: another host": load(f"self.client.get('{_ELSEWHERE}/x', name='/ok')"),
    "load: POST without writes": load("self.client.post('/ok', name='/ok')"),
    "load: more users than permitted": Try("USAGE", "", {"load/visit.py": profile(_GET_OK)}, {
        "stages": ["load"], "permits": {"load_users": 1}, "load": settings()}),
    "load: is not permitted": Try("USAGE", "", {"load/visit.py": profile(_GET_OK)}, {"stages": ["load"], "load": settings()}),
    "scenario: writes where reads alone are permitted": Try("USAGE", "", {"features/a.feature": scenario("Given it works", tags="@must")}),
    "proxy: HTTP_PROXY answers for a dead system": Try("INCONCLUSIVE", "", {}, {"url": "http://127.0.0.1:9"}, environ={
        "HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}),
    "proxy: HTTP_PROXY is no obstacle": Try("GO", "", environ={"HTTP_PROXY": _ELSEWHERE, "http_proxy": _ELSEWHERE, "ALL_PROXY": _ELSEWHERE}),
    # load that is not what it seems
    "load: healthy": Try("GO", "", {"load/visit.py": profile(_GET_OK)}, {
        "stages": ["load"], "permits": {"load_users": 5}, "load": settings()}),
}


def loaded(expected: str, task: str = _GET_OK, *, more: str = "", base: str = "Persona", rule: str = "", **changes: object) -> Try:
    return Try(expected, rule, {"load/visit.py": profile(task, base=base, more=more)}, {
        "stages": ["load"], "permits": {"load_users": 5}, "load": settings(**changes)})


def listener(event: str, body: str = "raise ValueError('no')") -> str:
    return f"\n@events.{event}.add_listener\ndef listen(**_):\n    {body}\n"


TRIES |= {
    "load: nothing is sent": loaded("INCONCLUSIVE", "pass"),
    "load: the persona raises": loaded("INCONCLUSIVE", "raise ValueError('no')"),
    "load: the endpoint is never reached": loaded("INCONCLUSIVE", "self.client.get('/other', name='/other')"),
    "load: every request fails": Try(
        "NO-GO", "", {"load/visit.py": profile("self.client.get('/broken', name='/ok')")}, {
            "stages": ["load"], "permits": {"load_users": 5}, "load": settings()}, {"/broken": page(status=500)}),
    "load: test_start raises": loaded("INCONCLUSIVE", more=listener("test_start")),
    "load: test_stop raises": loaded("INCONCLUSIVE", more=listener("test_stop")),
    "load: a request listener raises": loaded("INCONCLUSIVE", more=listener("request")),
    "load: init raises": loaded("USAGE", more=listener("init")),
    "load: quitting sets the exit code": loaded("INCONCLUSIVE", more="\n@events.quitting.add_listener\ndef listen(environment, **_):\n    environment.process_exit_code = 7\n"),
    "load: test_start ends the process": loaded("INCONCLUSIVE", more=listener("test_start", "import os; os._exit(0)")),
    "load: an answer that is caught and never entered": loaded("INCONCLUSIVE", "self.client.get('/ok', name='/ok', catch_response=True)"),
    "load: a failing answer is reported as a success": loaded("GO", "\n".join((
        "with self.client.get('/ok', name='/ok', catch_response=True) as answer:", "            answer.success()"))),
    "load: the user stops itself": loaded("INCONCLUSIVE", "raise __import__('locust').exception.StopUser()"),
    "load: the profile quits early": loaded("INCONCLUSIVE", f"{_GET_OK}; self.environment.runner.quit()"),
    "load: the file does not import": Try("USAGE", "", {"load/visit.py": "import no_such_module\n"}, {
        "stages": ["load"], "permits": {"load_users": 5}, "load": settings()}),
    "load: a shape class in the file": loaded("USAGE", more=(
        "\nfrom locust import LoadTestShape\nclass Shape(LoadTestShape):\n    def tick(self):\n        return None\n")),
    "load: only an abstract persona": Try("USAGE", "", {"load/visit.py": (
        "from gonogo.load.suite import Persona\n\nclass Visit(Persona):\n    abstract = True\n")}, {
        "stages": ["load"], "permits": {"load_users": 5}, "load": settings()}),
    "load: a listener ends Locust": loaded("INCONCLUSIVE", more=listener("spawning_complete", "raise SystemExit(0)")),
    "load: a step removes the samples": loaded("INCONCLUSIVE", f"{_GET_OK}; [path.unlink() for path in __import__('pathlib').Path('runs').rglob('samples.ndjson')]"),
}
