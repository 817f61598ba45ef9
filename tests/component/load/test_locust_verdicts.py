"""Locust's own exit code is green where it should not be; ours follows the profile's objectives."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.component.load.conftest import Trial

Source = Callable[..., str]
NEAR = {"p95_ms": 90, "error_ratio": 0.05, "min_requests": 60}


def size(path: str = "/ok", **changes: object) -> dict[str, object]:
    return {"users": 2, "spawn_rate": 10, "duration_s": 2, "grace_s": 1, "objectives": {path: NEAR}, **changes}


def test_objectives_met_is_go(trial: Trial, visitor: Source) -> None:
    """A plain `locust -f load/ --headless` runs the default profile of the only environment that permits load."""
    trial.environments({"visit": size()})
    trial.file("visit.py", visitor())
    ended = trial.run()
    assert (ended.code, ended.last_line) == (0, "load visit: GO"), ended.stderr
    evidence = ended.evidence
    assert evidence.finished
    assert evidence.peak_users == 2
    assert evidence.requests == trial.target.seen["/ok"]
    assert evidence.endpoints[0].latencies.percentile(50) != round(evidence.endpoints[0].latencies.percentile(50))


def test_failures_are_no_go(trial: Trial, visitor: Source) -> None:
    trial.environments({"visit": size("/error")})
    trial.file("visit.py", visitor(path="/error"))
    ended = trial.run()
    assert ended.code == 1
    assert re.fullmatch(r"load visit: NO-GO  /error error ratio .* (\d+) of \1 requests\); .*: status 500", ended.last_line)


def test_wrong_body_with_status_200_is_no_go(trial: Trial, visitor: Source) -> None:
    trial.environments({"visit": size("/wrong")})
    trial.file("visit.py", visitor(path="/wrong"))
    ended = trial.run()
    assert ended.code == 1
    assert "the body is not as it should be" in ended.last_line


def test_percentiles_are_not_rounded(trial: Trial, visitor: Source) -> None:
    """Locust shows 104 ms as 100: an objective of 102 ms would seem to be met."""
    objective = {"p95_ms": 102, "error_ratio": 0.05, "min_requests": 60}
    trial.environments({"visit": size("/slow", users=8, objectives={"/slow": objective})})
    trial.file("visit.py", visitor(path="/slow"))
    ended = trial.run()
    assert ended.code == 1
    assert re.search(r"/slow p95 [\d.]+ ms > 102 ms", ended.last_line)


def test_server_that_never_answers_is_no_go(trial: Trial, visitor: Source) -> None:
    """Stock Locust leaves no statistics at all here, and exit code 0."""
    trial.environments({"visit": size("/hang", objectives={"/hang": {"min_requests": 2}})})
    trial.file("visit.py", visitor(path="/hang"))
    ended = trial.run()
    assert ended.code == 1
    assert ended.evidence.endpoints[0].failures == {"no answer by the end of the run": 2}


def test_request_under_way_at_the_end_may_still_be_answered(trial: Trial, visitor: Source) -> None:
    """The end of a run cuts off no request that would have been answered within the grace."""
    trial.environments({"visit": size("/slow", users=8, objectives={"/slow": {"p95_ms": 500, "error_ratio": 0.05}})})
    trial.file("visit.py", visitor(path="/slow"))
    ended = trial.run()
    assert ended.code == 0, ended.stderr
    assert ended.evidence.requests == trial.target.seen["/slow"]


def test_nothing_sent_is_inconclusive(trial: Trial, visitor: Source) -> None:
    trial.environments({"visit": size()})
    trial.file("visit.py", visitor(task="self.environment is None and self.client.get('/ok', name='/ok')"))
    ended = trial.run()
    assert (ended.code, ended.last_line) == (3, "load visit: INCONCLUSIVE  no request was sent")


def test_objective_never_reached_is_inconclusive(trial: Trial, visitor: Source) -> None:
    trial.environments({"visit": size(objectives={"/ok": NEAR, "/elsewhere": {"p95_ms": 100}})})
    trial.file("visit.py", visitor(task="self.client.get('/ok', name='/ok')\n"
                                   "        self.environment is None and self.client.get('/elsewhere', name='/elsewhere')"))
    ended = trial.run()
    assert ended.code == 3
    assert "/elsewhere has an objective but was not requested" in ended.last_line


@pytest.mark.parametrize("path, code", [("/ok", 3), ("/error", 1)])
def test_no_listener_can_hide_what_went_wrong(trial: Trial, visitor: Source, path: str, code: int) -> None:
    """A listener of the suite that sets the exit code to 0 at the very end hides neither errors nor failures."""
    trial.environments({"visit": size(path)})
    raising = f'self.client.get("{path}", name="{path}"); raise LookupError("a slip of the persona")'
    trial.file("visit.py", "import locust\n\n@locust.events.quitting.add_listener\ndef hide(environment, **_):\n"
               "    environment.process_exit_code = 0\n" + visitor(task=raising))
    ended = trial.run()
    assert ended.code == code
    assert ended.evidence.user_errors.keys() == {"Visitor: LookupError: a slip of the persona"}


def test_trial_of_another_size_proves_nothing(trial: Trial, visitor: Source) -> None:
    """-u, -r and -t are for trying a profile out: no promotion on fewer users than it asks for."""
    trial.environments({"visit": size()})
    trial.file("visit.py", visitor())
    ended = trial.run("-u", "1", "-t", "1s")
    assert ended.code == 3
    assert "planned with 1 user, 10 started per second, 1 s; the profile has 2 users" in ended.last_line


def test_slower_arrival_than_the_profile_asks_for_proves_nothing(trial: Trial, visitor: Source) -> None:
    """A variable that was left behind lets the users come so slowly that they are all there at the end alone."""
    trial.environments({"visit": size()})
    trial.file("visit.py", visitor())
    ended = trial.run(LOCUST_SPAWN_RATE="1.1")
    assert ended.code == 3
    assert "planned with 2 users, 1.1 started per second" in ended.last_line


def test_users_that_leave_early_prove_nothing(trial: Trial, visitor: Source) -> None:
    """All came, enough was sent, and all was well; but for most of the time nobody was there."""
    trial.environments({"visit": size(duration_s=3)})
    trial.file("visit.py", "from locust.exception import StopUser\n" + visitor(
        task="[self.client.get('/ok', name='/ok') for _ in range(60)]; raise StopUser"))
    ended = trial.run()
    assert (ended.code, ended.last_line) == (
        3, "load visit: INCONCLUSIVE  2 of 2 users stopped before the end")


def test_only_the_chosen_profile_runs(trial: Trial, visitor: Source) -> None:
    """Neither another file's personas, nor a stray user class, nor a shape that lies about are met by accident."""
    trial.environments({"visit": size(), "other": size("/other")})
    trial.file("visit.py", visitor())
    trial.file("a_other.py", visitor("other", "/other", persona="Other"))
    trial.file("stray.py", "from locust import HttpUser, LoadTestShape, task\n\n"
               "class Stray(HttpUser):\n    @task\n    def go(self):\n        self.client.get('/stray')\n\n"
               "class Storm(LoadTestShape):\n    def tick(self):\n        return None\n")
    ended = trial.run(GONOGO_PROFILE="visit")
    assert ended.code == 0, ended.stderr
    assert set(trial.target.seen) == {"/ok"}


def test_ramp_brings_all_users_and_one_file_suffices(trial: Trial, visitor: Source) -> None:
    trial.environments({"visit": size(users=4)})
    trial.file("visit.py", visitor(shape="ramp"))
    ended = trial.run("--env", "here", "--profile", "visit", files="load/visit.py")
    assert ended.code == 0, ended.stderr
    assert ended.evidence.peak_users == 4


def test_stock_user_class_is_watched_as_well(trial: Trial) -> None:
    """A persona may be any Locust user: its unanswered requests count too."""
    trial.environments({"visit": size("/hang", objectives={"/hang": {"min_requests": 2}})})
    trial.file("visit.py", "from locust import HttpUser, task\nfrom gonogo.load.suite import profile\n\n"
               "class Visitor(HttpUser):\n    @task\n    def go(self):\n        self.client.get('/hang')\n\n"
               "profile('visit', personas={Visitor: 1})\n")
    ended = trial.run()
    assert ended.code == 1
    assert ended.evidence.endpoints[0].failures == {"no answer by the end of the run": 2}
