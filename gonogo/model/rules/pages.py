"""Findings about the pages of a site, each about the address that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gonogo.model.findings import Parameters
from gonogo.model.rules.gate import ErrorReported


@dataclass(frozen=True, slots=True)
class PageFailed(Parameters):
    """It answered with an error, or (`status` None) not at all; `linked_from` is the page that links to it."""

    url: str
    status: int | None
    cause: str = ""
    linked_from: str = ""


@dataclass(frozen=True, slots=True)
class PageUnfinished(Parameters):
    """It was still loading after `limit_s`; `pending` are requests without an answer. Where it is not `responsive`,
    its scripts never gave the browser back.
    """

    url: str
    limit_s: float
    responsive: bool = True
    pending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OfPage(Parameters):
    """Found first on `url`, and on so many `pages` in all."""

    url: str
    pages: int = 1


@dataclass(frozen=True, slots=True)
class PageEmpty(OfPage):
    """It shows no text."""


@dataclass(frozen=True, slots=True)
class PageError(OfPage):
    """What a script threw, and nothing caught; `withheld` says that requests of the page were not sent before it."""

    error: str = ""
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class AssetBroken(OfPage):
    """The parameters of `model.pages.BrokenAsset`."""

    asset: str = ""
    kind: str = ""
    status: int | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True)
class PageInaccessible(OfPage):
    """The parameters of `model.pages.Violation`, as `violated`; `elements` are those of the first page."""

    violated: str = ""
    impact: str = ""
    help: str = ""
    elements: int = 1
    example: str = ""


@dataclass(frozen=True, slots=True)
class PageNotChecked(Parameters):
    url: str
    cause: str


@dataclass(frozen=True, slots=True)
class SiteElsewhere(Parameters):
    """The front page led to another site."""

    url: str
    leads_to: str


@dataclass(frozen=True, slots=True)
class PagesLeft(Parameters):
    """So many links were not followed when the time, or the bound on requests, was over: `cause` "time", "requests"."""

    left: int
    opened: int
    cause: str


RULES: Mapping[str, type[Parameters]] = {
    "site-not-answering": PageFailed, "site-elsewhere": SiteElsewhere, "site-refuses": PageFailed,
    "page-failed": PageFailed, "page-unfinished": PageUnfinished, "page-error": PageError, "page-empty": PageEmpty,
    "asset-broken": AssetBroken, "page-inaccessible": PageInaccessible, "page-not-checked": PageNotChecked,
    "page-not-recorded": PageNotChecked, "pages-left": PagesLeft, "pages-fault": ErrorReported,
}
