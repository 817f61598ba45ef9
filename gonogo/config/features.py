"""Reads the scenarios of feature files without behave: each with its id, line and tags.

So the gate notices scenarios that behave leaves out. This module does not decide which scenarios run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gherkin.errors import ParserError

from gonogo.config.gherkin import GherkinParser, Node
from gonogo.core.errors import ConfigError
from gonogo.model.identity import ScenarioId
from gonogo.model.scenarios import EmptyPlace

FEATURES_FOLDER = "features"
PLATFORM_FOLDER = "platform"
_SUFFIX = ".feature"


@dataclass(frozen=True, slots=True)
class DeclaredScenario:
    """A scenario or a row of an outline in a feature file. An outline without rows is one scenario.

    `node_id` is the id of its node in the syntax tree, or ""; `tags` have their @ and include inherited tags.
    """

    id: ScenarioId
    line: int
    tags: frozenset[str]
    node_id: str = ""

    @property
    def location(self) -> str:
        return f"{self.id.uri}:{self.line}"


def feature_paths(root: Path, stage: str) -> list[str]:
    """Return the paths of `stage`: features/platform for the platform, everything else for behaviour."""
    features = root / FEATURES_FOLDER
    if stage == PLATFORM_FOLDER:
        return [f"{FEATURES_FOLDER}/{PLATFORM_FOLDER}"] if any((features / PLATFORM_FOLDER).rglob("*.feature")) else []
    folders = sorted(entry.name for entry in features.iterdir()) if features.is_dir() else []
    return [f"{FEATURES_FOLDER}/{name}" for name in folders if name != PLATFORM_FOLDER
            and (name.endswith(".feature") or any((features / name).rglob("*.feature")))]


def declared_scenarios(root: Path, paths: Sequence[str], *, tag: str = "") -> list[DeclaredScenario]:
    """Return the scenarios in `paths`, with `tag` only those that have it. Raises ConfigError for an invalid file."""
    return [scenario for path in paths for file in _feature_files(root / path)
            for scenario in read_feature(file, file.relative_to(root).as_posix())
            if not tag or f"@{tag}" in scenario.tags]


def read_stage(root: Path, stage: str) -> tuple[list[DeclaredScenario], list[EmptyPlace]]:
    """Return the scenarios of a stage, and the places without any. Raises ConfigError for an invalid file."""
    documents = {file.relative_to(root).as_posix(): _document(file, file.relative_to(root).as_posix())
                 for path in feature_paths(root, stage) for file in _feature_files(root / path)}
    scenarios = [scenario for uri, document in documents.items() for scenario in scenarios_in(document, uri)]
    empty = [EmptyPlace("suffix", uri) for uri in misnamed_features(root, stage)]
    return scenarios, empty + [place for uri, document in documents.items() for place in _empty_in(document, uri)]


def misnamed_features(root: Path, stage: str) -> list[str]:
    """Return the files of a stage that behave does not read, as their suffix is not in lower case."""
    files = sorted(file.relative_to(root) for file in (root / FEATURES_FOLDER).rglob("*")
                   if file.suffix != _SUFFIX and file.suffix.lower() == _SUFFIX)
    return [file.as_posix() for file in files if (PLATFORM_FOLDER in file.parts[1:2]) is (stage == PLATFORM_FOLDER)]


def read_feature(file: Path, uri: str) -> list[DeclaredScenario]:
    """Return the scenarios of one file, whose path in ids is `uri`. Raises ConfigError if it is not valid Gherkin."""
    return list(scenarios_in(_document(file, uri), uri))


def _document(file: Path, uri: str) -> Node:
    try:
        document = GherkinParser().parse(file.read_text(encoding="utf-8-sig"))
    except ParserError as error:
        first = getattr(error, "errors", None) or [error]
        raise ConfigError(f"A feature does not parse: {str(first[0]).strip()}", where=_place(uri, first[0]),
                          fix="correct the Gherkin syntax at this line.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"A feature cannot be read: {error}", where=uri,
                          fix="make it a readable UTF-8 text file.") from error
    return document


def _empty_in(document: Node, uri: str) -> Iterator[EmptyPlace]:
    feature = document.get("feature")
    if not feature:
        yield EmptyPlace("no-scenarios", uri)
        return
    rules = [child["rule"] for child in feature["children"] if "rule" in child]
    yield from _empty_examples(feature, uri)
    for rule in rules:
        yield from _empty_examples(rule, uri)
    without = [parent for parent in (feature, *rules) if not _has_scenarios(parent)]
    for parent in without if feature not in without else [feature]:
        yield EmptyPlace("no-scenarios", f"{uri}:{parent['location']['line']}")


def _has_scenarios(parent: Node) -> bool:
    return any("scenario" in child or ("rule" in child and _has_scenarios(child["rule"]))
               for child in parent["children"])


def _empty_examples(parent: Node, uri: str) -> Iterator[EmptyPlace]:
    """Yield the examples without rows of outlines that have other rows."""
    for scenario in (child["scenario"] for child in parent["children"] if "scenario" in child):
        empty = [each for each in scenario["examples"] if not each.get("tableBody")]
        if len(empty) < len(scenario["examples"]):
            yield from (EmptyPlace("no-rows", f"{uri}:{each['location']['line']}") for each in empty)


def scenarios_in(document: Node, uri: str) -> Iterator[DeclaredScenario]:
    """Yield the scenarios of a Gherkin document, in the order of their lines."""
    feature = document.get("feature")
    if feature:
        yield from _below(feature, "", frozenset(), uri, Counter())


def _below(parent: Node, rule: str, tags: frozenset[str], uri: str,
           name_counts: Counter[tuple[str, str]]) -> Iterator[DeclaredScenario]:
    """Yield the scenarios of a feature or rule; its tags apply to all of them."""
    tags |= _tags(parent)
    for child in parent["children"]:
        if "rule" in child:
            yield from _below(child["rule"], child["rule"]["name"], tags, uri, name_counts)
        elif "scenario" in child:
            scenario = child["scenario"]
            name_counts[rule, scenario["name"]] += 1
            yield from _of_scenario(
                scenario, ScenarioId(uri, rule, scenario["name"], name_counts[rule, scenario["name"]]), tags)


def _of_scenario(scenario: Node, scenario_id: ScenarioId, tags: frozenset[str]) -> Iterator[DeclaredScenario]:
    tags |= _tags(scenario)
    row_counts: Counter[tuple[tuple[str, str], ...]] = Counter()
    for examples in scenario["examples"]:
        columns = [cell["value"] for cell in examples["tableHeader"]["cells"]] if "tableHeader" in examples else []
        row_tags = tags | _tags(examples)
        for row in examples.get("tableBody", ()):
            cells = tuple(zip(columns, (cell["value"] for cell in row["cells"]), strict=True))
            row_counts[cells] += 1
            row_id = replace(scenario_id, cells=cells, row=row_counts[cells])
            yield DeclaredScenario(row_id, row["location"]["line"], row_tags, row.get("id", ""))
    if not row_counts:
        yield DeclaredScenario(scenario_id, scenario["location"]["line"], tags, scenario.get("id", ""))


def _feature_files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(file for file in path.rglob("*.feature") if file.is_file())


def _tags(node: Node) -> frozenset[str]:
    return frozenset(tag["name"] for tag in node["tags"])


def _place(uri: str, error: object) -> str:
    line = (getattr(error, "location", None) or {}).get("line")
    return f"{uri}:{line}" if line else uri
