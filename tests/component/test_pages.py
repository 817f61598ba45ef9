"""The pages stage against a small local site, in a real browser: it finds each fault, and always ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar

import pytest

from gonogo.config import Environment, RunPlan
from gonogo.core.prestart import PLAN_VARIABLE
from gonogo.model.findings import Finding
from gonogo.model.pages import PageEnding, SiteEvidence
from gonogo.records.pages import PAGES_FILE, read_pages
from gonogo.report.wording import line_of, not_checked_words
from gonogo.stages.pages.judge import STAGE, judge_pages, pages_not_checked
from tests.serving import serving
from tests.verdicts import checked_verdict

_LIMIT_S = 240
_PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def page(body: str, head: str = "") -> str:
    return ('<!doctype html><html lang="en"><head><title>Shop</title><link rel="icon" href="data:,">'
            f"{head}</head><body><main><h1>Shop</h1>{body}</main></body></html>")


def links(*targets: str) -> str:
    return "".join(f'<p><a href="{target}">{target}</a></p>' for target in targets)


@dataclass
class Answer:
    body: str = ""
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    never: bool = False


class Shop(BaseHTTPRequestHandler):
    """Answers by path, and records the requests."""

    answers: ClassVar[dict[str, Answer]] = {}
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(f"{self.command} {self.path}")
        path = self.path.partition("?")[0]
        answer = self.answers.get(path) or self.answers.get("*") or Answer(page("Not here"), 404)
        if answer.never:
            self.rfile.read(1)  # blocks until the client gives up
            return
        body = answer.body.encode()
        self.send_response(answer.status)
        for name, value in {"Content-Type": answer.kind, "Content-Length": str(len(body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Do not log to stderr."""


@pytest.fixture
def shop() -> type[Shop]:
    """A separate handler class for each test."""
    class Fresh(Shop):
        answers: ClassVar[dict[str, Answer]] = {}
        asked: ClassVar[list[str]] = []

    return Fresh


def started(url: str, folder: Path, **settings: object) -> subprocess.Popen[bytes]:
    """Start the child process as the gate does."""
    environment = Environment.model_validate({"url": url, **settings, "pages": {"load_s": 3.0, **settings.get("pages", {})}})
    child = subprocess.Popen([sys.executable, "-m", "gonogo.stages.pages.visit"], stdin=subprocess.PIPE,
                             env={**os.environ, PLAN_VARIABLE: "yes", "GONOGO_RUN_DIR": str(folder)})
    assert child.stdin is not None
    with child.stdin as end:
        end.write(RunPlan("preprod", environment).sealed())
    return child


def opened(url: str, folder: Path, **settings: object) -> SiteEvidence:
    """Run the child, and return what it recorded of the site."""
    assert started(url, folder, **settings).wait(_LIMIT_S) == 0
    return read_pages(folder / STAGE / PAGES_FILE)


def rules_of(evidence: SiteEvidence) -> list[str]:
    return [finding.rule for finding in judge_pages(evidence, "block")]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> SiteEvidence:
    """The record of one site with a page for each fault, opened once."""
    class Faulty(Shop):
        answers: ClassVar[dict[str, Answer]] = {
            "/error": Answer(page("Sorry"), 500), "/closed": Answer(page("Sign in"), 401),
            "/throws": Answer(page("<script>setTimeout(() => { throw new Error('boom') }, 50);"
                                   "Promise.reject(new TypeError('no answer'))</script>")),
            "/assets": Answer(page(
                '<img src="/no.png" alt="n"><img src="/fake.png" alt="f"><script src="/html.js"></script>'
                '<script>fetch("/broken")</script>',
                '<link rel="stylesheet" href="/no.css"><style>@font-face {font-family: F; src: url(/no.woff2)}'
                "h1 {font-family: F}</style>")),
            "/fake.png": Answer("no picture", kind="image/png"), "/html.js": Answer("<html></html>"),
            "/broken": Answer("", 502),
            "/unlabelled": Answer(page(f'<img src="{_PIXEL}"><input>')),
            "/empty": Answer('<!doctype html><html lang="en"><title>Shop</title><div></div></html>'),
            "/slow": Answer(page('<img src="/never" alt="never">')), "/never": Answer(never=True),
            "/spins": Answer(page("<script>setTimeout(() => { while (true) {} }, 300)</script>")),
            "/after": Answer(page("Still open")),
        }

    Faulty.answers["/"] = Answer(page(links(*(path for path in Faulty.answers if "." not in path and path != "/broken"),
                                            "/missing", "mailto:ana@shop", "/#top")))
    with serving(Faulty) as url:
        return opened(url, tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="module")
def findings(faulty: SiteEvidence) -> list[Finding]:
    return judge_pages(faulty, "block")


@pytest.mark.parametrize(("rule", "words"), [
    ("page-failed", "/error answered 500 (linked from http://127.0.0.1"), ("page-failed", "/missing answered 404"),
    ("page-failed", "/never did not answer: no answer within 3 s"),
    ("page-error", "/throws: uncaught Error: boom"), ("page-error", "/throws: uncaught TypeError: no answer"),
    ("page-error", "/assets: uncaught SyntaxError: Unexpected token '<'"),
    ("asset-broken", "/no.png: answered 404"), ("asset-broken", "/fake.png: not a valid image"),
    ("asset-broken", "/html.js: answered 200: the answer is HTML"), ("asset-broken", "/no.css: answered 404"),
    ("asset-broken", "/no.woff2: answered 404"), ("asset-broken", "/broken: answered 502"),
    ("page-inaccessible", "/unlabelled: image-alt (critical)"), ("page-inaccessible", "/unlabelled: label (critical)"),
    ("page-empty", "/empty shows no text"), ("page-unfinished", "/slow was still loading after 3 s, waiting for "),
    ("page-unfinished", "/spins: its scripts blocked the browser"),
])
def test_each_fault_is_a_finding(findings: list[Finding], rule: str, words: str) -> None:
    assert [finding for finding in findings if finding.rule == rule and words in line_of(finding)], [
        line_of(finding) for finding in findings]


def test_pages_without_a_fault_have_no_finding(findings: list[Finding]) -> None:
    """The page that follows one that never finishes is opened like any other."""
    assert len(findings) == 17
    assert not [finding for finding in findings if "/after" in line_of(finding)]


def test_screenshot_of_a_fault_is_kept(findings: list[Finding]) -> None:
    [error] = [finding for finding in findings if "answered 500" in line_of(finding)]
    assert error.evidence[0].endswith(".png")


def test_record_of_faulty_pages_is_complete(faulty: SiteEvidence) -> None:
    assert faulty.closed
    assert {page.url for page in faulty.pages} == set(faulty.begun)
    assert [not_checked_words(item).partition("127.0.0.1")[2].partition("/")[2]
            for item in pages_not_checked(faulty, "block", 20)] == ["closed needs a sign-in"]


def test_healthy_site_has_no_finding(shop: type[Shop], tmp_path: Path) -> None:
    """It has pages that render late or in a shadow tree, a dialog, a download, and a link without content."""
    shop.answers |= {
        "/": Answer(page(links("/late", "/shadow", "/file", "/nothing", "/data", "/dialog"))),
        "/late": Answer('<!doctype html><html lang="en"><title>Shop</title><body><script>setTimeout(() => {'
                        'document.body.innerHTML = "<main><h1>Late</h1></main>"}, 600)</script></body></html>'),
        "/shadow": Answer('<!doctype html><html lang="en"><title>Shop</title><my-shop></my-shop><script>'
                          'document.querySelector("my-shop").attachShadow({mode: "open"}).innerHTML = '
                          '"<style>p {}</style><main><h1>Shop</h1></main>"</script></html>'),
        "/file": Answer("PK", kind="application/zip", headers={"Content-Disposition": "attachment; filename=a.zip"}),
        "/nothing": Answer(status=204), "/data": Answer('{"a": 1}', kind="application/json"),
        "/dialog": Answer(page("<script>alert(1); window.open('/popup')</script>")),
        "/favicon.ico": Answer(status=404),
    }
    with serving(shop) as url:
        evidence = opened(url, tmp_path)
    assert (rules_of(evidence), len(evidence.pages)) == ([], 7)
    assert [each.ending for each in evidence.pages].count(PageEnding.FILE) == 2
    assert "GET /popup" not in shop.asked


def test_page_that_redirects_itself_is_checked_as_its_target(shop: type[Shop], tmp_path: Path) -> None:
    """A script, at once or later, or the head redirects; a page that redirects forever cannot be checked."""
    shop.answers |= {
        "/": Answer(page("", "<script>location.replace('/home')</script>")),
        "/home": Answer(page(links("/later", "/refresh", "/gone", "/restless"))),
        "/later": Answer(page("<script>setTimeout(() => { location.href = '/home' }, 700)</script>")),
        "/refresh": Answer('<!doctype html><meta http-equiv="refresh" content="0; url=/home">'),
        "/gone": Answer(page("<script>location.href = '/missing'</script>")),
        "/restless": Answer(page("<script>setTimeout(() => { location.href = '/restless?' + Math.random() }, 30)</script>")),
    }
    with serving(shop) as url:
        evidence = opened(url, tmp_path)
    assert evidence.pages[0].characters, evidence
    found = {(finding.rule, line_of(finding).partition(url)[2].split(" ")[0])
             for finding in judge_pages(evidence, "block")}
    assert ("page-failed", "/gone") in found
    assert {address for _, address in found} <= {"/gone", "/restless", "/restless:"}, evidence.pages


def test_only_get_requests_are_sent(shop: type[Shop], tmp_path: Path) -> None:
    """Other requests, also of forms and beacons, are withheld and listed; nofollow links are not opened."""
    shop.answers |= {
        "/": Answer(page('<a href="/nofollow" rel="nofollow">a</a> <a href="/file" download>b</a>' + links("/form")
                         + "<script>fetch('/api', {method: 'POST'}).catch(() => {});"
                           "navigator.sendBeacon('/beacon', 'x')</script>")),
        "/form": Answer(page('<form method="post" action="/sent"></form><script>document.forms[0].submit()</script>')),
    }
    with serving(shop) as url:
        evidence = opened(url, tmp_path)
    assert [request for request in shop.asked if not request.startswith("GET ")] == []
    assert not {"GET /nofollow", "GET /file"} & set(shop.asked)
    assert sorted(request.replace(url, "") for each in evidence.pages for request in each.withheld) == [
        "POST /api", "POST /beacon", "POST /sent"]


def test_writes_are_sent_if_they_are_permitted(shop: type[Shop], tmp_path: Path) -> None:
    shop.answers |= {"/": Answer(page("<script>fetch('/api', {method: 'POST'})</script>")), "/api": Answer("{}")}
    with serving(shop) as url:
        opened(url, tmp_path, permits={"writes": True})
    assert "POST /api" in shop.asked


def test_other_sites_are_not_checked(shop: type[Shop], tmp_path: Path) -> None:
    """A link to another site is not followed; a page that leads there is not checked any further."""
    class Other(Shop):
        answers: ClassVar[dict[str, Answer]] = {"*": Answer(page('<img src="/pixel.png" alt="p">'))}
        asked: ClassVar[list[str]] = []

    with serving(shop) as url, serving(Other) as other:
        shop.answers |= {
            "/": Answer(page(links(f"{other}/link", "/redirect", "/script"))),
            "/redirect": Answer(status=302, headers={"Location": f"{other}/redirected"}),
            "/script": Answer(page(f"<script>location.href = '{other}/by-script'</script>")),
        }
        evidence = opened(url, tmp_path)
    assert rules_of(evidence) == []
    assert [page.leads_to.replace(other, "") for page in evidence.pages] == ["", "/redirected", "/by-script"]
    assert set(Other.asked) <= {"GET /redirected"}


@pytest.mark.parametrize(("answer", "rule"), [
    (Answer(page("Sorry"), 500), "page-failed"), (Answer(page("Where?"), 404), "page-failed"),
    (Answer(page(""), 401), "site-refuses"), (Answer(never=True), "site-not-answering"),
    (Answer(status=302, headers={"Location": "/"}), "page-failed"),
    (Answer(status=302, headers={"Location": "https://other.invalid/"}), "site-elsewhere"),
])
def test_front_page_that_fails_ends_the_visit(answer: Answer, rule: str, shop: type[Shop], tmp_path: Path) -> None:
    """Without a front page, no link is followed."""
    shop.answers["/"] = answer
    with serving(shop) as url:
        evidence = opened(url, tmp_path, pages={"load_s": 2.0})
    assert (rules_of(evidence), len(evidence.pages)) == ([rule], 1)


def test_endless_links_are_limited(shop: type[Shop], tmp_path: Path) -> None:
    """The number of pages and the time are limited; each page has two hundred links that no other page has."""
    many = "".join(f'<a href="/{{path}}/{number}">{number}</a> ' for number in range(200))
    shop.answers["*"] = Answer(page(f"<script>document.write(`{many}`.replaceAll('{{path}}', Date.now()))</script>"))
    with serving(shop) as url:
        evidence = opened(url, tmp_path, pages={"max_pages": 3})
        assert (len(evidence.pages), evidence.stopped_by) == (3, "pages")
        assert 500 < evidence.left < 600
        began = time.monotonic()
        cut = opened(url, tmp_path, pages={"max_pages": 300}, budgets={"pages_s": 2})
        assert time.monotonic() - began < 30
    assert (cut.stopped_by, rules_of(cut)) == ("time", ["pages-left"])


def test_requests_of_a_page_are_limited(shop: type[Shop], tmp_path: Path) -> None:
    """A page that sends requests forever is cut off, and no further page is opened."""
    shop.answers |= {"/": Answer(page(links("/next") + "<script>let n = 0; setInterval(() => { for (let i = 0; i < 50;"
                                      " i++) fetch('/data?' + n++).catch(() => {}) }, 20)</script>")),
                     "/data": Answer("{}", kind="application/json")}
    with serving(shop) as url:
        evidence = opened(url, tmp_path, pages={"max_requests": 200})
    assert evidence.stopped_by == "requests"
    assert rules_of(evidence) == ["pages-left"]
    assert len(shop.asked) <= 210


def test_secrets_are_not_in_the_record(shop: type[Shop], tmp_path: Path) -> None:
    """Secrets in addresses and in thrown errors are masked, also beside text that cannot be encoded."""
    shop.answers |= {"/": Answer(page(links("/a?token=abcdef123") + "<script>setTimeout(() => { throw new Error("
                                      "'key-hunter22 \\ud800') }, 1)</script>")), "/a": Answer(page("A"), 500)}
    with serving(shop) as url:
        opened(url, tmp_path, third_parties={"bank": {"url": url, "key": "key-hunter22"}})
    text = (tmp_path / STAGE / PAGES_FILE).read_text(encoding="utf-8")
    assert "hunter22" not in text
    assert "abcdef123" not in text
    assert "uncaught" not in text
    assert "Error: ***key:" in text


def test_killed_child_leaves_an_unclosed_record(shop: type[Shop], tmp_path: Path) -> None:
    shop.answers |= {"/": Answer(page(links("/never"))), "/never": Answer(never=True)}
    with serving(shop) as url:
        child = started(url, tmp_path, pages={"load_s": 60})
        until = time.monotonic() + 60
        while "GET /never" not in shop.asked and time.monotonic() < until:
            time.sleep(0.05)
        child.kill()
        child.wait()
    evidence = read_pages(tmp_path / STAGE / PAGES_FILE)
    assert rules_of(evidence) == ["record-not-closed", "page-not-recorded"]


def test_browser_that_does_not_start_is_recorded(tmp_path: Path) -> None:
    evidence = opened("http://127.0.0.1:9/", tmp_path, browser={"executable": "/bin/false"})
    assert rules_of(evidence) == ["pages-fault"]
    assert "The browser cannot be started" in evidence.fault
    assert json.loads((tmp_path / STAGE / PAGES_FILE).read_text(encoding="utf-8").splitlines()[-1])["kind"] == "end"


def gate(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `gonogo run` in a folder without any file of the repository."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GONOGO_RUN")}
    return subprocess.run([sys.executable, "-m", "gonogo.cli.main", "run", *words], cwd=root, env=environ, text=True,
                          capture_output=True, timeout=_LIMIT_S, check=False)


def test_gate_of_a_healthy_url_is_partial(shop: type[Shop], tmp_path: Path) -> None:
    """It needs no file, ignores files of a suite in the folder, and is never a GO."""
    shop.answers["/"] = Answer(page(links("/a", "/b", "/c")))
    shop.answers |= {f"/{name}": Answer(page(name)) for name in "abc"}
    (tmp_path / "release.yml").write_text("no: release", encoding="utf-8")
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "broken.feature").write_text("no feature", encoding="utf-8")
    with serving(shop) as url:
        done = gate(tmp_path, "--url", url, "--pages", "3")
    lines = done.stdout.splitlines()
    assert (done.returncode, lines[-1]) == (0, "PARTIAL"), done.stdout + done.stderr
    assert "not checked: pages: 1 link not opened: the limit of 3 pages was reached" in lines
    assert any(line.startswith("pages: 3 of 3 pages passed in ") for line in lines)
    verdict = checked_verdict(tmp_path / "runs" / "latest")
    assert verdict["stages"]["pages"]["passed"] == 3
    run = json.loads((tmp_path / "runs" / "latest" / "run.json").read_text(encoding="utf-8"))
    assert (run["environment"], run["inputs"]) == (url.removeprefix("http://"), {})
    assert not [asked for asked in shop.asked if not asked.startswith("GET ")]


def test_gate_of_a_faulty_url_is_no_go(shop: type[Shop], tmp_path: Path) -> None:
    """The run folder has the usual reports, and the reason names the address."""
    shop.answers |= {"/": Answer(page(links("/gone") + '<img src="/no.png" alt="n">'))}
    with serving(shop) as url:
        done = gate(tmp_path, "--url", url)
    folder = tmp_path / "runs" / "latest"
    lines = done.stdout.splitlines()
    assert (done.returncode, lines[-1]) == (1, "NO-GO"), done.stdout + done.stderr
    assert lines[0].startswith(f"pages: page-failed: {url}/gone answered 404 (linked from {url}/)")
    assert {each["rule"] for each in checked_verdict(folder)["reasons"]} == {"page-failed", "asset-broken"}
    assert "data:image/png;base64" in (folder / "report.html").read_text(encoding="utf-8")
    assert 'type="page-failed"' in (folder / "junit.xml").read_text(encoding="utf-8")


def test_gate_of_a_url_that_does_not_answer_is_inconclusive(tmp_path: Path) -> None:
    with serving(Shop) as url:
        pass
    done = gate(tmp_path, "--url", url)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (3, "INCONCLUSIVE")
    assert f"does not answer at {url}/" in done.stdout


def test_gate_without_a_browser_is_inconclusive(shop: type[Shop], tmp_path: Path,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    shop.answers["/"] = Answer(page("Open"))
    monkeypatch.setenv("GONOGO_BROWSER", str(tmp_path / "none"))
    with serving(shop) as url:
        done = gate(tmp_path, "--url", url)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (3, "INCONCLUSIVE")
    assert "pages-fault: No chromium browser found" in done.stdout


@pytest.mark.parametrize("words", [["--url", "shop"], ["--url", "http://shop/", "--env", "preprod"], [],
                                   ["--env", "preprod", "--pages", "3"]])
def test_gate_refuses_an_invalid_command_line(words: list[str], tmp_path: Path) -> None:
    """It does so before anything is started or written, with a fix."""
    done = gate(tmp_path, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "  fix: " in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["http://[", "http://ana:hunter22@shop/"])
def test_environment_with_an_invalid_url_is_refused(url: str, tmp_path: Path) -> None:
    (tmp_path / "environments.yml").write_text(
        f"environments: {{preprod: {{url: '{url}', stages: [platform, pages]}}}}\n", encoding="utf-8")
    done = gate(tmp_path, "--env", "preprod")
    assert (done.returncode, done.stdout) == (2, "")
    assert "environments.yml:1: environments → preprod → url" in done.stderr
    assert "hunter22" not in done.stderr


def test_pages_are_a_stage_of_an_environment(shop: type[Shop], tmp_path: Path) -> None:
    """Like any other stage, it has settings, and a warning alone does not prevent a GO."""
    shop.answers |= {"/": Answer(page('<input>' + links("/a"))), "/a": Answer(page("A"))}
    with serving(shop) as url:
        (tmp_path / "environments.yml").write_text(
            f"environments: {{preprod: {{url: {url}, stages: [platform, pages], pages: {{accessibility: warn}}}}}}\n",
            encoding="utf-8")
        done = gate(tmp_path, "--env", "preprod")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "GO"), done.stdout + done.stderr
    [warning] = checked_verdict(tmp_path / "runs" / "latest")["reasons"]
    assert (warning["rule"], warning["severity"], warning["parameters"]["violated"]) == (
        "page-inaccessible", "warn", "label")


@pytest.mark.parametrize(("folder", "code"), [("shop", 0), ("broken-shop", 1)])
def test_example_ends_as_its_readme_shows(folder: str, code: int, tmp_path: Path) -> None:
    """Each line of the transcript matches, except for ports and times."""
    example = Path(__file__).parents[2] / "examples" / "one-url"

    class Files(SimpleHTTPRequestHandler):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given, directory=str(example / folder))

        def log_message(self, *_: object) -> None:
            """Do not log to stderr."""

    with serving(Files) as url:
        done = gate(tmp_path, "--url", url)
    assert done.returncode == code, done.stdout + done.stderr
    block = (example / "README.md").read_text(encoding="utf-8").split("```\n")[5 if code == 0 else 9]
    for line in filter(lambda text: text and text != "…", block.splitlines()):
        pattern = re.sub(r"127\\\.0\\\.0\\\.1:\d+", re.escape(url.removeprefix("http://")), re.escape(line))
        pattern = re.sub(r"\d{8}\\-\d{6}\\-\w{4}", r"[\\w-]+", re.sub(r"\d+\\\.\d\\ s$", r"[\\d.]+ s", pattern))
        assert re.search(f"^{pattern}$", done.stdout, re.MULTILINE), (line, done.stdout)


def test_child_without_a_plan_reports_how_to_start_it(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "gonogo.stages.pages.visit"], cwd=tmp_path, text=True, timeout=60,
                          capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(Path.cwd())})
    assert (done.returncode, done.stdout) == (2, "")
    assert "run `gonogo run --url URL`" in done.stderr
    assert list(tmp_path.iterdir()) == []
