"""Feature files as Gherkin's own parser reads them: the first messages of the record, and the id of each scenario.

Each file is read once in a run. `runner` has behave parse the files as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gherkin.errors import ParserError

from gonogo.config.features import DeclaredScenario, scenarios_in
from gonogo.config.gherkin import GherkinParser
from gonogo.core.errors import ConfigError

Message = Mapping[str, Any]  # of Cucumber Messages: foreign JSON


@dataclass(frozen=True, slots=True)
class GherkinFile:
    """`messages` are (kind, message): the source, its syntax tree; `pickles` and `scenarios` are by line."""

    uri: str
    messages: tuple[tuple[str, Message], ...]
    pickles: Mapping[int, Message]
    scenarios: Mapping[int, DeclaredScenario]


class GherkinFiles:
    """The files of a run by their uri, read on first use."""

    def __init__(self) -> None:
        self._parser = GherkinParser()
        self._files: dict[str, GherkinFile] = {}

    def __getitem__(self, uri: str) -> GherkinFile:
        if uri not in self._files:
            self._files[uri] = self._read(uri)
        return self._files[uri]

    def scenario_at(self, uri: str, line: int) -> DeclaredScenario:
        """The scenario at a line. Raises ConfigError if Gherkin's parser finds none there."""
        scenario = self[uri].scenarios.get(line)
        if scenario is None or line not in self[uri].pickles:
            raise ConfigError(f"behave finds a scenario that Gherkin's official parser does not find in {uri}.",
                              where=f"{uri}:{line}", fix="write the scenario in standard Gherkin.")
        return scenario

    def _read(self, uri: str) -> GherkinFile:
        data = Path(uri).read_text(encoding="utf-8-sig")
        try:
            document = {**self._parser.parse(data), "uri": uri}
        except ParserError as error:
            first = (getattr(error, "errors", None) or [error])[0]
            raise ConfigError(f"{uri} is not valid Gherkin: {first}", where=uri,
                              fix="fix the syntax error at this line.") from error
        scenarios = {each.node_id: each for each in scenarios_in(document, uri)}
        source = {"uri": uri, "data": data, "mediaType": "text/x.cucumber.gherkin+plain"}
        pickles = {scenarios[pickle["astNodeIds"][-1]].line: pickle for pickle in self._parser.pickles(document)}
        return GherkinFile(uri, (("source", source), ("gherkinDocument", document)), pickles,
                           {each.line: each for each in scenarios.values()})
