"""Odd YAML in any file of the user is refused with its place and a fix, in bounded time; what YAML allows works."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gonogo.config import load_environment, load_release
from gonogo.config.exceptions import load_exceptions
from gonogo.config.located_yaml import MAX_DEPTH, MAX_FILE_BYTES, MAX_NODES, read_located_yaml
from gonogo.core.errors import ConfigError
from gonogo.core.numbers import whole_number

NINE = ", ".join
BOMB = "a: &a0 [x]\n" + "".join(f"a{i}: &a{i + 1} [{NINE([f'*a{i}'] * 9)}]\n" for i in range(9))
MERGE_BOMB = "a: &a0 {x: 1}\n" + "".join(f"a{i}: &a{i + 1} {{<<: [{NINE([f'*a{i}'] * 9)}]}}\n" for i in range(9))
ODD = {
    "an unknown tag": ("a: !env x", "could not determine a constructor for the tag '!env'", ":1"),
    "an unknown tag of a mapping": ("b: 1\na: !env {x: 1}", "The tag '!env' is unknown", ":2"),
    "a Python object": ("a: !!python/object/apply:os.system [id]", "The tag '!!python/object/apply:os.system' is unknown", ":1"),
    "a set": ("a: !!set {b}", "The tag '!!set' is unknown", ":1"),
    "an impossible date": ("a: 2024-13-45", "'2024-13-45' is not a valid value: month must be in 1..12", ":1"),
    "an integer without digits": ("a: !!int ''", "'' is not a valid value", ":1"),
    "a boolean of another word": ("a: !!bool x", "'x' is not a valid value", ":1"),
    "5,000 digits": ("a: " + "9" * 5000, "is not a valid value: Exceeds the limit", ":1"),
    "an endless number of minutes": ("a: " + ":".join(["59"] * 400) + ".5", "is not a valid value", ":1"),
    "an alias that contains itself": ("a: &a [*a]", "an alias that contains itself", ":1"),
    "a mapping that contains itself": ("&a {b: *a}", "an alias that contains itself", ":1"),
    "a mapping merged into itself": ("&a {<<: *a}", "an alias that contains itself", ":1"),
    "aliases of aliases": (BOMB, "whose values are too many", ""),
    "merges of merges": (MERGE_BOMB, "whose values are too many", ""),
    "100,000 brackets": ("[" * 100_000, f"nested more than {MAX_DEPTH} levels deep", ":1"),
    "100,000 braces": ("{a: " * 100_000, f"nested more than {MAX_DEPTH} levels deep", ":1"),
    "100,000 dashes": ("- " * 100_000 + "x", f"nested more than {MAX_DEPTH} levels deep", ":1"),
    "a mapping as a key": ("? [a]\n: b", "A key is a mapping or a list", ":1"),
    "a duplicate key": ("a: 1\nb: 2\na: 3", "Duplicate key 'a'", ":3"),
    "a merge of a number": ("a: {<<: 3}", "merges something that is not a mapping", ":1"),
    "two documents": ("a: 1\n---\na: 2", "is not valid YAML", ":2"),
    "a control character": ("a: \x00", "is not valid YAML", ""),
    "a huge file": ("#" * (MAX_FILE_BYTES + 1), "is larger than 1024 KiB", ""),
}
READERS = {"environments.yml": lambda path: load_environment("here", path.parent, {}),
           "release.yml": load_release,
           "exceptions.yml": lambda path: load_exceptions(path.parent, ["here"], None)}


@pytest.mark.parametrize("name", ODD)
def test_odd_yaml_is_refused_with_its_place_and_a_fix(tmp_path: Path, name: str) -> None:
    text, what, where = ODD[name]
    path = tmp_path / "any.yml"
    path.write_text(text)
    began = time.process_time()
    with pytest.raises(ConfigError) as caught:
        read_located_yaml(path, missing_fix="write it.")
    assert time.process_time() - began < 10
    assert what in caught.value.what
    assert "any.yml" + where in caught.value.where
    assert caught.value.fix and len(str(caught.value)) < 1000


@pytest.mark.parametrize("file", READERS)
@pytest.mark.parametrize("name", ["an unknown tag", "an impossible date", "an alias that contains itself", "100,000 brackets"])
def test_each_file_is_read_in_this_way(tmp_path: Path, file: str, name: str) -> None:
    (tmp_path / file).write_text(ODD[name][0])
    with pytest.raises(ConfigError) as caught:
        READERS[file](tmp_path / file)
    assert int(caught.value.exit_code) == 2


def test_merge_keys_work(tmp_path: Path) -> None:
    """A mapping's own keys win, then the first of the merged mappings; an error names the line of the anchor."""
    path = tmp_path / "any.yml"
    path.write_text("x: &x {a: 1, b: {c: 2}}\ny: &y\n  <<: *x\n  a: 3\nz: {<<: [*y, {a: 7, q: 5}], '<<<': 1}\n")
    document = read_located_yaml(path, missing_fix="")
    assert document.data == {"x": {"a": 1, "b": {"c": 2}}, "y": {"a": 3, "b": {"c": 2}},
                             "z": {"a": 3, "b": {"c": 2}, "q": 5, "<<<": 1}}
    assert (document.where(("y", "a")), document.where(("y", "b", "c"))) == ("any.yml:4: y → a", "any.yml:1: y → b → c")


def test_merge_keys_work_in_environments(tmp_path: Path) -> None:
    (tmp_path / "environments.yml").write_text(
        "defaults: {budgets: &slow {scenario_s: 90, behaviour_s: 99}}\n"
        "environments:\n  here: {url: 'http://127.0.0.1:1', budgets: {<<: *slow, behaviour_s: 100}}\n")
    budgets = load_environment("here", tmp_path, {}).budgets
    assert (budgets.scenario_s, budgets.behaviour_s) == (90, 100)


def test_unquoted_time_of_the_build_stays_as_written(tmp_path: Path) -> None:
    path = tmp_path / "release.yml"
    path.write_text(f"schema: 1\nbuilt: 2026-11-29T10:00:00Z\nimages: {{web: 'sha256:{'a' * 64}'}}\n")
    assert load_release(path).built == "2026-11-29T10:00:00Z"


def test_largest_permitted_aliases_are_read_in_seconds(tmp_path: Path) -> None:
    path = tmp_path / "any.yml"
    path.write_text("a: &a [" + "x, " * 900 + "]\nb: [" + "*a, " * (MAX_NODES // 901 - 4) + "]\n")
    began = time.process_time()
    read_located_yaml(path, missing_fix="")
    assert time.process_time() - began < 10


@pytest.mark.parametrize("text, number", [
    ("1", 1), ("007", 7), ("999999999", 999_999_999), ("²", None), ("٣", None), ("0", None), ("-1", None), ("+1", None),
    ("1.0", None), ("", None), (" 1", None), ("1_0", None), ("9" * 5000, None)])
def test_whole_number_is_ascii_digits_alone(text: str, number: int | None) -> None:
    assert whole_number(text, minimum=1) == number
