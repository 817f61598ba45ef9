"""What opening a site's pages in a browser left, as plain data: one record a page, and how the whole came to its end.

Addresses are as the browser has them, secrets masked; texts of the page are cut to a bounded length.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gonogo.model.stages import StageEvidence


class PageEnding(StrEnum):
    """How the opening of a page ended."""

    LOADED = "loaded"
    UNFINISHED = "unfinished"  # it answered, and was still loading when its time was over
    UNRESPONSIVE = "unresponsive"  # it answered, and its scripts never gave the browser back
    NO_ANSWER = "no answer"
    ELSEWHERE = "elsewhere"  # it led to another site, which was not looked at
    FILE = "file"  # it answered with what is no page: a download, a document without content


@dataclass(frozen=True, slots=True)
class BrokenAsset:
    """What a page needs and did not get.

    `kind` is "image", "script", "stylesheet", "font", "media", "frame" or "data" (what its scripts ask for);
    `status` is None where nothing answered, and `cause` then says why; where it answered with something else than
    what it should be, `cause` says what. `own` says that the site itself should have answered.
    """

    url: str
    kind: str
    own: bool
    status: int | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule of axe-core that `elements` elements break, the first of them as HTML in `example`.

    `impact` is axe's: "minor", "moderate", "serious" or "critical".
    """

    rule: str
    impact: str
    help: str
    elements: int
    example: str


@dataclass(frozen=True, slots=True)
class OpenedPage:
    """One page. `linked_from` is the page that links to it, "" of the first; `leads_to` is where it led, elsewhere.

    `characters` is how much text it shows, None of what is no HTML; `errors` are what its scripts threw and nothing
    caught. `withheld` are requests that were not sent, as they could have changed data. `check_error` is why a check
    could not be made, "" where all were.
    """

    url: str
    ending: PageEnding
    linked_from: str = ""
    status: int | None = None
    cause: str = ""
    leads_to: str = ""
    pending: tuple[str, ...] = ()
    characters: int | None = None
    errors: tuple[str, ...] = ()
    assets: tuple[BrokenAsset, ...] = ()
    violations: tuple[Violation, ...] = ()
    withheld: tuple[str, ...] = ()
    check_error: str = ""
    screenshot: str = ""
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SiteEvidence(StageEvidence):
    """The pages of one site, each of which had `load_s` to load.

    `begun` are those that were to be opened, `pages` those of which there is a record.

    `closed` says that the record was brought to its end; `left` links were not followed, `stopped_by` says why: "" none
    is left, "pages", "time" or "requests". `fault` is what ended it before its time, a browser that does not start.
    """

    url: str
    load_s: float = 0.0
    begun: tuple[str, ...] = ()
    pages: tuple[OpenedPage, ...] = ()
    closed: bool = False
    left: int = 0
    stopped_by: str = ""
    fault: str = ""
