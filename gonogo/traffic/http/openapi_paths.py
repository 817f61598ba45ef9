"""Matches a request's path with the paths of an OpenAPI document. Operations are not read here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

import re2

_PARAMETER = re.compile(r"\{([^{}/]+)\}")
_PLAIN = re.compile(r"[A-Za-z0-9/_.~-]*")
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


@dataclass(frozen=True, slots=True)
class PathPattern:
    """One key of a document's `paths`, below the base path of one of its servers."""

    key: str
    base: str
    names: tuple[str, ...]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, key: str, base: str) -> PathPattern:
        pattern, end = re.escape(_encoded(base)), 0
        for match in _PARAMETER.finditer(key):
            pattern += re.escape(_encoded(key[end:match.start()])) + "([^/]+)"
            end = match.end()
        # Several parameters in one segment can need endless backtracking; for the others `re` is faster than RE2.
        several = any(len(_PARAMETER.findall(segment)) > 1 for segment in key.split("/"))
        compiled = (re2 if several else re).compile(pattern + re.escape(_encoded(key[end:])))
        return cls(key, base, tuple(_PARAMETER.findall(key)), compiled)

    @property
    def has_fixed_part(self) -> bool:
        return not self.names or _PARAMETER.sub("", self.base + self.key).strip("/") != ""

    def template(self, variable: str) -> str:
        return self.base + _PARAMETER.sub(lambda _match: variable, self.key)

    def values(self, path: str) -> dict[str, str] | None:
        """The path's parameters, decoded; None if `path` does not match."""
        match = self.pattern.fullmatch(_encoded(path))
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
        items = [(key, item) for key, item in paths.items() if isinstance(key, str) and key.startswith("/")] \
            if isinstance(paths, dict) else []
        shared = _bases([document])
        patterns = [PathPattern.of(key, base) for key, item in items for base in _bases_of(item, shared)]
        return cls(tuple(sorted(patterns, key=lambda pattern: pattern._order)))

    def find(self, path: str) -> PathPattern | None:
        return next(self.matching(path), None)

    def matching(self, path: str) -> Iterator[PathPattern]:
        """All that match, the most specific first."""
        encoded = _encoded(path)
        return (pattern for pattern in self.patterns if pattern.pattern.fullmatch(encoded))


@lru_cache(maxsize=4096)
def _encoded(path: str) -> str:
    """`path` with each character percent-encoded in the same way, however it was."""
    if _PLAIN.fullmatch(path):
        return path
    return "/".join(quote(unquote(part), safe="") for part in path.split("/"))


def _bases_of(path_item: object, shared: Iterable[str]) -> Iterable[str]:
    """The base paths of a path's own servers, else of the document's (`shared`), and of those of its operations."""
    if not isinstance(path_item, dict):
        return shared
    own = _bases([path_item]) if path_item.get("servers") else shared
    operations = [path_item[method] for method in _METHODS if isinstance(path_item.get(method), dict)]
    return dict.fromkeys([*own, *_bases(operations)])


def _bases(holders: Iterable[Mapping[str, object]]) -> list[str]:
    """The paths of servers, and "": a proxy of a test environment may remove the base path."""
    servers = [server for holder in holders for server in (_listed(holder.get("servers")))]
    return sorted({"", *(_base(server) for server in servers if isinstance(server, dict))})


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _base(server: Mapping[str, object]) -> str:
    variables = server.get("variables")

    def default(match: re.Match[str]) -> str:
        variable = variables.get(match[1]) if isinstance(variables, dict) else None
        return str(variable.get("default", "")) if isinstance(variable, dict) else ""

    try:
        return urlsplit(_PARAMETER.sub(default, str(server.get("url", "")))).path.rstrip("/")
    except ValueError:
        return ""
