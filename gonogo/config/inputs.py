"""The inputs of a run by digest: recorded before anything is read, compared after everything was."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from gonogo.config.reading import ENVIRONMENTS_FILE, EXCEPTIONS_FILE, RELEASE_FILE

INTERPRETER = "the Python interpreter and its packages"
_FOLDERS = ("features", "steps", "load")
_SUITE = tuple(f"{folder}/" for folder in _FOLDERS)
_CODE = (".feature", ".py")  # behave and Locust read new files of these kinds
# The settings files that behave and Locust read, in the project and in the home folder.
_SETTINGS = ("behave.ini", ".behaverc", "setup.cfg", "tox.ini", "pyproject.toml", "locust.conf", ".locust.conf")
_UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Inputs:
    """`files` has the digest of each file by its path relative to the project, of others by the absolute path.

    `interpreter` is the digest of the interpreter's version and settings and of the installed packages.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    interpreter: str = ""

    def changes(self, later: Inputs) -> tuple[str, ...]:
        """What is different in `later`: "features/a.feature changed", "steps/b.py was removed", "load/c.py is new"."""
        changed = [f"{path} changed" if path in later.files else f"{path} was removed"
                   for path, digest in self.files.items() if later.files.get(path) != digest]
        new = [f"{path} is new" for path in later.files if path not in self.files and not _is_output(path)]
        packages = [f"{INTERPRETER} changed"] if self.interpreter != later.interpreter else []
        return (*changed, *new, *packages)


@dataclass(frozen=True, slots=True)
class SealedInputs:
    """The inputs of a run in `root`, as they were `before` it; `further` are files besides those of the suite."""

    root: Path
    further: tuple[Path, ...]
    before: Inputs

    @classmethod
    def seal(cls, root: Path, further: Iterable[Path] = ()) -> SealedInputs:
        paths = tuple(further)
        return cls(root, paths, read_inputs(root, paths))

    def after_start(self) -> SealedInputs:
        """The inputs with new files that `provision: up` wrote, such as a release.yml that this run does not use.

        A new file of the suite counts as a change.
        """
        now = read_inputs(self.root, self.further)
        new = {path: digest for path, digest in now.files.items() if not path.startswith(_SUITE)}
        return replace(self, before=replace(self.before, files={**new, **self.before.files}))

    def changes(self) -> tuple[str, ...]:
        """What has changed since; see `Inputs.changes`."""
        return self.before.changes(read_inputs(self.root, self.further))


def read_inputs(root: Path, further: Iterable[Path] = ()) -> Inputs:
    """Digest the files of the suite in `root`, the settings of its tools, and the `further` files that exist.

    A file that cannot be read has no digest, and counts as changed once it can be.
    """
    paths = dict.fromkeys([*_files_of(root), *(path for path in further if path.is_file())])
    return Inputs({_name(path, root): _digest(path) for path in paths}, _interpreter())


def _files_of(root: Path) -> Iterator[Path]:
    for name in (ENVIRONMENTS_FILE, EXCEPTIONS_FILE, RELEASE_FILE, *_SETTINGS):
        if (root / name).is_file():
            yield root / name
    yield from sorted(root.glob("*.py"))
    for folder in _FOLDERS:
        paths = (path for path in (root / folder).rglob("*") if path.is_file())
        yield from sorted(path for path in paths if not _is_generated(path, root))
    for name in _SETTINGS:
        if (path := Path.home() / name).is_file():
            yield path


def _is_output(path: str) -> bool:
    """Whether a new file of this name can be what a suite itself writes."""
    return path.startswith(_SUITE) and not path.endswith(_CODE)


def _is_generated(path: Path, root: Path) -> bool:
    return any(part == "__pycache__" or part.startswith(".") for part in path.relative_to(root).parts)


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return _UNREADABLE


def _interpreter() -> str:
    # an installed package has its version in the name of its folder, which is faster to read than its metadata
    packages = sorted(path.name for folder in map(Path, sys.path) if folder.is_dir()
                      for path in folder.glob("*.*-info"))
    settings = [sys.executable, platform.python_version(), repr(sys.flags), *sys.path, *packages]
    return "sha256:" + hashlib.sha256("\n".join(settings).encode(errors="surrogateescape")).hexdigest()
