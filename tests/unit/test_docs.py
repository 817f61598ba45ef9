"""The documents are held to the code: keys, commands, exit codes, rooms, components, breaks."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import BaseModel

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
    """Each key of environments.yml and release.yml stands in docs/environments.md."""
    assert f"`{key}`" in (ROOT / "docs" / "environments.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("key", keys_of(exceptions))
def test_every_key_of_exceptions_is_documented(key: str) -> None:
    """Each key of exceptions.yml stands in docs/exceptions.md."""
    assert re.search(rf"\b{key}\b", (ROOT / "docs" / "exceptions.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("rule", WAIVABLE)
def test_every_rule_that_may_be_waived_is_documented(rule: str) -> None:
    assert f"`{rule}`" in (ROOT / "docs" / "exceptions.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["gonogo run", "gonogo check", "gonogo schema", "gonogo promoted",
                                     "gonogo baseline export", "gonogo baseline import",
                                     "gonogo wire import", "gonogo plugins", "behave -D env=preprod",
                                     "locust -f load/", "python -m breaks", "make gate", "make test"])
def test_every_command_is_in_the_readme(command: str) -> None:
    """A newcomer finds each command without reading code."""
    assert command in README


@pytest.mark.parametrize("code", list(ExitCode), ids=lambda code: code.name)
def test_every_exit_code_is_in_the_readme(code: ExitCode) -> None:
    """Each exit code stands in the README's table."""
    assert f"| {int(code)} |" in README


def test_every_make_target_that_the_readme_names_exists() -> None:
    """No document sends anybody to a target that is gone; there are eight at most."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert len(targets) <= 8
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", README, re.MULTILINE)) <= targets


def test_every_path_that_the_documents_link_exists() -> None:
    """A link leads somewhere."""
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "breaks/README.md",
                     ROOT / "travel/README.md"]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name} links {target}"


def test_every_room_is_in_the_architecture() -> None:
    """The page that explains the house names each of its rooms."""
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for room in (ROOT / "gonogo").iterdir():
        if not room.name.startswith("__"):
            assert room.stem in page, f"{room.name} is not explained"


def test_every_break_is_in_the_catalogue_s_page() -> None:
    """breaks/README.md lists each break with its component and peer, each healthy change with its component."""
    page = (OWN_CATALOGUE / "README.md").read_text(encoding="utf-8")
    for entry in read_catalogue(OWN_CATALOGUE, []):
        between = f"{entry.component} → {entry.peer}" if entry.peer else entry.component
        assert f"| `{entry.id}` | {between} |" in page


def test_features_and_steps_know_no_break() -> None:
    """No scenario is written about a break: journeys are what a travel agency would write anyway."""
    ids = [entry.id for entry in read_catalogue(OWN_CATALOGUE, [])]
    for path in [*(ROOT / "features").rglob("*.feature"), *(ROOT / "steps").rglob("*.py")]:
        text = path.read_text(encoding="utf-8").lower()
        assert not any(name in text for name in [*ids, "breaks/"]), path
