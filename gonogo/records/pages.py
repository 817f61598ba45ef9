"""pages.ndjson, the record of a site's pages: a line before each page is opened, and a line with its result after.

`stages.pages` judges it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gonogo.core.errors import EvidenceError
from gonogo.model.pages import OpenedPage, SiteEvidence
from gonogo.secrets.masking import Masker

PAGES_FILE = "pages.ndjson"


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SiteLine(_Line):
    """The first line: the start page, and the timeout of each page in seconds."""

    kind: Literal["site"] = "site"
    schema_: Literal[1] = Field(1, alias="schema")
    url: str
    load_s: float


class BegunLine(_Line):
    kind: Literal["begun"] = "begun"
    url: str


class PageLine(_Line):
    kind: Literal["page"] = "page"
    page: OpenedPage


class EndLine(_Line):
    """The last line; a record without it is incomplete."""

    kind: Literal["end"] = "end"
    left: int = Field(0, ge=0)
    stopped_by: Literal["", "pages", "time", "requests"] = ""
    fault: str = ""


_AnyLine = TypeAdapter[SiteLine | BegunLine | PageLine | EndLine](
    Annotated[SiteLine | BegunLine | PageLine | EndLine, Field(discriminator="kind")])


class PagesWriter:
    """Writes the record line by line; each line is masked, and flushed before the call returns."""

    def __init__(self, path: Path, masker: Masker) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8")
        self._masker = masker

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, line: _Line) -> None:
        document = self._masker.document(line.model_dump(mode="json", by_alias=True))
        self._file.write(json.dumps(document, ensure_ascii=False) + "\n")
        self._file.flush()


def read_pages(path: Path) -> SiteEvidence:
    """The record, also of a run that was killed: an incomplete last line is ignored. Raises EvidenceError."""
    damaged = EvidenceError("The record of the pages is damaged.", where=str(path),
                            fix="run the stage again; only the stage's own process may write this file.")
    try:
        text = path.read_text(encoding="utf-8")
        lines = [_AnyLine.validate_json(line) for line in text.split("\n")[:-1]]
    except (OSError, ValueError, ValidationError) as error:
        raise damaged from error
    if not lines:
        return SiteEvidence(url="")
    first, *others = lines
    if not isinstance(first, SiteLine) or any(isinstance(line, SiteLine) for line in others):
        raise damaged
    ends = [line for line in others if isinstance(line, EndLine)]
    if ends and (len(ends) > 1 or others[-1] is not ends[0]):
        raise damaged
    end = ends[0] if ends else EndLine()
    return SiteEvidence(
        url=first.url, load_s=first.load_s, begun=tuple(line.url for line in others if isinstance(line, BegunLine)),
        pages=tuple(line.page for line in others if isinstance(line, PageLine)),
        closed=bool(ends), left=end.left, stopped_by=end.stopped_by, fault=end.fault)
