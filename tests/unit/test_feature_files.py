"""The scenarios that stand in the features, whatever behave would select of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.stages.feature_files import standing_scenarios

CASES = {
    "an outline whose examples have no row": ("Scenario Outline: o\n    Given <x>\n    Examples:\n      | x |\n", {2: "o"}),
    "an outline without examples": ("Scenario Outline: o\n    Given <x>\n", {2: "o"}),
    "an outline's rows, of all its examples": (
        "Scenario Outline: o\n    Given <x>\n    Examples:\n      | x |\n      | 1 |\n"
        "    Examples:\n      | x |\n      | 2 |\n", {6: "o", 9: "o"}),
    "a scenario without steps": ("Scenario: s\n", {2: "s"}),
    "a scenario of a rule, beside its background": (
        "Rule: r\n    Background:\n      Given b\n    Scenario: s\n      Given a\n", {5: "s"}),
    "a scenario that is commented out": ("# Scenario: s\n", {}),
    "a file that does not parse": ("Scenario: s\n    Given a\n    Nonsense\n", {}),
}


@pytest.mark.parametrize(("text", "found"), CASES.values(), ids=CASES.keys())
def test_standing(tmp_path: Path, text: str, found: dict[int, str]) -> None:
    (tmp_path / "features" / "a").mkdir(parents=True)
    (tmp_path / "features" / "a" / "f.feature").write_text(f"Feature: F\n  {text}")
    assert standing_scenarios(tmp_path, ["features/a"]) == {f"features/a/f.feature:{n}": s for n, s in found.items()}


def test_file_is_named_itself(tmp_path: Path) -> None:
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "f.feature").write_text("Feature: F\n  Scenario: s\n    Given a\n")
    assert standing_scenarios(tmp_path, ["features/f.feature"]) == {"features/f.feature:2": "s"}


def test_empty_file_has_none(tmp_path: Path) -> None:
    (tmp_path / "f.feature").touch()
    assert standing_scenarios(tmp_path, ["f.feature"]) == {}


TAGGED = {
    "one of its own": ("@under-load\n  Scenario: s\n    Given a\n", {3: "s"}),
    "one of another name": ("@under-load-not\n  Scenario: s\n    Given a\n", {}),
    "that of its rule": ("@under-load\n  Rule: r\n    Scenario: s\n      Given a\n", {4: "s"}),
    "that of some of an outline's rows": (
        "Scenario Outline: o\n    Given <x>\n    @under-load\n    Examples:\n      | x |\n      | 1 |\n"
        "    Examples:\n      | x |\n      | 2 |\n", {7: "o"}),
}


@pytest.mark.parametrize(("text", "found"), TAGGED.values(), ids=TAGGED.keys())
def test_tag_chooses(tmp_path: Path, text: str, found: dict[int, str]) -> None:
    """A tag holds for all that stands below it."""
    (tmp_path / "f.feature").write_text(f"Feature: F\n  {text}")
    assert standing_scenarios(tmp_path, ["f.feature"], tag="under-load") == {f"f.feature:{n}": s for n, s in found.items()}


def test_tag_of_the_feature_holds_for_all(tmp_path: Path) -> None:
    (tmp_path / "f.feature").write_text("@under-load\nFeature: F\n  Scenario: s\n    Given a\n")
    assert standing_scenarios(tmp_path, ["f.feature"], tag="under-load") == {"f.feature:3": "s"}
