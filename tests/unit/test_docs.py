"""The documentation matches the code: keys, commands, exit codes, packages, links and breaks."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from breaks.catalogue import OWN_CATALOGUE, read_catalogue
from gonogo.config import exceptions, load_model, model
from gonogo.core.exit_codes import ExitCode
from gonogo.model.exceptions import WAIVABLE

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def keys_of(*modules: ModuleType) -> list[str]:
    models = [value for module in modules for value in vars(module).values()
              if isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == module.__name__]
    return sorted({info.alias or name for each in models for name, info in each.model_fields.items()})


KEYS = keys_of(model, load_model)


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_documented(key: str) -> None:
    """docs/environments.md describes each key of environments.yml and release.yml."""
    assert f"`{key}`" in (ROOT / "docs" / "environments.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("key", "field"), model.Rules.model_fields.items())
def test_every_further_rule_is_documented(key: str, field: FieldInfo) -> None:
    """docs/rules.md has a row for each key under `rules`, with its default, and names tests that exist."""
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    [row] = [line for line in page.splitlines() if f"| `{key}`, {field.default} |" in line]
    tests = re.findall(r"`(tests/[\w/.]+)`", row)
    assert tests
    assert all((ROOT / path).exists() for path in tests)


@pytest.mark.parametrize("key", keys_of(exceptions))
def test_every_key_of_exceptions_is_documented(key: str) -> None:
    """docs/exceptions.md describes each key of exceptions.yml."""
    assert re.search(rf"\b{key}\b", (ROOT / "docs" / "exceptions.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("rule", WAIVABLE)
def test_every_rule_that_may_be_waived_is_documented(rule: str) -> None:
    assert f"`{rule}`" in (ROOT / "docs" / "exceptions.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["gonogo run", "gonogo check", "gonogo schema", "gonogo promoted", "gonogo rejudge",
                                     "gonogo baseline export", "gonogo baseline import",
                                     "gonogo wire import", "gonogo plugins", "behave -D env=preprod",
                                     "locust -f load/", "python -m breaks", "make gate", "make test"])
def test_every_command_is_in_the_readme(command: str) -> None:
    """The README shows each command, so that a newcomer need not read code."""
    assert command in README


@pytest.mark.parametrize("code", list(ExitCode), ids=lambda code: code.name)
def test_every_exit_code_is_in_the_readme(code: ExitCode) -> None:
    """Each exit code is a row of the README's table."""
    assert f"| {int(code)} |" in README


def test_every_make_target_that_the_readme_names_exists() -> None:
    """The README names only make targets that exist, of which there are at most eight."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert len(targets) <= 8
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", README, re.MULTILINE)) <= targets


def test_every_linked_path_exists() -> None:
    """Each relative link in a document leads to an existing path."""
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "breaks/README.md",
                     ROOT / "travel/README.md"]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name} links {target}"


def test_every_package_is_in_the_architecture() -> None:
    """ARCHITECTURE.md names each package of the engine."""
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for room in (ROOT / "gonogo").iterdir():
        if not room.name.startswith("__"):
            assert room.stem in page, f"{room.name} is not explained"


def test_every_break_is_in_the_readme_of_the_catalogue() -> None:
    """breaks/README.md lists each break with its component and peer, and each healthy change with its component."""
    page = (OWN_CATALOGUE / "README.md").read_text(encoding="utf-8")
    for entry in read_catalogue(OWN_CATALOGUE, []):
        between = f"{entry.component} → {entry.peer}" if entry.peer else entry.component
        assert f"| `{entry.id}` | {between} |" in page


def test_features_and_steps_mention_no_break() -> None:
    """No scenario is written for a break: each is a journey that a travel agency would test anyway."""
    ids = [entry.id for entry in read_catalogue(OWN_CATALOGUE, [])]
    for path in [*(ROOT / "features").rglob("*.feature"), *(ROOT / "steps").rglob("*.py")]:
        text = path.read_text(encoding="utf-8").lower()
        assert not any(name in text for name in [*ids, "breaks/"]), path
