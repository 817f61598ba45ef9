"""The cost of a scenario over the same actions in a bare Playwright script.

    python bench/scenario.py [--rounds N] [--times N]

A small page is served on loopback. A bare script and behave scenarios with gonogo's plugin (hooks, evidence, worker
process) sign in to it in turn. The duration of a scenario is that in its record, from start to end, which includes
hooks, contexts and the discarded trace. The first scenario of each round is omitted, as it launches the browser. Not
part of any gate.
"""

from __future__ import annotations

import argparse
import http.server
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from gonogo.records.messages import read_messages
from gonogo.scenarios.browser.search import find_browser

REPOSITORY = Path(__file__).parents[1]
PAGE = b"""<!doctype html><title>Sign in</title><h1>Welcome</h1>
<form onsubmit="event.preventDefault(); fetch('/session', {method: 'POST', body: mail.value})
  .then(answer => answer.text()).then(text => document.querySelector('h1').textContent = text)">
<label>Email <input id=mail></label> <label>Password <input type=password></label> <button>Sign in</button></form>"""
STEPS = """
from behave import given, when, then
from playwright.sync_api import expect

@given("Ada is at the door")
def door(context):
    context.world.person("Ada").page.goto("/")

@when("she signs in")
def signs_in(context):
    page = context.world.person("Ada").page
    page.get_by_label("Email").fill("ada@example.org")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()

@then("she is greeted")
def greeted(context):
    expect(context.world.person("Ada").page.get_by_role("heading", name="Hello ada@example.org")).to_be_visible()
"""
SCENARIO = "  Scenario: number {}\n    Given Ada is at the door\n    When she signs in\n    Then she is greeted\n"
HOOKS = "from gonogo.suite import after_all, after_scenario, after_step, before_all, before_scenario\n"


class _Door(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer("text/html", PAGE)

    def do_POST(self) -> None:
        self._answer("text/plain", b"Hello " + self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def bare(url: str, times: int) -> list[float]:
    """Seconds of each of `times` sign-ins by a script, without the first."""
    seconds = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(None, os.environ), args=["--no-sandbox"])
        for _ in range(times):
            began = time.perf_counter()
            context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 800})
            page = context.new_page()
            page.goto("/")
            page.get_by_label("Email").fill("ada@example.org")
            page.get_by_label("Password").fill("correct horse")
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_role("heading", name="Hello ada@example.org")).to_be_visible()
            context.close()
            seconds.append(time.perf_counter() - began)
        browser.close()
    return seconds[1:]


def through_gonogo(url: str, times: int) -> list[float]:
    """Seconds of each of `times` scenarios, without the first."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, text in {"features/door.feature": "Feature: The door\n" + "".join(map(SCENARIO.format, range(times))),
                           "steps/door_steps.py": STEPS, "environment.py": HOOKS,
                           "behave.ini": (REPOSITORY / "behave.ini").read_text(),
                           "environments.yml": f"environments:\n  here: {{url: '{url}', permits: {{writes: true}}}}\n",
                           }.items():
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_text(text)
        subprocess.run([sys.executable, "-m", "behave", "-D", "env=here"], cwd=root, check=True, capture_output=True)
        (record,) = root.glob("runs/*/behaviour/messages.ndjson")
        return [scenario.attempts[0].duration_s for scenario in read_messages(record).scenarios][1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--times", type=int, default=11)
    options = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    scripts: list[float] = []
    scenarios: list[float] = []
    for _ in range(options.rounds):
        scripts += bare(url, options.times)
        scenarios += through_gonogo(url, options.times)
    server.shutdown()
    script, scenario = statistics.median(scripts), statistics.median(scenarios)
    report = sys.stdout.write
    report(f"bare script  {script * 1000:6.1f} ms  (median of {len(scripts)}, best {min(scripts) * 1000:.1f})\n")
    report(f"scenario     {scenario * 1000:6.1f} ms  (median of {len(scenarios)}, best {min(scenarios) * 1000:.1f})\n")
    report(f"ratio        {scenario / script:6.2f}  (of the best: {min(scenarios) / min(scripts):.2f})\n")


if __name__ == "__main__":
    main()
