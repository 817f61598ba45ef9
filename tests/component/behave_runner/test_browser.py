"""The browser in scenarios: evidence of failures, loss of the browser, start on demand, masked secrets."""

from __future__ import annotations

import json
import os
import zipfile

import psutil
import pytest

from gonogo.model.scenarios import Status
from gonogo.scenarios.browser.search import find_browser

needs_browser = pytest.mark.skipif(find_browser(None, os.environ) is None, reason="no browser on this machine")
BROWSER_STEPS = '''
import psutil
from playwright.sync_api import expect

@given("{name} is here")
def here(context, name):
    context.world.person(name).page.goto("/")

@when("the page logs and raises")
def logs(context):
    page = context.world.person("Ada").page
    page.evaluate("console.error('careful'); setTimeout(() => { throw new Error('page broke') })")
    page.wait_for_timeout(100)

@when("{name} sends her password")
def sends(context, name):
    page = context.world.person(name).page
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Password").fill("hunter2")
    page.evaluate("""() => fetch('/', {method: 'POST', headers: {'Content-Type': 'application/json',
        'Authorization': 'Bearer ' + 'abcd' + 'efgh'}, body: JSON.stringify({
            name: 'Ada', password: document.querySelector('[type=password]').value})})""")
    context.world.http.get(context.world.environment.url + "/?token=hunter2", headers={"Cookie": "sid=hunter2"})

@when("the browser dies")
def dies(context):
    for process in psutil.Process().children(recursive=True):
        if "headless" in process.name() or "chrom" in process.name():
            process.kill()

@then("{name} sees the greeting")
def greeting(context, name):
    expect(context.world.person(name).page.get_by_role("heading", name="Hello")).to_be_visible()

@then("no browser runs")
def none_runs(context):
    assert not context.world.browser.started
    assert psutil.Process().children() == []
'''


@pytest.fixture
def browsing(suite):
    suite.steps(BROWSER_STEPS, "browser")
    return suite


@needs_browser
def test_failed_scenario_keeps_all_evidence_passed_one_what_people_saw(browsing) -> None:
    """A failure leaves each person's screenshot and trace, exchanges, console and page errors, and the shared state."""
    browsing.feature("Feature: F\n  Scenario: passes\n    Given Ada is here\n    Then Ada sees the greeting\n"
                     "  Scenario: fails\n    Given Ada is here\n    And Ben is here\n"
                     "    When the page logs and raises\n"
                     "    Then it fails\n")
    ended = browsing.behave()
    folder = ended.folder("fails")
    assert {path.name for path in ended.record.parent.iterdir()} == {
        "messages.ndjson", "spans.ndjson", ended.folder("passes").name, folder.name}
    of_each = {"exchanges.har", "outside.json"}
    assert {path.name for path in ended.folder("passes").iterdir()} == {*of_each, "last-page.png"}
    names = {*of_each, "screenshot.png", "screenshot-2.png", "trace.zip", "trace-2.zip", "console.json", "world.txt"}
    assert {path.name for path in folder.iterdir()} == names
    assert set(ended.scenario("fails").attempts[0].attachments) == {f"behaviour/{folder.name}/{name}" for name in names}
    assert len(ended.scenario("passes").attempts[0].attachments) == 3
    texts = [message["text"] for message in json.loads((folder / "console.json").read_text())]
    assert texts[0] == "careful"
    assert "page broke" in texts[1]
    entries = json.loads((folder / "exchanges.har").read_text())["log"]["entries"]
    assert [entry["_person"] for entry in entries] == ["Ada", "Ben"]
    assert "Hello" in entries[0]["response"]["content"]["text"]
    assert "Ada: en-GB" in ended.stdout


@needs_browser
def test_secrets_do_not_reach_the_evidence(browsing) -> None:
    """Neither typed or sent secrets nor the values of secret environment variables are in any file of evidence."""
    browsing.environ["SHOP_PASSWORD"] = "from-the-vault"
    browsing.steps('@when("the vault is printed")\ndef vault(context):\n    print(os.environ["SHOP_PASSWORD"])\n'
                   '    raise AssertionError(os.environ["SHOP_PASSWORD"])\n')
    browsing.feature("Feature: F\n  Scenario: fails\n    Given Ada is here\n    When Ada sends her password\n"
                     "    And the vault is printed\n")
    ended = browsing.behave()
    assert ended.code == 1
    entries = json.loads((ended.folder("fails") / "exchanges.har").read_text())["log"]["entries"]
    assert len(entries) == 3
    for path in ended.record.parent.rglob("*"):
        for content in _contents(path):
            assert b"hunter2" not in content, path
            assert b"abcdefgh" not in content, path
            assert b"from-the-vault" not in content, path
    assert "from-the-vault" not in ended.stdout


def _contents(path) -> list[bytes]:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return [archive.read(name) for name in archive.namelist()]
    return [path.read_bytes()] if path.is_file() else []


@needs_browser
def test_a_browser_crash_loses_one_scenario_then_a_new_browser_starts(browsing) -> None:
    browsing.feature("Feature: F\n  Scenario: loses it\n    Given Ada is here\n    When the browser dies\n"
                     "    Then Ada sees the greeting\n  Scenario: goes on\n    Given Ada is here\n"
                     "    Then Ada sees the greeting\n")
    ended = browsing.behave()
    assert ended.scenario("loses it").attempts[0].status is Status.BROWSER_LOST
    assert ended.scenario("goes on").passed, ended.scenario("goes on")
    assert ended.code == 3


@needs_browser
def test_a_browser_crash_between_scenarios_fails_no_scenario(browsing) -> None:
    browsing.feature("Feature: F\n  Scenario: passes\n    Given Ada is here\n    When the browser dies\n"
                     "  Scenario: goes on\n    Given Ada is here\n    Then Ada sees the greeting\n")
    ended = browsing.behave()
    assert ended.code == 0, ended.stdout + ended.stderr


def test_a_missing_browser_is_reported_as_browser_lost(browsing) -> None:
    browsing.environ["GONOGO_BROWSER"] = "/no/such/browser"
    browsing.feature("Feature: F\n  Scenario: wants one\n    Given Ada is here\n")
    ended = browsing.behave()
    assert ended.code == 3
    attempt = ended.scenario("wants one").attempts[0]
    assert attempt.status is Status.BROWSER_LOST
    assert "No chromium browser found" in attempt.message


def test_an_unreachable_remote_browser_is_not_a_failure_of_the_system(browsing) -> None:
    """Each scenario tries to connect again and reports the address."""
    browsing.environments('permits: {writes: true}\nbrowser: {remote: "http://127.0.0.1:9"}')
    browsing.feature("Feature: F\n  Scenario: one\n    Given Ada is here\n  Scenario: two\n    Given Ada is here\n")
    ended = browsing.behave()
    assert ended.code == 3
    for scenario in ended.evidence.scenarios:
        assert scenario.attempts[0].status is Status.BROWSER_LOST
        assert "127.0.0.1:9" in scenario.attempts[0].message


def test_scenarios_without_a_page_start_no_browser(browsing) -> None:
    browsing.feature("Feature: F\n  Scenario: reads\n    Then no browser runs\n")
    ended = browsing.behave()
    assert ended.code == 0, ended.stdout


@needs_browser
def test_an_interrupted_run_leaves_no_browser_process(browsing) -> None:
    browsing.steps('@when("it tells its browser and hangs")\ndef hangs(context):\n'
                   '    with open("pids.new", "w") as file:\n'
                   '        file.write(" ".join(str(each.pid) for each in psutil.Process().children(recursive=True)))\n'
                   '    os.rename("pids.new", "pids")\n    context.world.person("Ada").page.wait_for_timeout(600000)\n'
                   .replace("psutil.", "__import__('psutil')."))
    browsing.feature("Feature: F\n  Scenario: one\n    Given Ada is here\n    When it tells its browser and hangs\n")
    process = browsing.start("-D", "env=preprod")
    while not (browsing.root / "pids").exists():
        assert process.poll() is None
        os.sched_yield()
    pids = [int(pid) for pid in (browsing.root / "pids").read_text().split()]
    assert len(pids) > 1
    process.terminate()
    assert browsing.end(process).code == 130
    _, alive = psutil.wait_procs([psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)], timeout=10)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
