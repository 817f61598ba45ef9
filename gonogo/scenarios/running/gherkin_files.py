"""Feature files as Gherkin's own parser reads them: the messages that the record begins with, and every scenario's id.

Each file is read once in a run. behave's reading of it is `suite`'s business.
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
    """`messages` are (kind, message): the source, its syntax tree; pickles and ids are by the scenario's line."""

    uri: str
    messages: tuple[tuple[str, Message], ...]
    pickles: Mapping[int, Message]
    standing: Mapping[int, DeclaredScenario]


class GherkinFiles:
    """The files of a run by their uri, read when they are first asked for."""

    def __init__(self) -> None:
        self._events = GherkinEvents(GherkinEvents.Options(print_source=True, print_ast=True, print_pickles=True))
        self._files: dict[str, GherkinFile] = {}

    def __getitem__(self, uri: str) -> GherkinFile:
        if uri not in self._files:
            self._files[uri] = self._read(uri)
        return self._files[uri]

    def standing(self, uri: str, line: int) -> DeclaredScenario:
        """The scenario at a line. Raises ConfigError where this parser finds none there."""
        found = self[uri].standing.get(line)
        if found is None or line not in self[uri].pickles:
            raise ConfigError(f"behave and Gherkin's own parser read {uri} differently.", where=f"{uri}:{line}",
                              fix="write the scenario in plain Gherkin.")
        return found

    def _read(self, uri: str) -> GherkinFile:
        source = {"uri": uri, "data": Path(uri).read_text(encoding="utf-8-sig"),
                  "mediaType": "text/x.cucumber.gherkin+plain"}
        messages: list[tuple[str, Message]] = []
        pickles: dict[int, Message] = {}
        standing: dict[str, DeclaredScenario] = {}
        for envelope in self._events.enum({"source": source}):  # type: ignore[typeddict-item]
            for kind, message in envelope.items():
                if kind == "parseError":
                    raise ConfigError(f"{uri} is no Gherkin: {message['message']}", where=uri,  # type: ignore[index]
                                      fix="correct it as the message says.")
                if kind == "pickle":
                    pickles[standing[message["astNodeIds"][-1]].line] = message  # type: ignore[index,assignment]
                    continue
                if kind == "gherkinDocument":
                    standing = {each.node_id: each for each in scenarios_in(message, uri)}  # type: ignore[arg-type]
                messages.append((kind, message))  # type: ignore[arg-type]
        return GherkinFile(uri, tuple(messages), pickles, {each.line: each for each in standing.values()})
