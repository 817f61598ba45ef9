"""What a suite does outside of its personas counts: it is told, and never hidden behind a GO."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.component.load.conftest import Trial

pytestmark = pytest.mark.alone

Source = Callable[..., str]
SIZE = {"users": 2, "spawn_rate": 10, "duration_s": 1.5, "extend": False,
        "objectives": {"/ok": {"p95_ms": 900, "error_ratio": 0.5}}}
IMPORTS = "from locust import FastHttpUser, HttpUser, LoadTestShape, constant, events, task\n"
LISTENERS = '''
@events.test_start.add_listener
def seed(environment, **_):
    raise RuntimeError("no data\\x1b[2J")

@events.request.add_listener
def count(**_):
    raise KeyError("request")

@events.test_stop.add_listener
def clean(environment, **_):
    raise OSError("not cleaned")

class Careless(FastHttpUser):
    wait_time = constant(0.1)

    @task
    def look(self):
        self.client.get("/ok", catch_response=True)

class Slow(HttpUser):
    wait_time = constant(0.1)

    @task
    def look(self):
        self.client.get("/wrong", catch_response=True)

profile("careless", personas={Careless: 1, Slow: 1, Visitor: 1})
'''


def test_listeners_that_raise_and_answers_without_with_are_inconclusive(trial: Trial, visitor: Source) -> None:
    """Locust logs the first, and counts the second nowhere."""
    trial.environments({"careless": {**SIZE, "users": 3, "objectives": {"*": {"p95_ms": 900, "error_ratio": 0.5}}}})
    trial.file("visit.py", visitor() + IMPORTS + LISTENERS)
    ended = trial.run()
    assert ended.code == 3, ended.stderr
    assert ended.last_line.startswith("load careless: INCONCLUSIVE  error of the suite's own code (")
    errors = ended.evidence.user_errors
    starts = [error.partition(": ")[0].partition(" (")[0] for error in errors]
    assert sorted(starts) == ["/ok", "/wrong", "listener of request", "listener of test_start", "listener of test_stop"]
    assert "(load/visit.py:" in next(error for error in errors if "test_start" in error)
    assert "\x1b" not in ended.stdout


QUITTING = "\n@events.quitting.add_listener\ndef own(environment, **_):\n    "


@pytest.mark.parametrize("code, last", [
    ("environment.process_exit_code = 1", "the suite set Locust's exit code to 1"),
    ("raise ValueError('late')", "listener of quitting (load/visit.py:"),
])
def test_what_listeners_do_at_the_end_counts(trial: Trial, visitor: Source, code: str, last: str) -> None:
    """By an exit code of its own, as in Locust's documentation, a suite can only make a result worse."""
    trial.environments({"visit": SIZE})
    trial.file("visit.py", f"{visitor()}{IMPORTS}{QUITTING}{code}\n")
    ended = trial.run("--stop-timeout", "3", "--exit-code-on-error", "7")
    assert ended.code == 3, ended.stderr
    assert ended.last_line.startswith(f"load visit: INCONCLUSIVE  {last}")
    assert "--stop-timeout is ignored: the profile's `grace_s`" in ended.stderr
    assert "--exit-code-on-error is ignored" in ended.stderr


def test_personas_of_an_imported_mapping_are_run(trial: Trial, visitor: Source) -> None:
    """A listener that sets exit code 0 changes nothing."""
    trial.environments({"visit": SIZE})
    trial.file("__init__.py", "")
    trial.file("_people.py", visitor("other") + "DAY = {Visitor: 1}\n")
    trial.file("visit.py", "from gonogo.load.suite import profile\nfrom load._people import DAY\nprofile('visit', personas=DAY)\n"
               f"{IMPORTS}{QUITTING}environment.process_exit_code = 0\n")
    ended = trial.run()
    assert (ended.code, ended.last_line) == (0, "load visit: GO"), ended.stderr
