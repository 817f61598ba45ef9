"""What Locust itself lets pass is never GO, by the real gate's exit code, its last line and its verdict file.

The gate starts only one process of Locust; the loss of one worker of several is tested in tests/component/load.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from tests.e2e.conftest import Ended, Project

pytestmark = pytest.mark.alone

HIDING = ("import locust\n\n@locust.events.quitting.add_listener\ndef hide(environment, **_):\n"
          "    environment.process_exit_code = 0\n")
TWO_SHAPES = ("from locust import LoadTestShape\n\n"
              "class Quiet(LoadTestShape):\n    def tick(self):\n        return None\n\n"
              "class Storm(LoadTestShape):\n    def tick(self):\n        return (500, 500)\n")
# One profile each: what its persona does → the rule that finds it.
LOCUST_LETS_PASS = {
    "idle": ("self.environment is None and self.client.get('/ok', name='/ok')", "nothing-sent"),
    "slip": ("self.client.get('/ok', name='/ok'); raise LookupError('a slip')", "persona-error"),
    "astray": ("self.client.get('/ok', name='/else' + 'where')", "endpoint-not-reached"),
    "few": ("self.client.get('/ok', name='/ok'); import gevent; gevent.sleep(60)", "too-few-requests"),
}


def test_healthy_load_is_go(project: Project) -> None:
    """The control sends at least the required number of requests, and records its end."""
    project.environment(**project.load("visit"))
    project.profile("visit")
    ended = project.run()
    ended.assert_answer("GO")
    assert project.system.seen.count("GET /ok") >= 20
    assert (ended.run_folder / "load" / "visit" / "end.json").exists()


def test_stray_load_shapes_are_refused(project: Project) -> None:
    """Locust would silently use one of the two, and send nothing or far too much; gonogo would ignore both."""
    project.environment(**project.load("visit"))
    project.profile("visit")
    project.file("load/a_stray.py", TWO_SHAPES)
    ended = project.run()
    assert (ended.code, ended.stdout) == (2, "")
    assert "The load shape Quiet would be ignored." in ended.stderr
    assert project.system.seen == []


@pytest.fixture(scope="module")
def let_pass(make_project: Callable[[], Project]) -> Ended:
    """All of these profiles in one run of the gate, with a listener that sets Locust's exit code to 0."""
    project = make_project()
    project.environment(**project.load(*LOCUST_LETS_PASS))
    project.file("load/hiding.py", HIDING)
    for name, (task, _) in LOCUST_LETS_PASS.items():
        project.profile(name, task)
    return project.run()


def test_what_locust_lets_pass_is_inconclusive(let_pass: Ended) -> None:
    let_pass.assert_answer("INCONCLUSIVE", *{rule for _, rule in LOCUST_LETS_PASS.values()})
    assert let_pass.verdict["stages"]["load"]["passed"] == 0


@pytest.mark.parametrize("name", LOCUST_LETS_PASS)
def test_each_profile_has_its_own_reason(let_pass: Ended, name: str) -> None:
    found = {reason["rule"] for reason in let_pass.reasons if reason["title"].startswith(f"{name}: ")}
    assert found == {LOCUST_LETS_PASS[name][1]}


@pytest.mark.parametrize("path", ["/hang", "/error"])
def test_system_that_fails_under_load_is_no_go(project: Project, path: str) -> None:
    """The system never responds, or responds with 500; in addition, a listener sets Locust's exit code to 0."""
    project.environment(**project.load("visit", objectives={path: {"min_requests": 2}}))
    project.file("load/hiding.py", HIDING)
    project.profile("visit", f"self.client.get('{path}', name='{path}')")
    project.run().assert_answer("NO-GO", "error-ratio")


# Valid when the files are checked, but not when the stage loads them: only then is GONOGO_RUN_DIR set.
LATER = "import os\nif 'GONOGO_RUN_DIR' in os.environ:\n    "


@pytest.mark.parametrize(("text", "said"), [
    (LATER + "import nosuchmodule\n", "No module named 'nosuchmodule'"),
    (LATER + "os._exit(0)\n", ""),
])
def test_profile_that_can_no_longer_be_loaded_is_inconclusive(project: Project, text: str, said: str) -> None:
    """Its file raises an error, which the reason quotes, or ends the process with exit code 0."""
    project.environment(**project.load("visit"))
    project.profile("visit")
    project.file("load/visit.py", (project.root / "load/visit.py").read_text() + text)
    ended = project.run()
    ended.assert_answer("INCONCLUSIVE", "no-evidence", "exit-code-unexplained" if said else "nothing-executed")
    assert not said or said in ended.title("exit-code-unexplained")
    assert "GET /ok" not in project.system.seen


def test_load_generator_killed_during_the_run_is_inconclusive(project: Project, patiently: Callable[..., None]) -> None:
    project.environment(**project.load("visit", duration_s=60))
    project.profile("visit")
    gate = project.start()
    patiently(lambda: any(path.stat().st_size for path in project.root.glob("runs/*/load/visit/samples.ndjson")))
    (locust,) = [child for child in psutil.Process(gate.pid).children() if "locust" in child.cmdline()]
    locust.send_signal(signal.SIGKILL)
    ended = project.end(gate)
    assert ended.stopping >= {"not-finished"}
    assert (ended.code, ended.last_line) == (3, "INCONCLUSIVE")
    assert "GET /ok" in project.system.seen


DAMAGE = """
        [record] = pathlib.Path(os.environ['GONOGO_RUN_DIR']).glob('load/*/samples.ndjson')
        with record.open('a') as out:
            out.write('{"second": "no number", "failures": {"a": "b"}}\\n' + '[' * 100_000 + '\\n')
"""


def test_damaged_record_of_load_does_not_lose_what_scenarios_found(project: Project) -> None:
    """A file that cannot be read is no evidence; it ended the gate without a verdict."""
    project.environment(**{**project.load("visit"), "stages": ["behaviour", "load"],
                           "permits": {"load_users": 5, "writes": True}})
    project.feature("Feature: F\n  Scenario: S\n    When it runs assert context is None, 'it is wrong'\n")
    project.profile("visit", f"import os, pathlib; self.client.get('/ok', name='/ok')\n{DAMAGE}")
    ended = project.run("--keep-going")
    assert (ended.code, ended.last_line) == (1, "NO-GO"), ended.stderr
    assert "scenario-failed" in ended.stopping
    assert "no-evidence" in ended.stopping
    assert "The record of the load is damaged." in ended.stderr
    assert "Traceback" not in ended.stderr


def test_load_is_refused_where_none_is_permitted(project: Project) -> None:
    """As in production: a configuration error, and no request is sent, not even the gate's own probe."""
    settings = project.load("visit")
    del settings["permits"]
    project.environment(**settings)
    project.profile("visit")
    ended = project.run()
    assert (ended.code, ended.stdout) == (2, "")
    assert "may have 2 users at once; this environment permits 0" in ended.stderr
    assert project.system.seen == []
