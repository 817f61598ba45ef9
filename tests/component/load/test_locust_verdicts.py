"""Locust's own exit code is 0 where it should not be; gonogo's follows the objectives of the profile."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.component.load.conftest import Trial

pytestmark = pytest.mark.alone

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
    """Locust shows 104 ms as 100: an objective of 102 ms would appear to be met."""
    objective = {"p95_ms": 102, "error_ratio": 0.05, "min_requests": 60}
    trial.environments({"visit": size("/slow", users=8, objectives={"/slow": objective})})
    trial.file("visit.py", visitor(path="/slow"))
    ended = trial.run()
    assert ended.code == 1
    assert re.search(r"/slow p95 [\d.]+ ms > 102 ms", ended.last_line)


def test_server_that_never_answers_is_no_go(trial: Trial, visitor: Source) -> None:
    """Stock Locust leaves no statistics at all here, and exits with 0."""
    trial.environments({"visit": size("/hang", objectives={"/hang": {"min_requests": 2}})})
    trial.file("visit.py", visitor(path="/hang"))
    ended = trial.run()
    assert ended.code == 1
    assert ended.evidence.endpoints[0].failures == {"no answer by the end of the run": 2}


def test_pending_requests_may_finish_after_the_end(trial: Trial, visitor: Source) -> None:
    """The end of a run cuts off no request that would have been answered within the grace period."""
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


def test_objective_without_requests_is_inconclusive(trial: Trial, visitor: Source) -> None:
    trial.environments({"visit": size(objectives={"/ok": NEAR, "/elsewhere": {"p95_ms": 100}})})
    trial.file("visit.py", visitor(task="self.client.get('/ok', name='/ok')\n"
                                   "        self.environment is None and self.client.get('/elsewhere', name='/elsewhere')"))
    ended = trial.run()
    assert ended.code == 3
    assert "/elsewhere has an objective but was not requested" in ended.last_line


@pytest.mark.parametrize("path, code", [("/ok", 3), ("/error", 1)])
def test_no_listener_can_hide_errors_or_failures(trial: Trial, visitor: Source, path: str, code: int) -> None:
    """A listener of the suite sets the exit code to 0 at the very end, without effect on the verdict."""
    trial.environments({"visit": size(path)})
    raising = f'self.client.get("{path}", name="{path}"); raise LookupError("a slip of the persona")'
    trial.file("visit.py", "import locust\n\n@locust.events.quitting.add_listener\ndef hide(environment, **_):\n"
               "    environment.process_exit_code = 0\n" + visitor(task=raising))
    ended = trial.run()
    assert ended.code == code
    assert ended.evidence.user_errors.keys() == {"Visitor: LookupError: a slip of the persona"}


def test_run_of_another_size_is_inconclusive(trial: Trial, visitor: Source) -> None:
    """-u, -r and -t are for trials of a profile: fewer users than it has are not enough for a promotion."""
    trial.environments({"visit": size()})
    trial.file("visit.py", visitor())
    ended = trial.run("-u", "1", "-t", "1s")
    assert ended.code == 3
    assert "planned with 1 user, 10 started per second, 1 s; the profile has 2 users" in ended.last_line


def test_slower_spawn_rate_than_planned_is_inconclusive(trial: Trial, visitor: Source) -> None:
    """A leftover variable starts the users so slowly that all of them are active only at the end."""
    trial.environments({"visit": size()})
    trial.file("visit.py", visitor())
    ended = trial.run(LOCUST_SPAWN_RATE="1.1")
    assert ended.code == 3
    assert "planned with 2 users, 1.1 started per second" in ended.last_line


def test_users_that_stop_early_are_inconclusive(trial: Trial, visitor: Source) -> None:
    """All users started, and enough requests succeeded; but for most of the time no user was active."""
    trial.environments({"visit": size(duration_s=3)})
    trial.file("visit.py", "from locust.exception import StopUser\n" + visitor(
        task="[self.client.get('/ok', name='/ok') for _ in range(60)]; raise StopUser"))
    ended = trial.run()
    assert (ended.code, ended.last_line) == (
        3, "load visit: INCONCLUSIVE  2 of 2 users stopped before the end")


def test_only_the_chosen_profile_runs(trial: Trial, visitor: Source) -> None:
    """Personas of another file and a stray user class do not run by accident."""
    trial.environments({"visit": size(), "other": size("/other")})
    trial.file("visit.py", visitor())
    trial.file("a_other.py", visitor("other", "/other", persona="Other"))
    trial.file("stray.py", "from locust import HttpUser, task\n\n"
               "class Stray(HttpUser):\n    @task\n    def go(self):\n        self.client.get('/stray')\n")
    ended = trial.run(GONOGO_PROFILE="visit")
    assert ended.code == 0, ended.stderr
    assert set(trial.target.seen) == {"/ok"}


def test_ramp_in_a_single_file_starts_all_users(trial: Trial, visitor: Source) -> None:
    trial.environments({"visit": size(users=4)})
    trial.file("visit.py", visitor(shape="ramp"))
    ended = trial.run("--env", "here", "--profile", "visit", files="load/visit.py")
    assert ended.code == 0, ended.stderr
    assert ended.evidence.peak_users == 4


def test_stock_user_class_is_measured_too(trial: Trial) -> None:
    """A persona may be any Locust user class: its unanswered requests count too."""
    trial.environments({"visit": size("/hang", objectives={"/hang": {"min_requests": 2}})})
    trial.file("visit.py", "from locust import HttpUser, task\nfrom gonogo.load.suite import profile\n\n"
               "class Visitor(HttpUser):\n    @task\n    def go(self):\n        self.client.get('/hang')\n\n"
               "profile('visit', personas={Visitor: 1})\n")
    ended = trial.run()
    assert ended.code == 1
    assert ended.evidence.endpoints[0].failures == {"no answer by the end of the run": 2}
