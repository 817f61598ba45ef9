"""If PreProd, the browser or the disk fails, the release is neither good nor bad: INCONCLUSIVE, with the cause."""

from __future__ import annotations

import json
import resource
import socket
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.verdicts import checked_verdict

if TYPE_CHECKING:
    from tests.e2e.conftest import Project

HEALTHY = "@read-only\nFeature: F\n  Scenario: one\n    Given it works\n"
BROWSES = ('from behave import when\n\n@when("Ada looks")\ndef looks(context):\n'
           '    context.world.person("Ada").page.goto("/")\n')


@pytest.fixture
def dead_url() -> str:
    """A url at which no server listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture
def silent_url() -> Iterator[str]:
    """A url that accepts connections and never responds."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        yield f"http://127.0.0.1:{silent.getsockname()[1]}"


@pytest.mark.parametrize(("up", "said"), [
    ("print('no such image'); raise SystemExit(4)", "no such image"),
    ("import time; time.sleep(600)", "timed out after 1 s"),
])
def test_environment_that_does_not_start(project: Project, dead_url: str, up: str, said: str) -> None:
    """Its `up` command fails or hangs; the gate runs `down`, and no process is left."""
    project.feature()
    project.file("up.py", up)
    project.file("down.py", 'open("downed", "w").close()\n')
    project.environment(dead_url, provision={"up": f"{sys.executable} up.py", "down": f"{sys.executable} down.py",
                                             "timeout_s": 1 if "sleep" in up else 20})
    ended = project.run()
    ended.assert_answer("INCONCLUSIVE", "environment-not-up", "environment-not-probed", "stage-not-run")
    assert said in ended.title("environment-not-up")
    assert (project.root / "downed").exists()
    project.assert_nothing_left()


@pytest.mark.parametrize("kind", ["dead", "silent"])
def test_url_that_never_responds(project: Project, dead_url: str, silent_url: str, kind: str) -> None:
    project.feature()
    project.environment(dead_url if kind == "dead" else silent_url)
    ended = project.run()
    ended.assert_answer("INCONCLUSIVE", "environment-not-up", "environment-not-probed", "stage-not-run")
    assert "does not answer" in ended.title("environment-not-up")


def test_test_gateway_that_is_down(project: Project, dead_url: str) -> None:
    """The bank's test gateway is not a part of the release; without it no scenario is run."""
    project.feature()
    project.environment(third_parties={"bank": {"url": dead_url}})
    ended = project.run()
    ended.assert_answer("INCONCLUSIVE", "test-gateway-down", "stage-skipped")
    assert [reason["component"] for reason in ended.reasons if reason["rule"] == "test-gateway-down"] == ["bank"]
    assert "GET /ok" not in project.system.seen


def test_browser_that_does_not_start(project: Project) -> None:
    project.environment(browser={"executable": "/bin/false"})
    project.file("steps/browser_steps.py", BROWSES)
    project.feature("@read-only\nFeature: F\n  Scenario: one\n    When Ada looks\n")
    ended = project.run()
    ended.assert_answer("INCONCLUSIVE", "browser-lost")
    assert "The browser cannot be started" in ended.title("browser-lost")


def test_deployment_during_the_run_voids_it(project: Project) -> None:
    """Even a failing scenario is then not a NO-GO, because more than one release was tested."""
    project.environment(services={"shop": {"url": project.system.url}})
    project.feature("@read-only\nFeature: F\n  Scenario: one\n    When it sends GET /deploy\n"
                    "    And it runs assert False, 'half old, half new'\n")
    ended = project.run()
    ended.assert_answer("INCONCLUSIVE", "deployed-during-run", "scenario-failed")
    assert ended.reasons[0]["rule"] == "deployed-during-run"


def test_deployment_that_is_undone_voids_the_run(project: Project, patiently: Callable[..., None]) -> None:
    """Before and after the run, the image is the same; in between, another one was tested."""
    project.environment(services={"shop": {"url": project.system.url}})
    project.feature('@read-only\nFeature: F\n  Scenario: one\n    When it sends GET /deploy\n'
                    '    And it runs while not os.path.exists("noticed"): time.sleep(0.05)\n'
                    '    And it sends GET /undo\n')
    gate = project.start()
    seen = project.system.seen
    patiently(lambda: "GET /deploy" in seen and "GET /version" in seen[seen.index("GET /deploy"):])
    project.file("noticed", "")
    ended = project.end(gate)
    ended.assert_answer("INCONCLUSIVE", "several-versions")
    assert "shop reported different images " in ended.title("several-versions")


def test_release_of_which_nothing_was_compared_is_not_go(project: Project) -> None:
    project.environment(services={"shop": {"url": project.system.url, "version": None}})
    project.feature()
    project.file("release.yml", json.dumps({"schema": 1, "images": {"shop": project.system.image}}))
    project.run().assert_answer("INCONCLUSIVE", "release-not-compared", "stage-skipped")


def test_running_image_that_is_not_the_released_one_is_no_go(project: Project) -> None:
    """The control, with versions, release.yml and platform features, is GO; the next run finds another digest."""
    project.environment(services={"shop": {"url": project.system.url}})
    project.feature()
    project.feature("@read-only\nFeature: P\n  Scenario: up\n    Given it works\n", "features/platform/a.feature")
    images = {"shop": project.system.image}
    project.file("release.yml", json.dumps({"schema": 1, "images": images}))
    good = project.run()
    good.assert_answer("GO")
    earlier = good.run_folder
    assert good.verdict["release"] == images
    project.system.image = "sha256:" + "c" * 64
    bad = project.run("--only", "platform")
    bad.assert_answer("NO-GO", "wrong-image")
    assert bad.run_folder != earlier  # runs/latest links to the newest run


def test_stage_that_exceeds_its_budget_is_inconclusive(project: Project) -> None:
    project.environment(budgets={"behaviour_s": 4})
    project.feature("@read-only\nFeature: F\n  Scenario: one\n    When it runs time.sleep(600)\n")
    ended = project.run()
    assert ended.stopping >= {"stage-timed-out", "record-not-closed"}
    assert (ended.code, ended.last_line) == (3, "INCONCLUSIVE")
    project.assert_nothing_left()


def test_out_that_is_a_file_is_reported(project: Project) -> None:
    project.feature()
    project.file("taken", "")
    ended = project.run("--out", "taken")
    assert (ended.code, ended.stdout) == (3, "")
    assert "The run folder cannot be created" in ended.stderr
    assert "--out DIR" in ended.stderr


def test_latest_that_is_a_folder_is_reported_before_anything_runs(project: Project) -> None:
    """`runs/latest` may be a folder, as after a copy of runs/ that followed the link."""
    project.feature()
    project.file("runs/latest/verdict.json", json.dumps({"verdict": "GO"}))
    ended = project.run()
    assert (ended.code, ended.stdout) == (3, "")
    assert "`latest` cannot be replaced by a link to this run" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert project.system.seen == []


@pytest.mark.parametrize("room", [2000, 9000])
def test_full_disk_is_never_go(project: Project, room: int) -> None:
    """No file may exceed `room` bytes: the report, or the record, which contains the feature, cannot be written."""
    project.feature(HEALTHY + f"\n# {'a long story ' * 1000}\n" if room > 5000 else HEALTHY)
    ended = project.end(project.start(
        before_exec=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))))
    assert ended.code == 3, ended.stderr
    assert ended.last_line in ("", "INCONCLUSIVE")
    assert "Traceback" not in ended.stderr
    verdicts = [checked_verdict(path.parent) for path in ended.runs.glob("*/verdict.json")]
    assert all(verdict["verdict"] == "INCONCLUSIVE" for verdict in verdicts)
