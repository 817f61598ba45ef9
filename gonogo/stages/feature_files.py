"""Which scenarios stand in the feature files, found without behave: what behave leaves out cannot hide there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gherkin.errors import ParserError
from gherkin.parser import Parser

Node = Mapping[str, Any]  # of Gherkin's syntax tree: foreign
Standing = tuple[int, str, frozenset[str]]  # line, name, tags with their @


def standing_scenarios(root: Path, paths: Sequence[str], *, tag: str = "") -> dict[str, str]:
    """Location ("uri:line") → name of each scenario in `paths`; of an outline, each row.

    With `tag`, those that bear it. An outline that has no row stands there itself. A file that does not parse is left
    to behave to refuse.
    """
    return {f"{file.relative_to(root).as_posix()}:{line}": name
            for path in paths for file in _feature_files(root / path) for line, name, tags in _scenarios(file)
            if not tag or f"@{tag}" in tags}


def _feature_files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(found for found in path.rglob("*.feature") if found.is_file())


def _scenarios(file: Path) -> Iterator[Standing]:
    try:
        document: Node = Parser().parse(file.read_text(encoding="utf-8-sig"))
    except (ParserError, UnicodeDecodeError):
        return
    feature = document.get("feature")
    if feature:
        yield from _below(feature, frozenset())


def _below(parent: Node, tags: frozenset[str]) -> Iterator[Standing]:
    """What stands in a feature or a rule, whose tags hold for all its scenarios."""
    tags |= _tags(parent)
    for child in parent["children"]:
        if "rule" in child:
            yield from _below(child["rule"], tags)
        elif "scenario" in child:
            yield from _of_scenario(child["scenario"], tags)


def _of_scenario(scenario: Node, tags: frozenset[str]) -> Iterator[Standing]:
    name, tags = scenario["name"], tags | _tags(scenario)
    rows = [(row, tags | _tags(examples)) for examples in scenario["examples"] for row in examples.get("tableBody", ())]
    for node, its_tags in rows or [(scenario, tags)]:
        yield node["location"]["line"], name, its_tags


def _tags(node: Node) -> frozenset[str]:
    return frozenset(tag["name"] for tag in node["tags"])
