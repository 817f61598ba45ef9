"""pages.ndjson, the record of a site's pages: a line before each page is opened, and a line with its result after.

`stages.pages` judges it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from gonogo.model.pages import OpenedPage, SiteEvidence
from gonogo.records.stage_record import Line, LineWriter, read_lines
from gonogo.secrets.masking import Masker

PAGES_FILE = "pages.ndjson"


class SiteLine(Line):
    """The first line: the start page, and the timeout of each page in seconds."""

    kind: Literal["site"] = "site"
    schema_: Literal[1] = Field(1, alias="schema")
    url: str
    load_s: float


class BegunLine(Line):
    kind: Literal["begun"] = "begun"
    url: str


class PageLine(Line):
    kind: Literal["page"] = "page"
    page: OpenedPage


class EndLine(Line):
    """The last line; a record without it is incomplete."""

    kind: Literal["end"] = "end"
    left: int = Field(0, ge=0)
    stopped_by: Literal["", "pages", "time", "requests"] = ""
    fault: str = ""


_AnyLine = TypeAdapter[SiteLine | BegunLine | PageLine | EndLine](
    Annotated[SiteLine | BegunLine | PageLine | EndLine, Field(discriminator="kind")])


def pages_writer(path: Path, masker: Masker) -> LineWriter:
    return LineWriter(path, masker.document)


def read_pages(path: Path) -> SiteEvidence:
    """The record, also of a run that was killed: an incomplete last line is ignored. Raises EvidenceError."""
    first, others, end = read_lines(path, _AnyLine, SiteLine, EndLine, of="the pages")
    if first is None:
        return SiteEvidence(url="")
    ended = end or EndLine()
    return SiteEvidence(
        url=first.url, load_s=first.load_s, begun=tuple(line.url for line in others if isinstance(line, BegunLine)),
        pages=tuple(line.page for line in others if isinstance(line, PageLine)),
        closed=end is not None, left=ended.left, stopped_by=ended.stopped_by, fault=ended.fault)
