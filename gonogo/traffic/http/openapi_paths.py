"""Matches a request's path with the paths of an OpenAPI document. Operations are not read here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_PARAMETER = re.compile(r"\{([^{}/]+)\}")


@dataclass(frozen=True, slots=True)
class PathPattern:
    """One key of a document's `paths`, below the base path of one of its servers."""

    key: str
    base: str
    names: tuple[str, ...]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, key: str, base: str) -> PathPattern:
        pattern, end = re.escape(base), 0
        for match in _PARAMETER.finditer(key):
            pattern += re.escape(key[end:match.start()]) + "([^/]+)"
            end = match.end()
        return cls(key, base, tuple(_PARAMETER.findall(key)), re.compile(pattern + re.escape(key[end:])))

    @property
    def has_fixed_part(self) -> bool:
        return not self.names or _PARAMETER.sub("", self.base + self.key).strip("/") != ""

    def template(self, variable: str) -> str:
        return self.base + _PARAMETER.sub(lambda _match: variable, self.key)

    def values(self, path: str) -> dict[str, str] | None:
        """The path's parameters, decoded; None if `path` does not match."""
        match = self.pattern.fullmatch(path)
        if match is None:
            return None
        return {name: unquote(value) for name, value in zip(self.names, match.groups(), strict=True)}

    @property
    def _order(self) -> tuple[object, ...]:
        """Fixed segments come before variable ones, from the left, as OpenAPI requires."""
        segments = (self.base + self.key).split("/")
        return -len(self.base), [(bool(_PARAMETER.search(part)), -len(_PARAMETER.sub("", part))) for part in segments]


@dataclass(frozen=True, slots=True)
class PathTable:
    """The paths of one document, the most specific first."""

    patterns: tuple[PathPattern, ...]

    @classmethod
    def of(cls, document: Mapping[str, object]) -> PathTable:
        paths = document.get("paths")
        keys = [key for key in paths if isinstance(key, str) and key.startswith("/")] if isinstance(paths, dict) else []
        patterns = [PathPattern.of(key, base) for base in _bases(document) for key in keys]
        return cls(tuple(sorted(patterns, key=lambda pattern: pattern._order)))

    def find(self, path: str) -> PathPattern | None:
        return next((pattern for pattern in self.patterns if pattern.pattern.fullmatch(path)), None)


def _bases(document: Mapping[str, object]) -> list[str]:
    """The paths of the document's servers, and "": a proxy of a test environment may remove the base path."""
    servers = document.get("servers")
    return sorted({"", *(_base(server) for server in servers if isinstance(server, dict))}
                  if isinstance(servers, list) else {""})


def _base(server: Mapping[str, object]) -> str:
    variables = server.get("variables")

    def default(match: re.Match[str]) -> str:
        variable = variables.get(match[1]) if isinstance(variables, dict) else None
        return str(variable.get("default", "")) if isinstance(variable, dict) else ""

    return urlsplit(_PARAMETER.sub(default, str(server.get("url", "")))).path.rstrip("/")
