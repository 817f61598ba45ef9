"""The trace context of a scenario: on requests to the system only, without any change that a page can observe."""

from __future__ import annotations

import http.server
import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from gonogo.config.model import Environment
from gonogo.records.spans import read_spans
from gonogo.scenarios.browser.search import find_browser
from gonogo.scenarios.browser.trace_context import FirstParty, origin_of
from gonogo.secrets.masking import is_masked

pytestmark = pytest.mark.skipif(find_browser(None, os.environ) is None, reason="no browser on this machine")
CONTEXT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-01")
STEPS = '''
import json

@given("Ada is at the shop")
def here(context):
    context.world.person("Ada").page.goto("/")

@when("her page runs {script}")
def runs(context, script):
    context.answer = context.world.person("Ada").page.evaluate(script.replace("OTHER", os.environ["OTHER"]))

@when("she sends a form, and the step sleeps until it has arrived")
def form(context):
    page = context.world.person("Ada").page
    page.evaluate("""document.body.innerHTML = '<form method=post action=/form><input name=name value=Ada></form>';
        setTimeout(() => document.forms[0].submit(), 50)""")
    seen = context.world.environment.url + "/seen"
    until = time.monotonic() + 5
    while "/form" not in context.world.http.get(seen).text:
        assert time.monotonic() < until, "the page waits for the step"
        time.sleep(0.02)

@when("her page goes to {path}")
def goes(context, path):
    page = context.world.person("Ada").page
    with page.expect_navigation(url=lambda url: not url.endswith("/form")):  # that of a form may still be on its way
        page.evaluate(f"setTimeout(() => location.assign('{path}'))")

@when("her page opens a window that asks for {path}")
def opens(context, path):
    page = context.world.person("Ada").page
    with page.expect_popup() as opened:
        page.evaluate("window.open('/popup') && 1")
    opened.value.wait_for_load_state()
    opened.value.evaluate(f"fetch('{path}').then(() => 1)")

@when("a step asks {url}")
def asks(context, url):
    context.world.http.get(url.replace("OTHER", os.environ["OTHER"]).replace("HERE", context.world.environment.url))

@then("the page says {said}")
def says(context, said):
    assert json.dumps(context.answer) == said, context.answer
'''


class Origin:
    """A server that records its requests; any origin may read its responses, but no extra request header is allowed."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str | None]] = []
        self.redirects: dict[str, str] = {}
        self.cached: set[str] = set()
        self.silent: set[str] = set()
        self.over = threading.Event()
        self.bodies: dict[str, bytes] = {}
        origin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.path == "/seen":
                    self._answer(json.dumps([path for _, path, _ in origin.asked]).encode())
                    return
                origin.bodies[self.path] = sent
                origin.asked.append((self.command, self.path, self.headers.get("traceparent")))
                if self.path in origin.silent:
                    origin.over.wait(30)
                    return
                self._answer(b"<title>Here</title><h1>Hello</h1>" if self.path == "/" else b'{"ok": true}')

            def _answer(self, body: bytes) -> None:
                self.send_response(302 if self.path in origin.redirects else 200)
                if self.path in origin.redirects:
                    self.send_header("Location", origin.redirects[self.path])
                if self.path in origin.cached:
                    self.send_header("Cache-Control", "max-age=600")
                self.send_header("Access-Control-Allow-Origin", "*")
                self.send_header("Content-Type", "text/html" if self.path == "/" else "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_OPTIONS = do_GET

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def contexts_of(self, path: str) -> list[str | None]:
        return [context for _, asked, context in self.asked if asked == path]


@pytest.fixture
def two_origins() -> Iterator[tuple[Origin, Origin]]:
    origins = Origin(), Origin()
    threads = [threading.Thread(target=origin.server.serve_forever) for origin in origins]
    for thread in threads:
        thread.start()
    yield origins
    for origin, thread in zip(origins, threads, strict=True):
        origin.over.set()
        origin.server.shutdown()
        thread.join()
        origin.server.server_close()


@pytest.fixture
def remote(tmp_path) -> Iterator[str]:
    """The settings of a browser that was started outside the run and is reached by its address."""
    profile = tmp_path / "profile"
    browser = subprocess.Popen([find_browser(None, os.environ), "--headless", "--no-sandbox", "--disable-gpu",
                                "--remote-debugging-port=0", f"--user-data-dir={profile}"],
                               stderr=subprocess.DEVNULL, start_new_session=True)
    until = time.monotonic() + 30
    while not (told := profile / "DevToolsActivePort").exists() or not told.read_text().strip():
        assert time.monotonic() < until
        time.sleep(0.02)
    yield f"browser: {{remote: 'http://127.0.0.1:{told.read_text().split()[0]}'}}"
    os.killpg(browser.pid, signal.SIGKILL)
    browser.wait()


@pytest.fixture(params=["", "remote"], ids=["in the network layer", "in the page"])
def way(request) -> str:
    """Both ways to add the context to a page's requests; the second is for browsers on other machines."""
    return request.getfixturevalue(request.param) if request.param else ""


@pytest.fixture
def run(suite, two_origins) -> Callable[..., object]:
    """A function that runs one scenario of these steps at the first origin; the second is a third party's."""
    here, other = two_origins

    def run(*steps: str, settings: str = "", code: int = 0):
        suite.url = here.url
        suite.environments(f"permits: {{writes: true}}\nthird_parties: {{bank: {{url: '{other.url}'}}}}\n{settings}")
        suite.environ["OTHER"] = other.url
        suite.steps(STEPS, "tracing")
        suite.feature("Feature: F\n  Scenario: S\n    Given Ada is at the shop\n"
                      + "".join(f"    {step}\n" for step in steps))
        ended = suite.behave()
        assert ended.code == code, ended.stdout
        return ended

    return run


def test_requests_to_the_own_origin_belong_to_the_trace_of_the_scenario(run, two_origins, way) -> None:
    """Covers fetch (by path, URL, Request, with a body) and XMLHttpRequest; each request is a separate span."""
    here, _ = two_origins
    ended = run("When her page runs fetch('/a?b=1')", "When her page runs fetch(new URL('b', location.href))",
                "When her page runs fetch(new Request('/c', {method: 'POST', body: 'hello'}), {keepalive: true})",
                "When her page runs new Promise(done => { const asked = new XMLHttpRequest(); asked.onload = done; "
                "asked.open('POST', '/d'); asked.send('x') }).then(() => 1)", settings=way)
    found = [CONTEXT.fullmatch(here.contexts_of(path)[0] or "") for path in ("/a?b=1", "/b", "/c", "/d")]
    assert all(found)
    assert len({match[2] for match in found}) == 4
    (root, *steps), _ = read_spans(ended.record.parent / "spans.ndjson")
    assert {match[1] for match in found} == {root.trace_id}
    assert root.attributes == {"gonogo.scenario": '["features/a.feature","","S",1]', "gonogo.attempt": "1"}
    assert [step.attributes["gonogo.step"].split("(")[0] for step in steps[:2]] == [
        "Ada is at the shop", "her page runs fetch"]
    assert {step.parent_id for step in steps} == {root.span_id}


def test_third_parties_get_no_context_and_no_preflight(run, two_origins, way) -> None:
    """Covers requests of a page and of a step, and the redirect of a step's request."""
    here, other = two_origins
    here.redirects["/away"] = f"{other.url}/from-step"
    run("When her page runs fetch('OTHER/a')", "When her page runs fetch(new Request('OTHER/b'))",
        "When her page runs new Promise(done => { const asked = new XMLHttpRequest(); asked.onload = done; "
        "asked.open('GET', 'OTHER/c'); asked.send() }).then(() => 1)",
        "When her page runs navigator.sendBeacon('OTHER/d', 'x')", "When a step asks HERE/away",
        "When a step asks OTHER/e", "When a step asks HERE/own", settings=way)
    assert {path for _, path, _ in other.asked} >= {"/a", "/b", "/c", "/e", "/from-step"}
    assert {context for _, _, context in other.asked} == {None}
    assert "OPTIONS" not in {method for method, _, _ in [*here.asked, *other.asked]}
    assert CONTEXT.fullmatch(here.contexts_of("/away")[0] or "")
    assert CONTEXT.fullmatch(here.contexts_of("/own")[0] or "")


def test_navigations_beacons_and_redirects_carry_the_context(run, two_origins) -> None:
    """Forms, pop-up windows and beacons carry it; a redirect to a third party arrives without it.

    The step that sends the form sleeps: the page must not wait for the step.
    """
    here, other = two_origins
    here.redirects |= {"/away": f"{other.url}/from-document", "/fetched": f"{other.url}/from-fetch"}
    run("When her page runs navigator.sendBeacon('/beacon', 'x')",
        "When her page runs fetch('/fetched').then(answer => answer.ok)", "Then the page says true",
        "When her page opens a window that asks for /popped",
        "When she sends a form, and the step sleeps until it has arrived",
        "When her page goes to /away")
    for path in ("/", "/beacon", "/fetched", "/popped", "/form", "/away"):
        assert CONTEXT.fullmatch(here.contexts_of(path)[-1] or ""), path
    assert here.bodies["/form"] == b"name=Ada"
    assert [(method, path, context) for method, path, context in other.asked] == [
        ("GET", "/from-fetch", None), ("GET", "/from-document", None)]


def test_cached_responses_are_not_requested_again(run, two_origins) -> None:
    here, _ = two_origins
    here.cached |= {"/kept", "/data"}
    ask = "When her page runs fetch('/data').then(answer => answer.text())"
    link = "When her page goes to /kept"
    run(link, ask, ask, "When her page goes to /", link)
    looked, *asked = [path for _, path, _ in here.asked]  # the runner first checks that the site answers
    assert (looked, asked) == ("/", ["/", "/kept", "/data", "/"])


def test_a_page_keeps_its_own_context_and_observes_no_change(run, two_origins, way) -> None:
    """Covers a page's own header, a request's referrer and stream, properties of functions, and argument errors."""
    here, _ = two_origins
    mine = "00-" + "1" * 32 + "-" + "2" * 16 + "-00"
    run(f"When her page runs fetch('/a', {{headers: {{TraceParent: '{mine}'}}}})",
        f"When her page runs fetch(new Request('/b', {{headers: {{traceparent: '{mine}'}}}}))",
        "When her page runs [fetch.length, fetch.name, String(fetch), XMLHttpRequest.prototype.open.length, "
        "Object.keys(window).includes('fetch')]",
        'Then the page says [1, "fetch", "function fetch() { [native code] }", 2, true]',
        "When her page runs (async () => { const sent = new Request('/c', {method: 'POST', body: 'x', "
        "referrer: '/from'}); const answer = await fetch(sent); return [sent.bodyUsed, sent.headers.has('traceparent'), "
        "answer.ok] })()",
        "Then the page says [true, false, true]",
        "When her page runs Promise.all([fetch('/d', {headers: 7}), fetch('http://['), fetch()]"
        ".map(asked => asked.then(() => 'fine', error => error.name)))",
        'Then the page says ["TypeError", "TypeError", "TypeError"]',
        "When her page runs (async () => { const stop = new AbortController(); stop.abort(); try { await "
        "fetch('/e', Object.freeze({signal: stop.signal, headers: {}})) } catch (error) { return error.name } })()",
        'Then the page says "AbortError"', settings=way)
    assert here.contexts_of("/a") == [mine]
    assert here.contexts_of("/b") == [mine]


def test_exchanges_are_har_with_the_step_that_sent_them(run, two_origins) -> None:
    here, other = two_origins
    ended = run("When her page runs fetch('/a', {method: 'POST', body: JSON.stringify({password: 'hun' + 'ter2', n: 1})})"
                ".then(answer => answer.json())", "When a step asks HERE/own", "When a step asks OTHER/e")
    text = (ended.folder("S") / "exchanges.har").read_text()
    assert "hunter2" not in text
    log = json.loads(text)["log"]
    assert log["version"] == "1.2"
    told = [(entry["_origin"], entry["request"]["url"], entry["_stepIndex"]) for entry in log["entries"]]
    assert told == [("browser", f"{here.url}/", 0), ("browser", f"{here.url}/a", 1), ("step", f"{here.url}/own", 2),
                    ("step", f"{other.url}/e", 3)]
    asked = log["entries"][1]
    sent = json.loads(asked["request"]["postData"]["text"])
    assert (is_masked(sent.pop("password")), sent) == (True, {"n": 1})
    assert json.loads(asked["response"]["content"]["text"]) == {"ok": True}
    for entry in log["entries"]:
        assert entry["time"] >= 0
        assert all(entry["timings"][part] >= 0 for part in ("send", "wait", "receive"))
        assert "pageref" not in entry


A_WHILE = "When her page runs new Promise(done => setTimeout(done, 1100))"


@pytest.mark.parametrize(("last", "told"), [
    (["Then it fails"], []), ([A_WHILE, "Then the page says null"], []),
    ([A_WHILE, "Then it fails"], ["no answer when the scenario ended"])])
def test_unanswered_requests_are_recorded_only_for_failed_scenarios(run, two_origins, last: list[str],
                                                                    told: list[str]) -> None:
    """A missing answer is not a failure if the scenario passed, or ended too soon for an answer.

    A page that polls has one such request pending whenever the scenario ends.
    """
    here, _ = two_origins
    here.silent |= {"/never"}
    ended = run("When her page runs void fetch('/never')", *last, code=int("fails" in last[-1]))
    entries = json.loads((ended.folder("S") / "exchanges.har").read_text())["log"]["entries"]
    never = [entry for entry in entries if entry["response"]["status"] == 0]
    assert [entry["response"]["_failureText"] for entry in never] == told
    assert all(entry["time"] >= 1000 for entry in never)


def test_requests_blocked_by_the_browser_have_the_reason(run) -> None:
    """Covers content security policy and integrity: the network alone would report "failed", "200", or nothing."""
    ended = run("When her page runs (document.head.innerHTML += '<meta http-equiv=Content-Security-Policy "
                "content=\"connect-src https://nowhere.test\">', fetch('OTHER/forbidden').catch(() => 1))",
                "When her page runs new Promise(done => { const script = document.createElement('script'); "
                "script.src = '/a.js'; script.integrity = 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; "
                "script.onerror = () => done(1); document.head.append(script) })")
    entries = json.loads((ended.folder("S") / "exchanges.har").read_text())["log"]["entries"]
    refused = {entry["request"]["url"].rpartition("/")[2]: entry["response"].get("_failureText", "").split(":")[0]
               for entry in entries}
    assert (refused["forbidden"], refused["a.js"], refused[""]) == ("csp", "integrity", "")


@pytest.mark.parametrize(("url", "origin"), [
    ("http://Shop.example:80/a", "http://shop.example"), ("https://shop.example:8443", "https://shop.example:8443"),
    ("http://[::1]:8300/", "http://[::1]:8300"),
])
def test_an_origin_is_written_as_in_browsers(url: str, origin: str) -> None:
    assert origin_of(url) == origin


def test_a_third_party_below_an_own_origin_is_a_third_party() -> None:
    environment = Environment.model_validate({
        "url": "http://shop.test", "services": {"api": {"url": "http://api.test"}},
        "third_parties": {"bank": {"url": "http://shop.test/stubs/bank"}}})
    ours = FirstParty.of(environment)
    assert ours.owns("http://shop.test/stubs/banking")
    assert ours.owns("http://api.test/x?y")
    assert not ours.owns("http://shop.test/stubs/bank/pay")
    assert not ours.owns("http://shop.test.evil/x")
