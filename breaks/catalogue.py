"""A catalogue on disk: `<id>/break.yml` and `<id>/change.patch`, read and checked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

OWN_CATALOGUE = Path(__file__).parent
PATCH_FILE = "change.patch"


class CatalogueError(Exception):
    """A catalogue, or a break in it, that cannot be used; the message names the problem, the place and the fix."""


class Expectation(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    verdict: Literal["NO-GO", "GO"]
    stage: Literal["platform", "behaviour", "load", "probe"] | None = None


class Break(BaseModel):
    """One change: `component` is altered and breaks `peer` (None for a healthy change)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    component: str
    peer: str | None = None
    summary: str
    expect: Expectation
    source: str
    runs_as: Literal["released", "unreleased", "edited"] = "released"
    folder: Path = Field(exclude=True)

    @property
    def patch(self) -> Path:
        return self.folder / PATCH_FILE


def read_catalogue(folder: Path, ids: Sequence[str]) -> list[Break]:
    """The breaks below `folder` by path, healthy changes included; or those of `ids`, in that order."""
    found = {entry.id: entry for entry in map(_read, sorted(folder.rglob("break.yml")))}
    if not found:
        raise CatalogueError(f"There is no break in {folder}.\n"
                             f"  fix: a break is a folder with break.yml and {PATCH_FILE}.")
    for name in ids:
        if name not in found:
            raise CatalogueError(f"There is no break '{name}'.\n  at {folder}\n"
                                 f"  fix: breaks there: {', '.join(found)}.")
    return [found[name] for name in ids] if ids else list(found.values())


def _read(path: Path) -> Break:
    try:
        entry = Break.model_validate({**yaml.safe_load(path.read_text(encoding="utf-8")), "folder": path.parent})
    except (yaml.YAMLError, TypeError, ValidationError) as error:
        raise CatalogueError(f"A break is not written as it must be: {error}\n  at {path}\n"
                             "  fix: see breaks/README.md.") from error
    if entry.id != path.parent.name or not entry.patch.is_file():
        raise CatalogueError(f"The break '{entry.id}' needs a folder of that name with {PATCH_FILE} in it.\n"
                             f"  at {path}\n  fix: rename the folder, or add the patch.")
    return entry
