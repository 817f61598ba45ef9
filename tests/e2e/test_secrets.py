"""Canaries are in every place where a secret may be; none is in the files or the output of a run."""

from __future__ import annotations

import base64
import html
import http.server
import io
import json
import sqlite3
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest

from gonogo.secrets.masking import is_masked

if TYPE_CHECKING:
    from tests.e2e.conftest import Ended, Project

URL_USER, URL_PASSWORD = "canary-user-1", 'canary/url"2+é&'
KNOWN = {"BANK_KEY": 'canary bank/key+3"<é>&', "TRACES": "canary-traces-4", "DB_PASSWORD": "canary/db?5+ü'\\x",
         "GITHUB_TOKEN": "canary-github-6-aaaaaa"}
HEALTH_TOKEN = "canary-health-7"
CARD = "4929 1234 5678 9013"
# The gate recognizes these only by the names of their fields.
NAMED = tuple(f"canary-{name}-8" for name in (
    "password", "pin", "jwt", "sid", "hidden", "xauth", "session", "subscription", "signature", "redirect", "graphql", "xml",
    "attribute", "endpoint", "cookie", "typed", "fragment", "attached", "dumped"))
INNOCENT = "production-like", "4012888888881881"  # the value of a name with PASS in it; a number that could be a card's


def named(name: str) -> str:
    return next(each for each in NAMED if each == f"canary-{name}-8")


def forms(value: str) -> list[str]:
    """The forms in which other programs write a value."""
    raw, text = value.encode(), json.dumps(value)
    return [value, text[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], html.escape(value), quote(value, safe=""),
            quote(value, safe="").lower(), quote_plus(value), *(base64.b64encode(b"u" * before + raw).decode() for before in range(3)),
            base64.urlsafe_b64encode(b"user:" + raw).decode(), base64.b64encode(f"{URL_USER}:".encode() + raw).decode()]


ALL_FORMS = " | ".join(form for value in (URL_USER, URL_PASSWORD, HEALTH_TOKEN, *KNOWN.values()) for form in forms(value))


def traces_of(value: str) -> Iterator[str]:
    """What no file may contain: the value in each form; of base64, the part that does not depend on adjacent bytes."""
    yield from (value, json.dumps(value)[1:-1], html.escape(value), quote(value, safe=""), quote_plus(value))
    raw = value.encode()
    for before in range(3):
        core = base64.b64encode(bytes(before) + raw).decode()[(before * 8 + 5) // 6:(before + len(raw)) * 8 // 6]
        yield from (core, core.translate(str.maketrans("+/", "-_")))


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sick = False

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        path = self.path.partition("?")[0]
        status, mime, headers = 200, "application/json", {
            "Set-Cookie": f"sid={named('cookie')}; Path=/", "X-Auth": named("xauth"), "X-Session-Id": named("session"),
            "Any-Signature": named("signature")}
        body = json.dumps({"image": "sha256:" + "a" * 64, "jwt": named("jwt"), "pin": named("pin"), "all": ALL_FORMS,
                           "number": INNOCENT[1]})
        if path == "/health" and type(self).sick:
            status, mime, body = 500, "text/plain", f"no database: {ALL_FORMS} password='{named('password')}'"
        elif path == "/page":
            mime, body = "text/html", PAGE
        elif path == "/moved":
            status, headers["Location"] = 302, f"/ok?token={named('redirect')}#access_token={named('fragment')}"
        elif path == "/xml":
            mime, body = "text/xml", f'<a password="{named("attribute")}"><Pin>{named("xml")}</Pin>{html.escape(ALL_FORMS)}</a>'
        elif path == "/broken":
            status = 500
        raw = body.encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Type": mime, "Content-Length": str(len(raw))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


PAGE = f"""<!doctype html><title>shop</title><form action=/ok method=post>
<input type=hidden name=csrf_token value="{named('hidden')}">
<label>Card number <input name=card_number></label><label>Password <input type=password name=password></label>
<button type=button onclick="pay()">Pay</button></form><p id=out></p>
<script>
const all = JSON.parse(decodeURIComponent(atob("{base64.b64encode(quote(json.dumps(ALL_FORMS)).encode()).decode()}")));
console.error(all); console.error(JSON.stringify({{pwd: "{named('password')}", all}}));
async function pay() {{
  const card = document.querySelector("[name=card_number]").value;
  await fetch(location.origin + "/ok", {{method: "POST", headers: {{"Content-Type": "application/json", "X-Auth": "{named('xauth')}",
    "Ocp-Apim-Subscription-Key": "{named('subscription')}"}}, body: JSON.stringify({{card: {{number: card, cvc: "canary-cvc"}}, all}})}});
  await fetch(location.origin + "/moved"); await fetch(location.origin + "/xml");
  document.querySelector("#out").textContent = "refused: " + card;
}}
</script>"""

STEPS = f'''
import os, sys
from behave import when, then, given

ALL = {ALL_FORMS!r}

@when("Ada pays")
def pays(context):
    page = context.world.person("Ada").page
    page.goto("/page?sid={named('sid')}")
    page.get_by_label("Card number").fill({CARD!r})
    page.get_by_label("Password").fill({named('typed')!r})
    page.get_by_role("button").click()
    page.get_by_text("refused").wait_for()
    context.text_of_page = page.locator("#out").inner_text()

@when("a program asks")
def asks(context):
    url = context.world.environment.url
    http = context.world.http
    http.post(url + "/ok?api_key={named('password')}", json={{"query": 'mutation {{ login(password: "{named('graphql')}") }}'}},
              headers={{"X-Auth-Token": "{named('xauth')}", "Authorization": "Basic " + {base64.b64encode(f"a:{named('password')}".encode()).decode()!r}}})
    http.post(url + "/ok", data={{"password": "{named('password')}", "pan": {CARD!r}, "all": ALL}})
    http.get(url + "/moved")

@when("it attaches and prints")
def attaches(context):
    context.attach("text/plain", (ALL + " password='{named('attached')}' {INNOCENT[0]}").encode())
    context.attach("application/json", ('{{"sid": "{named('attached')}"}}').encode())
    print(ALL, dict(password="{named('dumped')}"))
    sys.stderr.write(ALL + "\\n")
    os.write(2, ALL.encode()[:30]); os.write(2, ALL.encode()[30:] + b" and no end of the line")

@then("it fails")
def fails(context):
    raise AssertionError(ALL + " " + getattr(context, "text_of_page", "") + " {INNOCENT[1]}")
'''
ENVIRONMENT = f'''
import os
from gonogo.suite import after_all, after_scenario, after_step, before_scenario
from gonogo.suite import before_all as _before_all
from dataclasses import dataclass

@dataclass
class Story:
    password: str = {named('dumped')!r}
    card_number: str = {CARD!r}

def before_all(context):
    _before_all(context, suite=Story)
    print(dict(os.environ), flush=True)
    os.write(1, repr(dict(os.environ)).encode())
'''
FEATURE = """
Feature: Secrets
  Scenario: in a browser
    When Ada pays
    Then it fails
  Scenario: in a program
    When a program asks
    Then it fails
  Scenario: in what is said
    When it attaches and prints
    Then it fails
  Scenario: that passes
    When a program asks
"""
PROFILE = f'''
import os
from locust import constant, task
from gonogo.load.suite import Persona, profile, steady

print({ALL_FORMS!r}, os.environ, flush=True)

class Caller(Persona):
    wait_time = constant(0.05)

    @task
    def go(self):
        with self.client.get("/ok?token={named('endpoint')}", name="/ok?token={named('endpoint')}", catch_response=True) as answer:
            answer.failure({ALL_FORMS!r})

profile("calls", personas={{Caller: 1}}, shape=steady)
'''


@pytest.fixture
def server() -> Iterator[int]:
    """A system whose responses contain secrets."""
    _Handler.sick = False
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def run(project: Project, tmp_path: Path) -> Callable[..., Ended]:
    """The function that runs a gate whose secrets are canaries, with its own temporary folder."""

    def started(*arguments: str, **settings: object) -> Ended:
        (tmp_path / "tmp").mkdir()
        environment = json.dumps({"environments": {"preprod": settings}}, indent=1, ensure_ascii=False)
        project.file("environments.yml", environment)
        return project.run(*arguments, **KNOWN, PASSENGER_APP_ENV=INNOCENT[0], TMPDIR=str(tmp_path / "tmp"))

    return started


def at(port: int, path: str = "") -> str:
    return f"http://{URL_USER}:{quote(URL_PASSWORD, safe='')}@127.0.0.1:{port}{path}"


def settings(port: int, **more: object) -> dict[str, object]:
    return {"url": at(port), "permits": {"writes": True, "load_users": 5}, "retries": {"scenarios": 1},
            "services": {"web": {"url": at(port), "health": f"/health?token={HEALTH_TOKEN}"}},
            "third_parties": {"bank": {"url": at(port), "health": f"/ok?key={quote(KNOWN['BANK_KEY'])}", "key": "${BANK_KEY}"}},
            "traces": {"tempo": at(port), "authorization": "${TRACES}"}, **more}


def assert_no_canary(ended: Ended, temporary: Path) -> None:
    """No canary is in the run folders, the history, a temporary folder, stdout or stderr, nor in an archive there."""
    known = [trace for value in (URL_USER, URL_PASSWORD, HEALTH_TOKEN, *KNOWN.values()) for trace in traces_of(value)]
    canaries = [*known, *NAMED, *(base64.b64encode(b"a:" + each.encode()).decode()[4:-4] for each in NAMED),
                CARD, CARD.replace(" ", ""), quote_plus(CARD), "canary-cvc"]
    texts = {"stdout": ended.stdout, "stderr": ended.stderr, **dict(_files(ended.runs)), **dict(_files(temporary))}
    found = {(name, canary): text[max(0, text.find(canary) - 90):][:200] for name, text in texts.items()
             for canary in canaries if canary in text}
    assert not found, "\n".join(f"{name}: {canary}: …{around}…" for (name, canary), around in found.items())


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.suffix != ".png":
            yield from _contents(str(path.relative_to(folder)), path.read_bytes())


def _contents(name: str, raw: bytes) -> Iterator[tuple[str, str]]:
    """A file as text; of an archive its members, of a base64 attachment the decoded content."""
    if raw.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for member in archive.namelist():
                yield from _contents(f"{name}!{member}", archive.read(member))
        return
    yield name, raw.decode("utf-8", "replace")
    if name.endswith("messages.ndjson"):
        for line in raw.splitlines():
            attachment = json.loads(line).get("attachment", {})
            if attachment.get("contentEncoding") == "BASE64":
                yield f"{name}!{attachment['mediaType']}", base64.b64decode(attachment["body"]).decode("utf-8", "replace")


def test_scenarios_and_load_leave_no_secret(run: Callable[..., Ended], project: Project, server: int, tmp_path: Path) -> None:
    """Pages, requests, attachments, output, errors, browser traces and load are masked; other values remain."""
    project.file("environment.py", ENVIRONMENT)
    project.file("steps/secret_steps.py", STEPS)
    project.file("features/journeys/secrets.feature", FEATURE)
    project.file("load/calls.py", PROFILE)
    ended = run("--jobs", "1", "--keep-going", **settings(server, stages=["platform", "behaviour", "load"], load={
        "run": ["calls"], "profiles": {"calls": {"users": 2, "spawn_rate": 10, "duration_s": 2, "grace_s": 0.5,
                                                 "objectives": {"*": {"error_ratio": 0.1}}}}}))
    assert ended.last_line == "NO-GO", ended.stderr + ended.stdout
    assert_no_canary(ended, tmp_path / "tmp")
    texts = dict(_files(ended.runs))
    folder = ended.run_folder.name
    for part in ("trace.zip!trace.trace", "trace.zip!trace.network", "exchanges.har", "console.json", "world.txt"):
        assert any(part in name and is_masked(text) for name, text in texts.items()), (part, list(texts))
    for name in ("behaviour/messages.ndjson", "behaviour/behave.log", "load/calls/locust.log", "load/calls/samples.ndjson",
                 "verdict.json", "report.html", "junit.xml"):
        assert is_masked(texts[f"{folder}/{name}"]), name
    assert INNOCENT[0] in texts[f"{folder}/behaviour/behave.log"]
    assert INNOCENT[1] in texts[f"{folder}/verdict.json"]
    assert "refused: ***card:" in texts[f"{folder}/behaviour/messages.ndjson"]
    har = [json.loads(text) for name, text in texts.items() if name.endswith("exchanges.har")]
    assert len(har) == 5  # two scenarios that failed twice, and one that passed


def test_failing_component_reveals_no_secret(run: Callable[..., Ended], project: Project, server: int,
                                             tmp_path: Path) -> None:
    """The response to the gate's own probe is masked in verdict, report, junit.xml, platform.json and terminal."""
    _Handler.sick = True
    project.feature()
    ended = run(**settings(server))
    assert ended.last_line == "NO-GO", ended.stderr + ended.stdout
    assert_no_canary(ended, tmp_path / "tmp")
    for name in ("platform.json", "verdict.json", "report.html", "junit.xml"):
        assert is_masked((ended.run_folder / name).read_text()), name
    assert is_masked(ended.stdout)


def test_environment_that_does_not_start_reveals_no_secret(run: Callable[..., Ended], project: Project, tmp_path: Path) -> None:
    """The output and the command line of `provision: up` are masked."""
    project.feature()
    project.file("up.py", f"import sys\nprint({ALL_FORMS!r})\nprint('PASSWORD=' + {named('password')!r})\nsys.exit(1)\n")
    ended = run(**settings(9, provision={"up": f"{sys.executable} up.py --db ${{GITHUB_TOKEN}}"}))
    assert ended.last_line == "INCONCLUSIVE", ended.stderr + ended.stdout
    assert_no_canary(ended, tmp_path / "tmp")
    assert is_masked(ended.stderr) and is_masked(ended.stdout)


def test_mistake_in_the_configuration_reveals_no_secret(run: Callable[..., Ended], project: Project, tmp_path: Path) -> None:
    """The error message quotes the invalid setting, which contains a secret."""
    project.feature()
    (project.root / "runs").mkdir()
    ended = run(url=at(9), stages=["load"], load={"run": ["a"], "profiles": {}}, services={"web": {"url": f"ftp://{KNOWN['DB_PASSWORD']}"}})
    assert ended.code == 2
    assert_no_canary(ended, tmp_path / "tmp")


def test_history_contains_no_secret(run: Callable[..., Ended], project: Project, server: int, tmp_path: Path) -> None:
    """The history stores the exchanges of a GO and the scenarios that led to them, masked."""
    project.file("steps/secret_steps.py", STEPS)
    project.feature(f"Feature: F\n  Scenario: with {KNOWN['GITHUB_TOKEN']}\n    When a program asks\n")
    ended = run(**settings(server, mandatory_journeys=[f"with {KNOWN['GITHUB_TOKEN']}"]))
    assert ended.last_line == "GO", ended.stderr + ended.stdout
    assert_no_canary(ended, tmp_path / "tmp")
    with closing(sqlite3.connect(project.root / "runs" / "history.sqlite")) as history:
        rows = [row for (table,) in history.execute("select name from sqlite_master where type = 'table'").fetchall()
                for row in history.execute(f"select * from {table}")]
    assert is_masked(str(rows))
