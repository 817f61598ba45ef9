"""A run that is ended from outside closes its record and is not a success; runs of the web UI get a verdict too."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from gonogo.records.load_reader import read_load_evidence

if TYPE_CHECKING:
    from tests.component.load.conftest import Trial

pytestmark = pytest.mark.alone

Source = Callable[..., str]


def size(**changes: object) -> dict[str, object]:
    return {"users": 2, "spawn_rate": 10, "duration_s": 60, **changes,
            "objectives": {"/ok": {"p95_ms": 500, "error_ratio": 0.05}}}


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_signal_closes_the_record(trial: Trial, visitor: Source, ending: signal.Signals) -> None:
    trial.environments({"visit": size()})
    trial.file("visit.py", visitor())
    child = trial.start("-f", "load/", "--headless")
    trial.wait_for_samples()
    child.send_signal(ending)
    ended = trial.end(child)
    assert ended.code == 3, ended.stderr
    assert "the run ended after " in ended.last_line
    assert not ended.evidence.finished
    assert ended.evidence.requests
    (end,) = trial.root.glob("runs/*/load/visit/end.json")
    assert json.loads(end.read_text())["reason"].startswith("the run was stopped after ")


def test_server_that_does_not_listen_is_inconclusive(trial: Trial, visitor: Source) -> None:
    trial.environments({"visit": size(duration_s=2)})
    trial.file("visit.py", visitor())
    trial.target.close()
    ended = trial.run()
    assert ended.code == 3, ended.stderr
    assert "No server listens at" in ended.stderr
    assert "  fix: " in ended.stderr
    assert "Traceback" not in ended.stderr


def test_killed_generator_keeps_its_record_so_far(trial: Trial, visitor: Source) -> None:
    """The record is written during the run: SIGKILL loses only the last second and the end."""
    trial.environments({"visit": size()})
    trial.file("visit.py", visitor())
    child = trial.start("-f", "load/", "--headless")
    trial.wait_for_samples()
    child.kill()
    evidence = trial.end(child).evidence
    assert not evidence.finished
    assert evidence.requests


def test_run_folder_of_the_gate_is_used_once(trial: Trial, visitor: Source) -> None:
    trial.environments({"visit": size(duration_s=2)})
    trial.file("visit.py", visitor())
    folder = trial.root / "run"
    first, second = (trial.run(GONOGO_RUN_DIR=str(folder)) for _ in range(2))
    assert first.code == 0, first.stderr
    assert read_load_evidence(folder / "load" / "visit").finished
    assert second.code == 3
    assert "already has a record here" in second.stderr


def test_web_interface_runs_the_profile_too(trial: Trial, visitor: Source) -> None:
    trial.environments({"visit": size(duration_s=2)})
    trial.file("visit.py", visitor())
    ended = trial.end(trial.start("-f", "load/", "--autostart", "--autoquit", "0", "--web-host", "127.0.0.1",
                                  "--web-port", "0"))
    assert (ended.code, ended.last_line) == (0, "load visit: GO"), ended.stderr
    assert ended.evidence.peak_users == 2
