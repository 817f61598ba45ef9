"""Reads YAML with the line of every key, and substitutes `${VAR}`. It knows no key's meaning.

A file is bounded: in bytes, in depth, and in nodes once its aliases are replaced by their values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import yaml

from gonogo.core.errors import ConfigError

MAX_FILE_BYTES = 1024 * 1024
MAX_DEPTH = 40
MAX_NODES = 100_000
KeyPath = tuple[str | int, ...]
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_]\w*)(?::-(?P<default>[^}]*))?\}")
_TAG = "tag:yaml.org,2002:"
_MERGE = f"{_TAG}merge"
_COLLECTIONS = {f"{_TAG}map", f"{_TAG}seq"}


@dataclass(frozen=True, slots=True)
class LocatedYaml:
    """A YAML document as plain data, and the line (from 1) of each of its keys and items."""

    path: Path
    data: object
    lines: Mapping[KeyPath, int] = field(default_factory=dict)

    def where(self, key_path: KeyPath) -> str:
        """`environments.yml:41: preprod → load → book`; an absent key has the line of its nearest parent."""
        located = key_path
        while located and located not in self.lines:
            located = located[:-1]
        path = " → ".join(str(key) for key in key_path)
        return f"{self.path.name}:{self.lines.get(located, 1)}" + (f": {path}" if path else "")


def read_located_yaml(path: Path, *, missing_fix: str) -> LocatedYaml:
    """Read `path`. Raises ConfigError for a missing or too large file, invalid YAML, or a duplicate key."""
    text = _text_of(path, missing_fix)
    try:
        root = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path.name} is not valid YAML: {error.problem}.", where=f"{path.name}:{line}",
                          fix="correct the indentation or the quotes near this line.") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path.name} is not valid YAML: {error}.", where=path.name,
                          fix="save it as plain UTF-8 text.") from error
    reader = _Reader(path)
    return LocatedYaml(path, reader.plain(root, ()) if root is not None else None, reader.lines)


def _text_of(path: Path, missing_fix: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        text = data.decode("utf-8")
    except FileNotFoundError as error:
        raise ConfigError(f"{path.name} does not exist.", where=str(path), fix=missing_fix) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} cannot be read: {error}", where=str(path),
                          fix="make it a readable UTF-8 text file.") from error
    if len(data) > MAX_FILE_BYTES:
        raise ConfigError(f"{path.name} is larger than {MAX_FILE_BYTES // 1024} KiB.", where=str(path),
                          fix="remove what does not belong in it.")
    return text


class _Loader(yaml.SafeLoader):
    """Composes nodes; brackets that are nested deeper than any setting are an error, not a RecursionError."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                raise yaml.MarkedYAMLError(problem=f"it is nested more than {MAX_DEPTH} levels deep",
                                           problem_mark=self.peek_event().start_mark)  # type: ignore[no-untyped-call]
            return super().compose_node(parent, index)  # type: ignore[arg-type]
        finally:
            self._depth -= 1


class _Reader:
    """Makes plain data of nodes, and records the line of each key and item."""

    def __init__(self, path: Path) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._path = path
        self._nodes = 0
        self._loader = yaml.SafeLoader("")

    def plain(self, node: yaml.Node, at: KeyPath) -> object:
        self._nodes += 1
        if self._nodes > MAX_NODES or len(at) > MAX_DEPTH:
            raise self._endless(node)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if node.tag not in _COLLECTIONS:
            raise self._error(node, f"The tag '{node.tag.replace(_TAG, '!!')}' is unknown", "remove the tag.")
        return self._mapping(node, at) if isinstance(node, yaml.MappingNode) else self._sequence(node, at)

    def _sequence(self, node: yaml.Node, at: KeyPath) -> list[object]:
        for index, item in enumerate(node.value):
            self.lines[(*at, index)] = item.start_mark.line + 1
        return [self.plain(item, (*at, index)) for index, item in enumerate(node.value)]

    def _mapping(self, node: yaml.MappingNode, at: KeyPath, depth: int = 0) -> dict[str, object]:
        """The mapping. Its own keys override those that `<<` merges into it; of several mappings the first wins."""
        if depth > MAX_DEPTH:
            raise self._endless(node)
        merged: dict[str, object] = {}
        for each in self._merged_into(node):
            merged = {**self._mapping(each, at, depth + 1), **merged}
        own: dict[str, object] = {}
        own_lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                continue
            key = self._key(key_node)
            if key in own:
                raise self._error(key_node, f"Duplicate key '{key}'",
                                  f"remove one of them; the first is on line {own_lines[key]}.")
            own_lines[key] = self.lines[(*at, key)] = key_node.start_mark.line + 1
            own[key] = self.plain(value_node, (*at, key))
        return {**merged, **own}

    def _merged_into(self, node: yaml.MappingNode) -> Iterator[yaml.MappingNode]:
        for key_node, value_node in node.value:
            if key_node.tag != _MERGE:
                continue
            for each in value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]:
                if not isinstance(each, yaml.MappingNode):
                    raise self._error(key_node, "`<<` merges something that is not a mapping",
                                      "write `<<: *name`, where &name stands at a mapping.")
                yield each

    def _key(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self._error(node, "A key is a mapping or a list", "write the key as text.")
        return str(node.value)

    def _scalar(self, node: yaml.ScalarNode) -> object:
        """The value; a date or time, if it exists, stays the text that was written."""
        try:
            value = cast(object, self._loader.construct_object(node))
        except (yaml.YAMLError, ValueError, LookupError, ArithmeticError) as error:  # `!x 1`, `!!int ""`, 5,000 digits
            problem = getattr(error, "problem", None) or error
            raise self._error(node, f"'{node.value:.80}' is not a valid value: {problem}",
                              "put the value in quotes and remove its tag.") from error
        return value if isinstance(value, str | int | float | None) else str(node.value)

    def _endless(self, node: yaml.Node) -> ConfigError:
        return self._error(node, f"{self._path.name} has an alias that contains itself, or whose values are too many",
                           "replace the alias by its value.")

    def _error(self, node: yaml.Node, what: str, fix: str) -> ConfigError:
        return ConfigError(f"{what}.", where=f"{self._path.name}:{node.start_mark.line + 1}", fix=fix)


class Variables:
    """Substitutes `${VAR}` and `${VAR:-default}` in strings, and records which values are a variable alone."""

    def __init__(self, environ: Mapping[str, str], document: LocatedYaml) -> None:
        self._environ = environ
        self._document = document
        self.whole_values: set[KeyPath] = set()

    def substitute(self, value: object, at: KeyPath) -> object:
        """Return `value` with every variable replaced. Raises ConfigError for one without value and default."""
        if isinstance(value, dict):
            return {key: self.substitute(item, (*at, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.substitute(item, (*at, index)) for index, item in enumerate(value)]
        if not isinstance(value, str):
            return value
        if _VARIABLE.fullmatch(value):
            self.whole_values.add(at)
        return _VARIABLE.sub(lambda match: self._value(match, at), value)

    def _value(self, match: re.Match[str], at: KeyPath) -> str:
        name, default = match["name"], match["default"]
        if name in self._environ:
            return self._environ[name]
        if default is None:
            raise ConfigError(f"The environment variable {name} is not set.", where=self._document.where(at),
                              fix=f"export {name}=…, or write a default here: ${{{name}:-…}}.")
        return cast(str, default)
