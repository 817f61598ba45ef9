"""A small site under the real gate: each fault that no scenario looks at stops the release by its own rule alone."""

from __future__ import annotations

import http.server
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from gonogo.verdict.rules.invariants import POLICIES
from tests.serving import serving

if TYPE_CHECKING:
    from tests.e2e.conftest import Ended, Project

PAGE = """<!doctype html><html lang="en"><title>Notes</title><link rel="icon" href="data:,"><main><h1>Notes</h1>
<p id=greeting></p><input FIELD id=note><button type=button onclick="keep()">Keep</button>LINK<ul id=notes></ul></main><script>
const broken = BROKEN;
document.querySelector("#greeting").textContent = "Hello" + (broken === "broken-text" ? " undefined" : "");
const show = async () => {
  const notes = await (await fetch("/api/notes")).json();
  document.querySelector("#notes").replaceChildren(...notes.map((note) => {
    const item = document.createElement("li");
    item.textContent = note;
    return item;
  }));
};
const keep = async () => {
  const send = () => fetch("/api/notes", {method: "POST", headers: {"Content-Type": "application/json"},
                                          body: JSON.stringify({note: document.querySelector("#note").value})});
  await send();
  if (broken === "grown") await send();
  await show();
};
show();
if (broken === "page-broken") setTimeout(() => { throw new TypeError("no such note"); });
</script></html>"""
STEPS = '''
from behave import when, then
from playwright.sync_api import expect

@when('{person} opens the notes')
def opens(context, person):
    page = context.world.person(person).page
    page.goto("/")
    page.wait_for_load_state("networkidle")

@when('{person} keeps the note "{note}"')
def keeps(context, person, note):
    page = context.world.person(person).page
    page.locator("#note").fill(note)
    page.get_by_role("button", name="Keep").click()
    page.wait_for_load_state("networkidle")

@then('{person} has the note "{note}"')
def has(context, person, note):
    expect(context.world.person(person).page.locator("#notes")).to_contain_text(note)
'''
FEATURE = """Feature: Notes
  Scenario: Ana keeps a note
    When Ana opens the notes
    And Ana keeps the note "Red umbrella, 4th floor"
    Then Ana has the note "Red umbrella, 4th floor"
    When Ben opens the notes
    And Ben keeps the note "Blue bicycle"
    Then Ben has the note "Blue bicycle"
"""


class Notes(http.server.BaseHTTPRequestHandler):
    """Keeps notes for each browser; what is wrong with it is in `broken`, the name of a rule."""

    protocol_version = "HTTP/1.1"
    broken = ""
    notes: dict[str, list[str]] = {}  # noqa: RUF012  of all requests

    def do_GET(self) -> None:
        owner = self.headers.get("Cookie") or f"of={len(self.notes)}"
        own = self.notes.setdefault(owner, [])
        if self.command == "POST":
            own[:] = [json.loads(self.rfile.read(int(self.headers["Content-Length"])))["note"]]
        if self.path == "/":
            link = '<a href="https://notes.example/">All notes</a>' if self.broken == "foreign-host" else ""
            text = PAGE.replace("FIELD", "" if self.broken == "access-lost" else 'aria-label="Note"').replace(
                "LINK", link).replace("BROKEN", json.dumps(self.broken))
        else:
            shown = [note for each in self.notes.values() for note in each] if self.broken == "data-of-another" else own
            text = json.dumps(shown)
        raw = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if self.path == "/" else "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.send_header("Set-Cookie", f"{owner}; Path=/; HttpOnly")
        if self.broken != "protection-lost":
            self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(raw)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site(make_project: Callable[[], Project]) -> Iterator[Callable[[str], Ended]]:
    """Runs the gate against the site with this fault; before, it was GO twice."""
    class Site(Notes):
        pass

    project = make_project()
    with serving(Site) as url:
        def run(broken: str) -> Ended:
            Site.broken, Site.notes = broken, {}
            return project.run()

        project.environment(url, stages=["behaviour"], permits={"writes": True}, retries={"scenarios": 0},
                            outside={"data": "ignore", "wording": "ignore"}, wire={"shapes": "ignore"},
                            rules=dict.fromkeys(POLICIES.values(), "block"))
        project.file("steps/note_steps.py", STEPS)
        project.feature(FEATURE)
        for _ in range(2):
            run("").assert_answer("GO")
        yield run


def test_a_healthy_site_has_no_finding_of_these_rules(site: Callable[[str], Ended]) -> None:
    ended = site("")
    ended.assert_answer("GO")
    assert [reason for reason in ended.reasons if reason["rule"] in POLICIES] == []


@pytest.mark.parametrize("rule", POLICIES)
def test_each_fault_stops_the_release_by_its_own_rule(site: Callable[[str], Ended], rule: str) -> None:
    site(rule).assert_answer("NO-GO", rule)
