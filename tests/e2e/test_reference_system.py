"""The real gate against the real reference system: a healthy release is GO, each break is stopped and named.

Almost all tests here share one run of a part of the catalogue, which starts with the whole gate (load included) on
the unaltered system. `make breaks` runs the whole catalogue.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from breaks.workshop import Bench, free_hundreds
from gonogo.scenarios.browser.search import find_browser
from tests.verdicts import checked_verdict

pytestmark = pytest.mark.alone

ROOT = Path(__file__).parents[2]
CATALOGUE_S = 1500
# One that the peer rejects, one that violates a contract, one visible only in the browser, one only under load.
BREAKS = ("leading-space-in-passenger-name", "bank-reference-as-uuid", "seats-left-renamed", "n-plus-one-search")
HEALTHY = ("references-scattered", "search-slower-by-10-ms")


@dataclass(frozen=True)
class Tried:
    work: Path
    outcomes: list[dict[str, Any]]
    told: str

    @property
    def healthy(self) -> Path:
        """That of the whole gate."""
        runs = sorted((self.work / "baseline" / "runs").glob("2*"))
        return next(run for run in runs if json.loads((run / "verdict.json").read_text())["verdict"] == "GO")


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    work = tmp_path_factory.mktemp("breaks")
    done = subprocess.run([sys.executable, "-m", "breaks", *BREAKS, *HEALTHY, "--work", str(work), "--learn", "1", "--json", str(work / "out.json")],
                          cwd=ROOT, capture_output=True, text=True, timeout=CATALOGUE_S, check=False)
    assert (work / "out.json").exists(), done.stdout + done.stderr
    return Tried(work, json.loads((work / "out.json").read_text()), done.stdout)


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(None, os.environ), args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


def verdict_of(run: Path) -> dict[str, Any]:
    return checked_verdict(run)


def test_healthy_release_is_go(tried: Tried) -> None:
    """Every stage ran completely: at least 34 scenarios of platform and behaviour, and at least 20 s of load.

    A first run may find old sins of the API, and what pages provoke on purpose; it has no baseline.
    """
    verdict = verdict_of(tried.healthy)
    rules = {reason["rule"] for reason in verdict["reasons"]}
    assert (verdict["verdict"], rules - {"probe-error-without-baseline", "page-broken", "contract-broken"}) == ("GO", set())
    assert list(verdict["stages"]) == ["platform", "behaviour", "load", "probe"]
    scenarios = [verdict["stages"][stage] for stage in ("platform", "behaviour")]
    assert sum(stage["passed"] for stage in scenarios) >= 34
    assert all(stage["planned"] == stage["executed"] == stage["passed"] for stage in verdict["stages"].values())
    end = json.loads((tried.healthy / "load" / "steady" / "end.json").read_text())
    assert end["sent_s"] >= 20
    assert set(verdict["release"]) >= {"web", "gateway", "bookings", "payments", "bank"}


@pytest.mark.parametrize("name", BREAKS)
def test_break_is_stopped_and_named(tried: Tried, name: str) -> None:
    """The component's unit tests pass, the verdict is NO-GO, and the first suspect is the component with its peer."""
    [outcome] = [outcome for outcome in tried.outcomes if outcome["id"] == name]
    assert (outcome["expected"], outcome["verdict"]) == ("NO-GO", "NO-GO"), outcome
    assert outcome["unit_tests"], outcome
    assert outcome["caught"], outcome
    assert outcome["named"], outcome


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_change_is_go(tried: Tried, name: str) -> None:
    """A healthy change passes the whole gate."""
    [outcome] = [outcome for outcome in tried.outcomes if outcome["id"] == name]
    assert (outcome["expected"], outcome["verdict"], outcome["caught"]) == ("GO", "GO", True), outcome


def test_no_go_output_starts_with_the_suspect_and_ends_with_the_verdict(tried: Tried) -> None:
    """A pipeline reads the last line; a team reads the first suspect, with the evidence against it."""
    log = (tried.work / "leading-space-in-passenger-name" / "gate.log").read_text().splitlines()
    assert log[-1] == "NO-GO"
    first = next(line for line in log if " → " in line)
    assert first.startswith("web → gds: POST /api/bookings: request.body.passengers[].given_name: starts with a space; was ")
    assert "gds answered 400 to POST /pnrs: NM01 INVALID NAME FORMAT (web → gateway → bookings → gds)" in first
    assert first.endswith("changed since the baseline: web")


def test_catalogue_continues_where_it_stopped(tried: Tried) -> None:
    """A break that was tried with the same system, suite and gate is not tried again."""
    again = subprocess.run([sys.executable, "-m", "breaks", BREAKS[0], "--work", str(tried.work), "--learn", "1"],
                           cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert again.returncode == 0, again.stderr
    assert "(of an earlier run)" in again.stdout


def test_report_of_a_go_in_a_browser(tried: Tried, page: Page) -> None:
    """The report is one self-contained file; it shows the verdict, the stages and the load figures."""
    problems = opened(page, tried.healthy / "report.html")
    assert page.get_by_role("heading", level=1).inner_text() == "GO"
    assert page.get_by_role("row", name="behaviour").is_visible()
    assert page.get_by_role("heading", name="Load: steady").is_visible()
    assert page.get_by_role("row", name="/api/bookings/[id]").is_visible()
    assert problems == []


def test_report_of_a_no_go_in_a_browser(tried: Tried, page: Page) -> None:
    """The report shows the suspects and the screenshots, and its links lead to files."""
    run = (tried.work / "bank-reference-as-uuid" / "runs" / "latest").resolve()
    problems = opened(page, run / "report.html")
    assert page.get_by_role("heading", level=1).inner_text() == "NO-GO"
    assert page.get_by_text("payments → bank").first.is_visible()
    pictures = page.get_by_role("img", name="Screenshot at the failure").all()
    assert pictures
    pictures[0].scroll_into_view_if_needed()
    page.wait_for_function("() => document.images[0].naturalWidth > 300")
    for link in page.get_by_role("link").all()[:5]:
        assert (run / (link.get_attribute("href") or "?")).is_file()
    assert problems == []


def test_behave_alone_starts_the_environment_and_leaves_it_as_it_was(tmp_path: Path) -> None:
    """`behave -D env=preprod` in a fresh checkout needs no gate and no build, and stops what it had to start."""
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    for name in ("environments.yml", "environment.py", "behave.ini", "features", "steps"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, checkout / name)
    environ = {**Bench(tmp_path / "home", free_hundreds(1)[0]).environ, "GONOGO_HISTORY": f"sqlite:///{tmp_path}/history.sqlite"}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", *command], cwd=checkout, env=environ, capture_output=True,
                              text=True, timeout=120, check=False)

    done = run("behave", "-D", "env=preprod", "features/platform/front_door.feature")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "preprod is up" in done.stderr
    status = run("travel.cli", "status", "preprod")
    assert (status.returncode, status.stdout.strip()) == (1, "preprod is down")


def opened(page: Page, report: Path) -> list[str]:
    """Open the report; return the urls that it requests from servers, and the errors on its console."""
    problems: list[str] = []
    page.on("request", lambda request: problems.append(request.url) if request.url.startswith("http") else None)
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto(report.as_uri())
    return problems
