"""Feature files as Gherkin's own parser reads them: the first messages of the record, and the id of each scenario.

Each file is read once in a run. `runner` has behave parse the files as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gherkin.stream.gherkin_events import GherkinEvents

from gonogo.config.features import DeclaredScenario, scenarios_in
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
        self._events = GherkinEvents(GherkinEvents.Options(print_source=True, print_ast=True, print_pickles=True))
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
        source = {"uri": uri, "data": Path(uri).read_text(encoding="utf-8-sig"),
                  "mediaType": "text/x.cucumber.gherkin+plain"}
        messages: list[tuple[str, Message]] = []
        pickles: dict[int, Message] = {}
        scenarios: dict[str, DeclaredScenario] = {}
        for envelope in self._events.enum({"source": source}):  # type: ignore[typeddict-item]
            for kind, message in envelope.items():
                if kind == "parseError":
                    raise ConfigError(f"{uri} is not valid Gherkin: {message['message']}",  # type: ignore[index]
                                      where=uri, fix="fix the syntax error at this line.")
                if kind == "pickle":
                    pickles[scenarios[message["astNodeIds"][-1]].line] = message  # type: ignore[index,assignment]
                    continue
                if kind == "gherkinDocument":
                    scenarios = {each.node_id: each for each in scenarios_in(message, uri)}  # type: ignore[arg-type]
                messages.append((kind, message))  # type: ignore[arg-type]
        return GherkinFile(uri, tuple(messages), pickles, {each.line: each for each in scenarios.values()})
