"""Every refusal comes before the first request, with exit code 2 and a fix."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.component.load.conftest import Trial

pytestmark = pytest.mark.alone

Source = Callable[..., str]
SIZE = {"users": 2, "spawn_rate": 10, "duration_s": 2, "objectives": {"/ok": {"p95_ms": 90}}}


@pytest.mark.parametrize("arguments, told", [
    (["--env", "closed"], "The environment 'closed' permits no load."),
    (["--env", "nowhere"], "environments in this file: here, closed."),
    (["--profile", "visits"], "profiles here: visit."),
    (["--users", "11"], "has up to 11 concurrent users; the environment permits 10."),
    (["--host", "http://127.0.0.1:9"], "The host http://127.0.0.1:9 is not that of the environment."),
    (["--tags", "some"], "--tags would override the profile"),
    (["Visitor"], "Naming user classes would override the profile"),
    (["--processes", "2", "--master-bind-port", "0", "--env", "closed"], "The environment 'closed' permits no load."),
])
def test_invalid_command_line_is_refused(trial: Trial, visitor: Source, arguments: list[str], told: str) -> None:
    trial.environments({"visit": SIZE})
    trial.file("visit.py", visitor())
    ended = trial.run(*arguments)
    assert ended.code == 2, ended.stderr
    assert told in ended.stderr
    assert "  fix: " in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not trial.target.seen


@pytest.mark.parametrize("files, told", [
    ({"a/visit.py": {}, "b/visit.py": {"persona": "Visitor2"}}, "Two files declare the load profile 'visit'."),
    ({"a/visit.py": {}, "b/visit.py": {"name": "other"}}, "Two personas are named Visitor"),
    ({"other.py": {"name": "other"}}, "No file declares the load profile 'visit'."),
])
def test_ambiguous_or_missing_profile_is_refused(trial: Trial, visitor: Source, files: dict[str, dict[str, str]],
                                                 told: str) -> None:
    """Stock Locust silently drops one of two user classes with the same name, and runs the rest."""
    trial.environments({"visit": SIZE})
    for name, source in files.items():
        (trial.root / "load" / name).parent.mkdir(exist_ok=True)
        trial.file(name, visitor(**source))
    ended = trial.run()
    assert ended.code == 2, ended.stderr
    assert told in ended.stderr
    assert not trial.target.seen


def test_profile_without_size_is_refused(trial: Trial, visitor: Source) -> None:
    trial.environments({"visit": SIZE})
    trial.file("other.py", visitor("other"))
    ended = trial.run("--profile", "other")
    assert ended.code == 2
    assert "The load profile 'other' has no size and no objectives in 'here'." in ended.stderr
    assert not trial.target.seen


def test_duration_too_short_for_all_users_is_refused(trial: Trial, visitor: Source) -> None:
    trial.environments({"visit": {**SIZE, "users": 10, "spawn_rate": 5}})
    trial.file("visit.py", visitor())
    ended = trial.run()
    assert ended.code == 2
    assert "ends before its 10 users have started" in ended.stderr
    assert not trial.target.seen
