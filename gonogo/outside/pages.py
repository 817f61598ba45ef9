"""The lines of an ARIA snapshot: what a page shows, each once, with its role.

The format is documented at https://playwright.dev/docs/aria-snapshots.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

MAX_LINES = 3_000
_LINE = re.compile(r"(?P<indent> *)- (?P<rest>.*)")
_NODE = re.compile(r"(?P<role>[\w-]+)(?: (?P<name>\"(?:[^\"\\]|\\.)*\"|/(?:[^/\\]|\\.)*/))?(?P<states>(?: \[[^\]]*\])*)"
                   r"(?::(?: (?P<text>.*))?)?")
# roles whose name is the text of what they hold
_ITEMS = frozenset({"listitem", "row", "article", "option", "treeitem"})
_NAMED_BY_CONTENT = frozenset({"row", "cell", "gridcell", "listitem", "columnheader", "rowheader", "option", "treeitem",
                               "link", "button", "heading", "tab", "menuitem", "tooltip"})


class Line(NamedTuple):
    """`role` as the snapshot has it, `text` its name or text; of a "checkbox state" what is in brackets."""

    role: str
    text: str


def lines_of(tree: str) -> Iterator[Line]:
    """The lines of a snapshot in their order, without those that only hold others."""
    lines = [match for match in map(_LINE.fullmatch, tree.splitlines()[:MAX_LINES]) if match]
    for at, match in enumerate(lines):
        has_children = at + 1 < len(lines) and len(lines[at + 1]["indent"]) > len(match["indent"])
        yield from _of_node(_unquoted_key(match["rest"]), has_children=has_children)


def without_items(tree: str, is_left_out: Callable[[Iterable[str]], bool]) -> str:
    """The snapshot without the items of lists and the rows of tables whose own lines are left out.

    An item's own lines are those that are not within an item of it.
    """
    lines = tree.splitlines()
    holders: list[list[int]] = []  # for each line the lines of the items that it is within, itself included
    within: list[tuple[int, int]] = []  # (indent, line) of the items around the current line
    for number, line in enumerate(lines):
        indent = len(line) - len(line.lstrip(" "))
        while within and within[-1][0] >= indent:
            within.pop()
        if (match := _LINE.fullmatch(line)) and _role(match["rest"]) in _ITEMS:
            within.append((indent, number))
        holders.append([item for _, item in within])
    own: dict[int, list[str]] = defaultdict(list)
    for line, items in zip(lines, holders, strict=True):
        if items:
            own[items[-1]].append(line)
    gone = {item for item, texts in own.items() if is_left_out(texts)}
    return "\n".join(line for line, items in zip(lines, holders, strict=True) if gone.isdisjoint(items))


def _role(rest: str) -> str:
    return re.split(r"[ :]", _unquoted_key(rest), maxsplit=1)[0]


def _of_node(rest: str, *, has_children: bool) -> Iterator[Line]:
    if rest.startswith("/"):
        key, _, value = rest.partition(": ")
        yield Line(key, _unquoted(value))
        return
    node = _NODE.fullmatch(rest)
    if node is None:
        yield Line("text", _unquoted(rest))
        return
    role, name, text = node["role"], _unquoted(node["name"] or ""), _unquoted(node["text"] or "")
    if has_children and node["role"] in _NAMED_BY_CONTENT:
        return  # the lines below it have the same text
    if name:
        yield Line(role, name)
    if text:
        yield Line(f"{role} value" if name and role != "text" else role, text)
    if node["states"]:
        yield Line(f"{role} state", node["states"].strip())


def _unquoted_key(rest: str) -> str:
    """YAML quotes a whole line that has a special character in it."""
    if not rest.startswith("'"):
        return rest
    end = rest.rfind("'")
    return rest[1:end].replace("''", "'") + rest[end + 1:]


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return str(json.loads(text))
        except ValueError:
            return text[1:-1]
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text
