"""Findings on what must hold in every system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gonogo.model.findings import Parameters
from gonogo.model.outside import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed(Parameters):
    """`place` is where it was seen first, in `scenario` (its name) and in `more` further ones.

    `known`: the baseline has it too. `compared`: there is a baseline that can have it.
    """

    place: Place
    scenario: str = ""
    more: int = 0
    known: bool = False
    compared: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DataOfAnother(Observed):
    """What `owner` put into the field `field` reached `reader`, "" for the scenario as a whole.

    `elsewhere` is the scenario in which it was put in, if that is another.
    """

    owner: str
    field: str
    reader: str = ""
    elsewhere: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignHost(Observed):
    """`where` (a header, a role, "request") has an address at `host`, with its port if that is not the usual one."""

    host: str
    where: str
    other_environment: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionLost(Observed):
    """`protection` (a header, a directive, an attribute of a cookie) was `was` and is `now`, "" for not at all.

    `endpoints` is the number of endpoints of the component that lost it.
    """

    protection: str
    was: str
    now: str
    endpoints: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown(Observed):
    """`measure` ("calls", "fan-out", "bytes", "assets", "step-s", "endpoint-s") is `now`; the most in `runs` was `was`.

    `caller` makes the calls; `within` is the request that they help to answer.
    """

    measure: str
    now: float
    was: float
    runs: int
    caller: str = ""
    within: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBroken(Observed):
    """`cause` is "error" (uncaught), "page", "part" (a script, an image) or "call"; `text` is the error or status."""

    cause: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenText(Observed):
    """`text` has what nobody should read; `sort` is "undefined", "NaN", "object", "nothing", "template", "entity",
    "encoding", "translation", "key" or "address".
    """

    sort: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLost(Observed):
    """What screen readers lost: the "name" of an element of the role `what`, a "heading" that is the plain text `what`,
    the "title" (a heading of level 1), or the "order" of headings (`what` are levels).
    """

    loss: str
    what: str


RULES: Mapping[str, type[Parameters]] = {
    "data-of-another": DataOfAnother,
    "foreign-host": ForeignHost,
    "protection-lost": ProtectionLost,
    "grown": Grown,
    "page-broken": PageBroken,
    "broken-text": BrokenText,
    "access-lost": AccessLost,
}
