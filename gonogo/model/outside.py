"""The outside of a scenario: what the system showed people and sent to partners, and how it differs from the baseline.

`scenarios.recording` records pages and downloads, `gonogo.outside` reads mails and compares. Times are seconds since
the epoch (UTC).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class PageView:
    """A page of `person` at the end of a step. `tree` is Playwright's ARIA snapshot: roles, names and texts, in YAML.

    `window` counts the person's pages from 1. `settled`: no answer was outstanding, so that the page was complete.
    """

    person: str
    step: int
    url: str
    title: str
    tree: str
    window: int = 1
    settled: bool = True


@dataclass(frozen=True, slots=True)
class Download:
    """A file that a page gave to `person`; `text` is None for a binary file and for one that was not recorded."""

    person: str
    step: int
    name: str
    mime: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """A value that `person` put into the field `name` of a page, in the order of the inputs."""

    person: str
    step: int
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class StepTiming:
    """A step with its `index` and `text`; `action_s` is when its last action on a page began, None without one."""

    index: int
    text: str
    started_s: float
    ended_s: float
    action_s: float | None = None


@dataclass(frozen=True, slots=True)
class OutsideRecord:
    """What was recorded of one attempt at a scenario. `locales` are those of its people (BCP 47). `cut`: more was shown
    than is kept.
    """

    steps: tuple[StepTiming, ...] = ()
    pages: tuple[PageView, ...] = ()
    downloads: tuple[Download, ...] = ()
    inputs: tuple[Input, ...] = ()
    locales: tuple[str, ...] = ()
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that the environment's catcher received. `headers` in their order; `html` without the plain text."""

    id: str
    received_s: float
    sender: str
    recipients: tuple[str, ...]
    subject: str
    headers: tuple[tuple[str, str], ...] = ()
    text: str = ""
    html: str = ""


class PlaceKind(StrEnum):
    """Where the system meets people and partners."""

    PAGE = "page"
    ANSWER = "answer"  # of the system's API, to a page or a step
    MAIL = "mail"
    DOWNLOAD = "download"
    PARTNER = "partner"  # what was sent to a third party, and its answer


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One place in a scenario: what `name` is depends on the kind (a page's title and path, an operation, a subject).

    `person` reads it, "" for steps and partners; `step` is the text of the step, "" for mails; `ordinal` counts from 1
    among equals. `component` sent it, or received it.
    """

    kind: PlaceKind
    name: str
    person: str = ""
    step: str = ""
    ordinal: int = 1
    component: str = ""

    @property
    def is_counted(self) -> bool:
        """Whether one more or less means something: people get a mail twice, a partner books twice.

        Pages and answers come as they load, and what is only read from a partner may be kept for a while.
        """
        if self.kind is PlaceKind.PARTNER:
            return not self.is_read
        return self.kind in (PlaceKind.MAIL, PlaceKind.DOWNLOAD)

    @property
    def is_of_partner(self) -> bool:
        """Whether a third party sent or got it: they take records by their members, in any order."""
        return self.kind is PlaceKind.PARTNER

    @property
    def is_read(self) -> bool:
        """Whether it is an answer or a call of an operation that only reads."""
        return self.kind in (PlaceKind.ANSWER, PlaceKind.PARTNER) and self.name.startswith(("GET ", "HEAD "))


class ChangeKind(StrEnum):
    """How an outside differs from the baseline; all but WORDING, ADDED and ORDER are about data."""

    ALTERED = "altered"
    LOST = "lost"
    REORDERED = "reordered"  # rows, or items with members
    OTHERS = "others"  # data of another person
    COUNT = "count"  # of mails, downloads, or calls of a partner
    WORDING = "wording"
    ADDED = "added"
    ORDER = "order"  # of what is a set


DATA_CHANGES = frozenset({
    ChangeKind.ALTERED, ChangeKind.LOST, ChangeKind.REORDERED, ChangeKind.OTHERS, ChangeKind.COUNT})


@dataclass(frozen=True, slots=True)
class OutsideChange:
    """One difference from the baseline in `scenario` (its key).

    `where` is the part of the place (a role of a page, a member of an answer), `now` and `was` are the texts, "" for
    none; `key` is what both have in common. `proven`: the same in all earlier runs, often enough to tell it from what
    varies. `count` is the number of equal changes.
    """

    scenario: str
    place: Place
    kind: ChangeKind
    where: str
    now: str
    was: str
    key: str
    proven: bool = True
    count: int = 1

    @property
    def is_data(self) -> bool:
        return self.kind in DATA_CHANGES


@dataclass(frozen=True, slots=True)
class OutsideEvidence:
    """`places` counts what was looked at; `compared` scenarios have a baseline of the same steps.

    `not_compared` are the names of those whose steps were edited since, or which are new. `not_shown` counts pages and
    answers of the baseline that were not seen, or not complete. `problems` are why not all is known that was seen.
    """

    places: int = 0
    compared: int = 0
    not_compared: tuple[str, ...] = ()
    not_shown: int = 0
    changes: tuple[OutsideChange, ...] = ()
    problems: tuple[str, ...] = ()
    had_baseline: bool = False
    views: Mapping[str, OutsideRecord] = field(default_factory=dict)
    mails: tuple[Mail, ...] = ()
