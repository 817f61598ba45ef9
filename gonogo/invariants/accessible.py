"""What screen readers find on a page: how many elements of each role have a name, and how headings are ordered."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gonogo.invariants.samples import pattern_of

MAX_NODES = 3_000  # of a page
MAX_HEADINGS = 200
_NAMED = frozenset((
    "button", "link", "textbox", "searchbox", "combobox", "listbox", "checkbox", "radio", "switch", "slider",
    "spinbutton", "img", "heading", "tab", "menuitem", "dialog", "alertdialog", "progressbar", "meter", "iframe",
    "group", "radiogroup", "region", "navigation", "table", "form"))
_NODE = re.compile(r" *- '?(?P<role>[a-z]+)(?: (?P<name>\"(?:[^\"\\]|\\.)*\"|/(?:[^/\\]|\\.)*/))?"
                   r"(?P<states>(?: \[[^\]]*\])*)'?(?::(?: (?P<text>.*))?)?")
_LEVEL = re.compile(r"\[level=(\d)\]")


class Names(NamedTuple):
    """Of a role: the most elements without a name, the fewest with one, and the most in all, of any view of a page."""

    unnamed: int
    named: int
    total: int


@dataclass(frozen=True, slots=True)
class Page:
    """`names` are by role. `titled`: there always is a heading of level 1; `jumps` are levels of headings that follow
    each other and leave one out, `headings` digests of their texts.
    """

    names: Mapping[str, Names] = field(default_factory=dict)
    titled: bool = False
    jumps: frozenset[tuple[int, int]] = frozenset()
    headings: frozenset[str] = frozenset()

    def and_also(self, other: Page) -> Page:
        """What holds for both views."""
        names = {**self.names, **other.names}
        for role in self.names.keys() & other.names.keys():
            one, two = self.names[role], other.names[role]
            names[role] = Names(max(one.unnamed, two.unnamed), min(one.named, two.named), max(one.total, two.total))
        return Page(names, self.titled and other.titled, self.jumps | other.jumps,
                    frozenset(sorted(self.headings | other.headings)[:MAX_HEADINGS]))


@dataclass(frozen=True, slots=True)
class View:
    """A page as one snapshot shows it. `texts` are digest → text of what is no heading."""

    page: Page
    texts: Mapping[str, str]


def view_of(tree: str) -> View:
    """What a snapshot of Playwright shows: https://playwright.dev/docs/aria-snapshots."""
    named: Counter[str] = Counter()
    unnamed: Counter[str] = Counter()
    headings: list[tuple[int, str]] = []
    texts: dict[str, str] = {}
    for line in tree.splitlines()[:MAX_NODES]:
        node = _NODE.match(line)
        if node is None:
            continue
        role, name = node["role"], (node["name"] or "").strip('"/')
        if role in _NAMED:
            (named if name.strip() else unnamed)[role] += 1
        if role == "heading" and (level := _LEVEL.search(node["states"])):
            headings.append((int(level[1]), name))
        elif text := (node["text"] or name).strip().strip('"'):
            texts[digest_of(text)] = text
    names = {role: Names(unnamed[role], named[role], named[role] + unnamed[role]) for role in {*named, *unnamed}}
    levels = [level for level, _ in headings]
    return View(Page(names, 1 in levels, frozenset(_jumps(levels)),
                     frozenset(digest_of(text) for _, text in headings[:MAX_HEADINGS] if text)), texts)


def digest_of(text: str) -> str:
    """Equal for texts that differ in their figures alone."""
    return hashlib.sha256(pattern_of(text).encode()).hexdigest()[:12]


def _jumps(levels: Sequence[int]) -> Iterable[tuple[int, int]]:
    return ((one, two) for one, two in itertools.pairwise(levels) if two > one + 1)
