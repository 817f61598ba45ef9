"""Which scenarios stand in feature files, found without behave: each with its id, its line and its tags.

What behave leaves out cannot hide here. Whether a scenario runs, and how, is decided elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gherkin.errors import ParserError
from gherkin.parser import Parser

from gonogo.core.errors import ConfigError
from gonogo.model.identity import ScenarioId

Node = Mapping[str, Any]  # of Gherkin's syntax tree: foreign
FEATURES_FOLDER = "features"
PLATFORM_FOLDER = "platform"


@dataclass(frozen=True, slots=True)
class StandingScenario:
    """A scenario, or a row of an outline, as it stands in its file; an outline without a row stands there itself.

    `node_id` is that of its node in the syntax tree, "" where the tree has none; `tags` have their @, inherited ones
    among them.
    """

    id: ScenarioId
    line: int
    tags: frozenset[str]
    node_id: str = ""

    @property
    def location(self) -> str:
        return f"{self.id.uri}:{self.line}"


def feature_paths(root: Path, stage: str) -> list[str]:
    """What is run for `stage`: features/platform for the platform, everything else for behaviour."""
    features = root / FEATURES_FOLDER
    if stage == PLATFORM_FOLDER:
        return [f"{FEATURES_FOLDER}/{PLATFORM_FOLDER}"] if any((features / PLATFORM_FOLDER).rglob("*.feature")) else []
    folders = sorted(entry.name for entry in features.iterdir()) if features.is_dir() else []
    return [f"{FEATURES_FOLDER}/{name}" for name in folders if name != PLATFORM_FOLDER
            and (name.endswith(".feature") or any((features / name).rglob("*.feature")))]


def standing_scenarios(root: Path, paths: Sequence[str], *, tag: str = "") -> list[StandingScenario]:
    """The scenarios in `paths`; with `tag`, those that bear it. Raises ConfigError for a file that does not parse."""
    return [scenario for path in paths for file in _feature_files(root / path)
            for scenario in read_feature(file, file.relative_to(root).as_posix())
            if not tag or f"@{tag}" in scenario.tags]


def read_feature(file: Path, uri: str) -> list[StandingScenario]:
    """The scenarios of one file, known as `uri`. Raises ConfigError where it is no Gherkin."""
    try:
        document: Node = Parser().parse(file.read_text(encoding="utf-8-sig"))
    except ParserError as error:
        first = getattr(error, "errors", None) or [error]
        raise ConfigError(f"A feature does not parse: {str(first[0]).strip()}", where=_place(uri, first[0]),
                          fix="correct it as the message says.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"A feature cannot be read: {error}", where=uri,
                          fix="make it a readable UTF-8 text file.") from error
    return list(scenarios_in(document, uri))


def scenarios_in(document: Node, uri: str) -> Iterator[StandingScenario]:
    """The scenarios of a Gherkin document, in the order of their lines."""
    feature = document.get("feature")
    if feature:
        yield from _below(feature, "", frozenset(), uri, Counter())


def _below(parent: Node, rule: str, tags: frozenset[str], uri: str,
           named: Counter[tuple[str, str]]) -> Iterator[StandingScenario]:
    """What stands in a feature or a rule, whose tags hold for all its scenarios."""
    tags |= _tags(parent)
    for child in parent["children"]:
        if "rule" in child:
            yield from _below(child["rule"], child["rule"]["name"], tags, uri, named)
        elif "scenario" in child:
            scenario = child["scenario"]
            named[rule, scenario["name"]] += 1
            yield from _of_scenario(
                scenario, ScenarioId(uri, rule, scenario["name"], named[rule, scenario["name"]]), tags)


def _of_scenario(scenario: Node, known: ScenarioId, tags: frozenset[str]) -> Iterator[StandingScenario]:
    tags |= _tags(scenario)
    seen: Counter[tuple[tuple[str, str], ...]] = Counter()
    for examples in scenario["examples"]:
        columns = [cell["value"] for cell in examples["tableHeader"]["cells"]] if "tableHeader" in examples else []
        its_tags = tags | _tags(examples)
        for row in examples.get("tableBody", ()):
            cells = tuple(zip(columns, (cell["value"] for cell in row["cells"]), strict=True))
            seen[cells] += 1
            which = ScenarioId(known.uri, known.rule, known.name, known.ordinal, cells, seen[cells])
            yield StandingScenario(which, row["location"]["line"], its_tags, row.get("id", ""))
    if not seen:
        yield StandingScenario(known, scenario["location"]["line"], tags, scenario.get("id", ""))


def _feature_files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(found for found in path.rglob("*.feature") if found.is_file())


def _tags(node: Node) -> frozenset[str]:
    return frozenset(tag["name"] for tag in node["tags"])


def _place(uri: str, error: object) -> str:
    line = (getattr(error, "location", None) or {}).get("line")
    return f"{uri}:{line}" if line else uri
