"""Which run is the baseline of later ones, and which of its data the history keeps. First, what never becomes one."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.history import History, RecordedRun
from gonogo.model.load import LoadBaseline
from tests.component.history.conftest import ASKED, EVIDENCE, PAID, SEARCH, TRAFFIC, kept, moment


def test_there_is_no_baseline_before_the_first_run(history: History) -> None:
    assert history.baseline("preprod") is None
    assert history.known_scenarios("preprod").seconds == {}
    assert history.environments() == []


@pytest.mark.parametrize("answer", ["NO-GO", "INCONCLUSIVE", "PARTIAL"])
def test_a_run_that_is_not_go_never_becomes_the_baseline(history: History, answer: str) -> None:
    """It cannot be promoted, and the history keeps its durations, but not its exchanges."""
    history.record(kept(answer=answer))
    assert not history.mark_promoted("r1", moment(1))
    assert history.baseline("preprod") is None
    assert history.known_scenarios("preprod").coverage == {}
    assert history.known_scenarios("preprod").seconds == {SEARCH: 1.5}


def test_only_a_go_of_its_environment_is_found_by_its_id(history: History) -> None:
    """A run that is judged again is compared with the run that it had, whatever was promoted since."""
    for day, answer in enumerate(["GO", "NO-GO", "GO"], start=1):
        history.record(kept(f"r{day}", answer=answer, day=day))
    history.mark_promoted("r3", moment(3))
    assert [history.go(run, "preprod") for run in ("r2", "r4")] == [None, None]
    assert history.go("r1", "test") is None
    found = history.go("r1", "preprod")
    assert found is not None and (found.run, found.promoted, found.traffic) == ("r1", False, TRAFFIC)


def test_a_failed_run_does_not_replace_the_last_go(history: History) -> None:
    history.record(kept("r1", day=1))
    for day, answer in enumerate(["NO-GO", "INCONCLUSIVE", "PARTIAL"], start=2):
        history.record(kept(f"r{day}", answer=answer, day=day))
    found = history.baseline("preprod")
    assert found is not None and (found.run, found.promoted) == ("r1", False)


def test_before_the_first_promotion_the_baseline_is_the_last_go(history: History) -> None:
    for day in (1, 3, 2):
        history.record(kept(f"r{day}", day=day))
    found = history.baseline("preprod")
    assert found is not None and (found.run, found.promoted) == ("r3", False)


def test_a_go_without_promotion_does_not_replace_a_promoted_run(history: History) -> None:
    for day in (1, 2, 3):
        history.record(kept(f"r{day}", day=day))
    assert history.mark_promoted("r1", moment(1))
    found = history.baseline("preprod")
    assert found is not None and (found.run, found.promoted) == ("r1", True)


def test_a_run_that_is_promoted_again_is_the_baseline_again(history: History) -> None:
    for day in (1, 2):
        history.record(kept(f"r{day}", day=day))
        history.mark_promoted(f"r{day}", moment(day))
    history.mark_promoted("r1", moment(3))
    found = history.baseline("preprod")
    assert found is not None and found.run == "r1"


def test_an_unknown_run_cannot_be_promoted(history: History) -> None:
    assert not history.mark_promoted("r1", moment(1))


def test_each_environment_has_its_own_baseline_and_durations(history: History) -> None:
    """The durations of a laptop, for example, do not apply to a cluster."""
    history.record(kept("r1", "preprod"))
    history.record(RecordedRun("r2", "test", "GO", "2026-01-02T00:00:00+00:00", seconds={SEARCH: 40.0}))
    history.mark_promoted("r2", moment(1))
    found = history.baseline("preprod")
    assert found is not None and (found.run, found.promoted) == ("r1", False)
    assert history.known_scenarios("preprod").seconds == {SEARCH: 1.5}
    assert history.known_scenarios("test").seconds == {SEARCH: 40.0}
    assert history.known_scenarios("prod").seconds == {}
    assert history.environments() == ["preprod", "test"]


def test_a_recorded_run_is_read_back_unchanged(history: History, reopened) -> None:
    history.record(kept())
    again = reopened()
    found, known = again.baseline("preprod"), again.known_scenarios("preprod")
    assert found is not None
    assert (found.images, found.traffic) == ({"flights": "sha256:r1"}, TRAFFIC)
    assert found.scenarios == {"behaviour": [SEARCH]}
    assert found.documents == {"pages": {"seen": ["r1"]}}
    assert found.load == {"mix": LoadBaseline("r1", 60, 20, 5, {"per_s": 4.0, "curve": [[0, 4]]}, EVIDENCE.buckets,
                                              EVIDENCE.probe)}
    assert (known.seconds, known.coverage, known.images) == (
        {SEARCH: 1.5}, {SEARCH: frozenset({ASKED, PAID})}, {"flights": "sha256:r1"})
    assert again.damage == ()


def test_a_later_run_can_replace_a_document_of_a_recorded_go(history: History) -> None:
    """Runs without a baseline of their own are left as they are."""
    history.record(kept())
    history.record(kept("r2", answer="NO-GO", day=2))
    for run in ("r1", "r2", "r9"):
        history.learn(run, "pages", {"seen": ["r1", run]})
    found = history.baseline("preprod")
    assert found is not None and found.documents == {"pages": {"seen": ["r1", "r1"]}}
    assert history.export_baseline("preprod").documents == found.documents


def test_thousands_of_scenarios_are_recorded_and_replaced(history: History) -> None:
    """There are more of them than a statement may have parameters, with keys of any length and script."""
    keys = [f'["f.feature","","числа {number} {"x" * 2000 if number == 7 else ""}",1]' for number in range(5_500)]
    for figure in (1.0, 2.0):
        history.record(RecordedRun(f"r{figure}", "preprod", "NO-GO", "2026-01-01T00:00:00+00:00",
                               seconds=dict.fromkeys(keys, figure)))
    assert history.known_scenarios("preprod").seconds == dict.fromkeys(keys, 2.0)


def test_the_mask_key_is_created_once_per_history(history: History, reopened, tmp_path: Path) -> None:
    key = history.mask_key()
    assert len(key) == 32 and len(set(key)) > 4
    assert reopened().mask_key() == key
    (tmp_path / "other").mkdir()
    other = History.open(tmp_path / "other", {})
    assert other.mask_key() != key
    other.close()
