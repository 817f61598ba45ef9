"""Content-addressed, immutable images: one folder a component, named by the digest of what is in it.

Which images make up a release is release.py's to say; where a copy of one runs is environments.py's.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from travel.errors import TravelError, UsageError

# Never part of an image: what only serves development. Names that start with a dot are left out too.
LEFT_OUT = ("tests", "__pycache__")


@dataclass(frozen=True, slots=True)
class Image:
    """`digest` and `config_digest` read `sha256:<hex>`; `built` is the time of the first build of this content."""

    component: str
    digest: str
    config_digest: str
    built: str
    path: Path

    def unpack(self, target: Path) -> None:
        """Put a writable copy at `target`, in place of what stands there."""
        fresh = target.with_name(f".{target.name}.new")
        remove_tree(fresh)
        shutil.copytree(self.path, fresh, copy_function=shutil.copy)
        for path in _everything_in(fresh):
            path.chmod(path.stat().st_mode | 0o200)
        remove_tree(target)
        fresh.rename(target)


class ImageStore:
    """The folder `images/`: `sha256-<hex>/` is an image, `sha256-<hex>.json` tells when it was first built."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def build(self, source: Path, component: str) -> Image:
        """Bake `source/<component>` with the chassis into an image; the same content is the same image."""
        self._root.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".building-", dir=self._root))
        try:
            for name in ("__init__.py", "chassis", component):
                _bake(source / name, draft / "travel" / name)
            _make_read_only(draft)
            digest = digest_of_tree(draft)
            self._keep(draft, digest, component)
        finally:
            remove_tree(draft)
        return self._describe(component, digest)

    def get(self, component: str, digest: str) -> Image:
        """The image of that digest, after its content has been hashed anew."""
        path = self._path(digest)
        if not path.is_dir():
            raise TravelError(f"The image {short(digest)} of {component} is not here.", where=str(path),
                              fix="run `travel build`, or set TRAVEL_HOME to where the release was built")
        found = digest_of_tree(path)
        if found != digest:
            raise TravelError(f"The image of {component} is damaged: its content hashes to {short(found)}.",
                              where=str(path), fix="run `travel build`: it replaces a damaged image")
        return self._describe(component, digest)

    def _keep(self, draft: Path, digest: str, component: str) -> None:
        path = self._path(digest)
        if path.is_dir() and digest_of_tree(path) != digest:
            remove_tree(path)
        if not path.is_dir():
            try:
                draft.rename(path)
            except OSError:
                if not path.is_dir():  # else another build was quicker: its content is the same
                    raise
        label = self._label(digest)
        if not label.exists():
            built = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            write_whole(label, json.dumps({"component": component, "built": built}) + "\n")

    def _describe(self, component: str, digest: str) -> Image:
        path = self._path(digest)
        config = path / "travel" / component / "config.yml"
        label = self._label(digest)
        try:
            built = json.loads(label.read_text(encoding="utf-8"))["built"]
            config_digest = "sha256:" + hashlib.sha256(config.read_bytes()).hexdigest()
        except (OSError, ValueError, KeyError) as error:
            raise TravelError(f"The image {short(digest)} of {component} is incomplete: {error}", where=str(path),
                              fix="run `travel build`") from error
        return Image(component, digest, config_digest, built, path)

    def _path(self, digest: str) -> Path:
        return self._root / digest.replace(":", "-")

    def _label(self, digest: str) -> Path:
        return self._root / (digest.replace(":", "-") + ".json")


def components_in(source: Path) -> list[str]:
    """The names of the folders of `source` that hold an `app.py`, sorted."""
    for part in ("__init__.py", "chassis"):
        if not (source / part).exists():
            raise UsageError(f"{source} does not look like travel's source: it has no {part}.", where=str(source),
                             fix="name a folder laid out like this repository's travel/")
    found = sorted(path.parent.name for path in source.glob("*/app.py"))
    if not found:
        raise UsageError("There is no component to build.", where=str(source),
                         fix="a component is a folder with an app.py")
    for component in found:
        if not (source / component / "config.yml").is_file():
            raise UsageError(f"{component} has no config.yml.", where=str(source / component), fix="write one")
    return found


def digest_of_tree(root: Path) -> str:
    """sha256 over a line for each file: its mode, the sha256 of its content, its path; sorted by path."""
    manifest = hashlib.sha256()
    files = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    for name in sorted(files):
        content = hashlib.sha256(files[name].read_bytes()).hexdigest()
        manifest.update(f"{_read_only_mode(files[name]):o} {content} {name}\n".encode())
    return "sha256:" + manifest.hexdigest()


def short(digest: str) -> str:
    """A digest as people read it: `sha256:` and twelve digits."""
    return digest[: len("sha256:") + 12]


def write_whole(path: Path, text: str) -> None:
    """Write `text` so that a reader sees either the old file or the new one, never a part."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def remove_tree(root: Path) -> None:
    """Remove a folder, read-only or not; nothing happens where there is none."""
    if root.is_dir():
        for path in _everything_in(root):
            if path.is_dir():
                path.chmod(0o755)
        shutil.rmtree(root)


def _bake(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, copy_function=shutil.copy,
                        ignore=shutil.ignore_patterns(".*", "*.pyc", *LEFT_OUT))
    else:
        shutil.copy(source, target)


def _make_read_only(root: Path) -> None:
    for path in reversed(list(_everything_in(root))):
        path.chmod(0o555 if path.is_dir() else _read_only_mode(path))


def _read_only_mode(file: Path) -> int:
    return 0o555 if file.stat().st_mode & 0o100 else 0o444


def _everything_in(root: Path) -> Iterator[Path]:
    """`root` itself, then what it holds; a folder before its content."""
    yield root
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            yield Path(folder, name)
