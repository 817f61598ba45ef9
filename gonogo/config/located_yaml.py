"""Reads YAML with the line of every key, and substitutes `${VAR}`. It knows no key's meaning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import yaml

from gonogo.core.errors import ConfigError

KeyPath = tuple[str | int, ...]
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_]\w*)(?::-(?P<default>[^}]*))?\}")


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
    """Read `path`. Raises ConfigError for a missing file, invalid YAML or a duplicate key."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigError(f"{path.name} does not exist.", where=str(path), fix=missing_fix) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} cannot be read: {error}", where=str(path),
                          fix="make it a readable UTF-8 text file.") from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path.name} is not valid YAML: {error.problem}.", where=f"{path.name}:{line}",
                          fix="correct the indentation or the quotes near this line.") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path.name} is not valid YAML: {error}.", where=path.name,
                          fix="save it as plain UTF-8 text.") from error
    lines: dict[KeyPath, int] = {}
    try:
        data = _plain(root, (), lines, path) if root is not None else None
    except RecursionError as error:
        raise ConfigError(f"{path.name} has an alias that contains itself, or too deeply nested brackets.",
                          where=path.name,
                          fix="replace the alias by its value.") from error
    return LocatedYaml(path, data, lines)


def _plain(node: yaml.Node, at: KeyPath, lines: dict[KeyPath, int], path: Path) -> object:
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key in mapping:
                raise ConfigError(f"Duplicate key '{key}'.", where=f"{path.name}:{line}",
                                  fix=f"remove one of them; the first is on line {lines[(*at, key)]}.")
            lines[(*at, key)] = line
            mapping[key] = _plain(value_node, (*at, key), lines, path)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        items: list[object] = []
        for index, item in enumerate(node.value):
            lines[(*at, index)] = item.start_mark.line + 1
            items.append(_plain(item, (*at, index), lines, path))
        return items
    try:
        return cast(object, yaml.SafeLoader("").construct_object(node))
    except (yaml.YAMLError, ValueError) as error:  # an unknown tag, or a date with month 13
        raise ConfigError(f"'{node.value}' is not a valid value: {getattr(error, 'problem', None) or error}.",
                          where=f"{path.name}:{node.start_mark.line + 1}",
                          fix="put the value in quotes and remove its tag.") from error


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
