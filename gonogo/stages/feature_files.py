"""Which scenarios stand in the feature files, found without behave: what behave leaves out cannot hide there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gherkin.errors import ParserError
from gherkin.parser import Parser

Node = Mapping[str, Any]  # of Gherkin's syntax tree: foreign


def standing_scenarios(root: Path, paths: Sequence[str]) -> dict[str, str]:
    """Location ("uri:line") → name of each scenario in `paths`; of an outline, each row.

    An outline that has no row stands there itself. A file that does not parse is left to behave to refuse.
    """
    return {f"{file.relative_to(root).as_posix()}:{line}": name
            for path in paths for file in _feature_files(root / path) for line, name in _scenarios(file)}


def _feature_files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(found for found in path.rglob("*.feature") if found.is_file())


def _scenarios(file: Path) -> Iterator[tuple[int, str]]:
    try:
        document: Node = Parser().parse(file.read_text(encoding="utf-8-sig"))
    except (ParserError, UnicodeDecodeError):
        return
    feature = document.get("feature")
    for child in feature["children"] if feature else ():
        for each in child["rule"]["children"] if "rule" in child else (child,):
            if "scenario" in each:
                yield from _of_scenario(each["scenario"])


def _of_scenario(scenario: Node) -> Iterator[tuple[int, str]]:
    rows = [row for examples in scenario["examples"] for row in examples.get("tableBody", ())]
    for node in rows or [scenario]:
        yield node["location"]["line"], scenario["name"]
