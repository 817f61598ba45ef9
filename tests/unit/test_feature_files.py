"""The scenarios that feature files declare, including those that behave would not select."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.config.features import DeclaredScenario, declared_scenarios, read_stage
from gonogo.core.errors import ConfigError
from gonogo.model.identity import ScenarioId

CASES = {
    "an outline whose examples have no rows": ("Scenario Outline: o\n    Given <x>\n    Examples:\n      | x |\n", {2: "o"}),
    "an outline without examples": ("Scenario Outline: o\n    Given <x>\n", {2: "o"}),
    "the rows of all examples of an outline": (
        "Scenario Outline: o\n    Given <x>\n    Examples:\n      | x |\n      | 1 |\n"
        "    Examples:\n      | x |\n      | 2 |\n", {6: "o", 9: "o"}),
    "a scenario without steps": ("Scenario: s\n", {2: "s"}),
    "a scenario in a rule with a background": (
        "Rule: r\n    Background:\n      Given b\n    Scenario: s\n      Given a\n", {5: "s"}),
    "a scenario that is commented out": ("# Scenario: s\n", {}),
}


def places(found: list[DeclaredScenario]) -> dict[str, str]:
    return {each.location: each.id.name for each in found}


@pytest.mark.parametrize(("text", "found"), CASES.values(), ids=CASES.keys())
def test_declared_scenarios(tmp_path: Path, text: str, found: dict[int, str]) -> None:
    (tmp_path / "features" / "a").mkdir(parents=True)
    (tmp_path / "features" / "a" / "f.feature").write_text(f"Feature: F\n  {text}")
    assert places(declared_scenarios(tmp_path, ["features/a"])) == {f"features/a/f.feature:{n}": s for n, s in found.items()}


def test_path_may_be_a_single_file(tmp_path: Path) -> None:
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "f.feature").write_text("Feature: F\n  Scenario: s\n    Given a\n")
    assert places(declared_scenarios(tmp_path, ["features/f.feature"])) == {"features/f.feature:2": "s"}


def test_empty_file_has_no_scenarios(tmp_path: Path) -> None:
    (tmp_path / "f.feature").touch()
    assert declared_scenarios(tmp_path, ["f.feature"]) == []


EMPTY = {
    "an empty file": ("", [("no-scenarios", "features/f.feature")]),
    "a comment": ("# Feature: F\n", [("no-scenarios", "features/f.feature")]),
    "a feature": ("\nFeature: F\n", [("no-scenarios", "features/f.feature:2")]),
    "a feature with a background": ("Feature: F\n  Background:\n    Given b\n", [("no-scenarios", "features/f.feature:1")]),
    "a feature with empty rules": ("Feature: F\n  Rule: a\n  Rule: b\n", [("no-scenarios", "features/f.feature:1")]),
    "a rule beside another": (
        "Feature: F\n  Rule: a\n    Scenario: s\n      Given a\n  Rule: b\n", [("no-scenarios", "features/f.feature:5")]),
    "examples beside others": (
        "Feature: F\n  Scenario Outline: o\n    Given <x>\n    Examples:\n      | x |\n      | 1 |\n"
        "    Examples:\n      | x |\n    Examples:\n", [("no-rows", "features/f.feature:7"), ("no-rows", "features/f.feature:9")]),
    "nothing that is empty": ("Feature: F\n  Scenario: s\n    Given a\n", []),
}


@pytest.mark.parametrize(("text", "found"), EMPTY.values(), ids=EMPTY)
def test_places_without_scenarios_are_found(tmp_path: Path, text: str, found: list[tuple[str, str]]) -> None:
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "f.feature").write_text(text)
    _, empty = read_stage(tmp_path, "behaviour")
    assert [(each.cause, each.location) for each in empty] == found


def test_files_with_another_suffix_are_found_in_their_stage(tmp_path: Path) -> None:
    """behave reads only files whose suffix is in lower case."""
    (tmp_path / "features" / "platform").mkdir(parents=True)
    for name in ("a.FEATURE", "platform/b.Feature", "c.features", "d.md"):
        (tmp_path / "features" / name).touch()
    assert [[each.location for each in read_stage(tmp_path, stage)[1]] for stage in ("behaviour", "platform")] == [
        ["features/a.FEATURE"], ["features/platform/b.Feature"]]


TAGGED = {
    "its own tag": ("@under-load\n  Scenario: s\n    Given a\n", {3: "s"}),
    "a longer tag with the same beginning": ("@under-load-not\n  Scenario: s\n    Given a\n", {}),
    "the tag of its rule": ("@under-load\n  Rule: r\n    Scenario: s\n      Given a\n", {4: "s"}),
    "the tag of one of an outline's examples": (
        "Scenario Outline: o\n    Given <x>\n    @under-load\n    Examples:\n      | x |\n      | 1 |\n"
        "    Examples:\n      | x |\n      | 2 |\n", {7: "o"}),
}


@pytest.mark.parametrize(("text", "found"), TAGGED.values(), ids=TAGGED.keys())
def test_tag_selects_scenarios(tmp_path: Path, text: str, found: dict[int, str]) -> None:
    """A tag applies to everything below it."""
    (tmp_path / "f.feature").write_text(f"Feature: F\n  {text}")
    assert places(declared_scenarios(tmp_path, ["f.feature"], tag="under-load")) == {f"f.feature:{n}": s for n, s in found.items()}


def test_tag_of_the_feature_applies_to_all_scenarios(tmp_path: Path) -> None:
    (tmp_path / "f.feature").write_text("@under-load\nFeature: F\n  Scenario: s\n    Given a\n")
    assert places(declared_scenarios(tmp_path, ["f.feature"], tag="under-load")) == {"f.feature:3": "s"}


def test_syntax_error_is_reported_with_its_place(tmp_path: Path) -> None:
    """The gate reports the error before it starts anything, so behave does not find it during the run."""
    (tmp_path / "f.feature").write_text("Feature: F\n  Scenario: s\n    Given a\n    Nonsense\n")
    with pytest.raises(ConfigError, match="does not parse") as raised:
        declared_scenarios(tmp_path, ["f.feature"])
    assert raised.value.where == "f.feature:4"


FEATURE = """\
Feature: F
  Scenario: pays
    Given a
  Scenario: pays
    Given b
  Scenario Outline: pays <sum>
    Given <sum>
    Examples:
      | sum |
      | 1   |
      | 2   |
    Examples: again
      | sum |
      | 1   |
  Rule: abroad
    Scenario: pays
      Given a
  Scenario: платит
    Given a
  Scenario: 支払う
    Given a
"""


def ids_in(tmp_path: Path, text: str) -> list[ScenarioId]:
    (tmp_path / "f.feature").write_text(text, encoding="utf-8")
    return [each.id for each in declared_scenarios(tmp_path, ["f.feature"])]


def test_no_two_scenarios_share_an_id_a_key_or_a_digest(tmp_path: Path) -> None:
    """Ids differ even for equal names, names without Latin letters, and rows with equal cells."""
    found = ids_in(tmp_path, FEATURE)
    assert found == [
        ScenarioId("f.feature", "", "pays", 1), ScenarioId("f.feature", "", "pays", 2),
        ScenarioId("f.feature", "", "pays <sum>", 1, (("sum", "1"),), 1),
        ScenarioId("f.feature", "", "pays <sum>", 1, (("sum", "2"),), 1),
        ScenarioId("f.feature", "", "pays <sum>", 1, (("sum", "1"),), 2),
        ScenarioId("f.feature", "abroad", "pays", 1),
        ScenarioId("f.feature", "abroad", "платит", 1), ScenarioId("f.feature", "abroad", "支払う", 1)]
    assert len({each.key for each in found}) == len({each.digest for each in found}) == len(found)


def test_comment_or_row_above_does_not_change_an_id(tmp_path: Path) -> None:
    """A scenario keeps its history if only its line has changed."""
    before = ids_in(tmp_path, FEATURE)
    after = ids_in(tmp_path, FEATURE.replace("  Scenario: pays\n    Given b", "  # why\n\n  Scenario: pays\n    Given b")
                   .replace("      | 2   |\n", "      | 3   |\n      | 2   |\n"))
    assert set(before) < set(after)


@pytest.mark.parametrize("which", [ScenarioId("f.feature", "r", 'a "b" [1]', 2),
                                   ScenarioId("f.feature", "", "<x>", 1, (("x", "|"), ("y", "")), 3)])
def test_key_is_parsed_back(which: ScenarioId) -> None:
    assert ScenarioId.from_key(which.key) == which


@pytest.mark.parametrize("key", ["", "a.feature:3", "[]", '["f","","n"]', '["f","","n",1,[["x"]],1]', "[1,2,3,4]x"])
def test_invalid_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="not the key of a scenario"):
        ScenarioId.from_key(key)


def test_doc_string_in_single_quotes_is_read(tmp_path: Path) -> None:
    """As behave reads it; the other marks are text in it, and it is text in them."""
    (tmp_path / "f.feature").write_text(
        "Feature: F\n  Scenario: s\n    Given a\n      '''\n      Scenario: t\n      \"\"\"\n      '''\n    Given b\n"
        "      \"\"\"\n      '''\n      \"\"\"\n  Scenario: u\n    Given c\n")
    assert places(declared_scenarios(tmp_path, ["f.feature"])) == {"f.feature:2": "s", "f.feature:12": "u"}
