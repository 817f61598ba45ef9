"""The inputs of a run: which files are sealed, and what counts as a change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gonogo.config.inputs import INTERPRETER, SealedInputs

FILES = ("environments.yml", "release.yml", "exceptions.yml", "environment.py", "behave.ini", "locust.conf",
         "features/journeys/a.feature", "steps/a_steps.py", "steps/data.json", "load/visit.py")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in (*FILES, "docs/a.md", "steps/__pycache__/a.pyc", "features/.a.swp"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def test_every_file_that_a_run_reads_is_sealed(project: Path) -> None:
    further = project / "elsewhere" / "release.yml"
    further.parent.mkdir()
    further.write_text("schema: 1")
    sealed = SealedInputs.seal(project, [further, project / "missing.yml"])
    assert set(sealed.before.files) == {*FILES, "elsewhere/release.yml"}
    assert all(digest.startswith("sha256:") for digest in sealed.before.files.values())
    assert sealed.changes() == ()


CHANGES: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    **{f"{name} is edited": (lambda root, name=name: (root / name).write_text("edited"), (f"{name} changed",))
       for name in FILES},
    "a feature is removed": (lambda root: (root / "features/journeys/a.feature").unlink(),
                             ("features/journeys/a.feature was removed",)),
    "a file of steps is new": (lambda root: (root / "steps/b_steps.py").write_text(""), ("steps/b_steps.py is new",)),
    "a suite writes a file": (lambda root: (root / "features/report.json").write_text("{}"), ()),
    "Python caches a module": (lambda root: (root / "steps/__pycache__/b.pyc").write_text(""), ()),
    "an editor saves a copy": (lambda root: (root / "features/.a.swp").write_text("edited"), ()),
    "another file is edited": (lambda root: (root / "docs/a.md").write_text("edited"), ()),
    "behave gets settings in the home folder": (
        lambda root: ((root / "home").mkdir(), (root / "home/behave.ini").write_text("")), ("home/behave.ini is new",)),
    "behave gets settings": (lambda root: (root / "tox.ini").write_text("[behave]"), ("tox.ini is new",)),
}


@pytest.mark.parametrize(("edit", "changes"), CHANGES.values(), ids=CHANGES.keys())
def test_changes_during_a_run(project: Path, edit: Callable[[Path], object], changes: tuple[str, ...]) -> None:
    sealed = SealedInputs.seal(project)
    edit(project)
    assert sealed.changes() == changes


def test_file_that_cannot_be_read_counts_as_changed_once_it_can(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = SealedInputs.seal(project)
    unreadable = replace(sealed.before, files={**sealed.before.files, "release.yml": "unreadable"})
    assert replace(sealed, before=unreadable).changes() == ("release.yml changed",)


def test_other_packages_are_a_change(project: Path) -> None:
    sealed = SealedInputs.seal(project)
    before = replace(sealed.before, interpreter="sha256:0")
    assert replace(sealed, before=before).changes() == (f"{INTERPRETER} changed",)


def test_release_that_the_start_of_the_environment_writes_is_no_change(project: Path) -> None:
    """This run does not use it. A new step, and a file that is edited, are changes at any time."""
    (project / "release.yml").unlink()
    sealed = SealedInputs.seal(project)
    (project / "release.yml").write_text("schema: 1")
    (project / "steps/b_steps.py").write_text("")
    (project / "environment.py").write_text("edited")
    started = sealed.after_start()
    assert started.changes() == ("environment.py changed", "steps/b_steps.py is new")
    (project / "release.yml").write_text("schema: 2")
    assert started.changes() == ("release.yml changed", "environment.py changed", "steps/b_steps.py is new")
