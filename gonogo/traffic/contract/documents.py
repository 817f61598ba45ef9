"""Loads and validates OpenAPI documents from files and URLs.

`contracts` checks exchanges against them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator, OpenAPIV32SpecValidator

from gonogo.core.errors import ConfigError
from gonogo.core.fetching import FetchError, fetch

MAX_BYTES = 16 * 1024 * 1024
MAX_NODES = 1_000_000  # YAML aliases can expand a few lines to billions of nodes
FETCH_S = 10.0
_VALIDATORS = {"3.0": OpenAPIV30SpecValidator, "3.1": OpenAPIV31SpecValidator, "3.2": OpenAPIV32SpecValidator}

Document = dict[str, Any]  # https://spec.openapis.org: foreign JSON, valid against its specification


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the C loader is optional
    """YAML with JSON's types: a date is a string."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


@dataclass(frozen=True, slots=True)
class Documents:
    """Component → its document; `problems` are the errors of documents that cannot be used."""

    by_component: Mapping[str, Document] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def load_documents(places: Mapping[str, str | None], root: Path) -> Documents:
    """The documents of components. A place is a path relative to `root` or a URL, None for a component without one."""
    named = {name: place for name, place in places.items() if place}
    loaded: dict[str, Document] = {}
    problems: list[str] = []
    with ThreadPoolExecutor(max_workers=8) as several:
        results = several.map(lambda place: _load_or_error(place, root), named.values())
        for name, read in zip(named, results, strict=True):
            if isinstance(read, ConfigError):
                problems.append(f"contract of {name}: {read}")
            else:
                loaded[name] = read
    return Documents(loaded, tuple(problems))


def load_document(place: str, root: Path) -> Document:
    """One document, valid against the OpenAPI version that it declares. Raises ConfigError."""
    raw = _fetch(place) if place.startswith(("http://", "https://")) else _read(root / place, place)
    try:
        document = _with_text_keys(yaml.load(raw, Loader=_Loader))  # noqa: S506  a safe loader; JSON is YAML
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"The OpenAPI document is not valid YAML or JSON: {_first_line(error)}", where=place,
                          fix="make it valid YAML or JSON, or set `openapi` to another document.") from error
    return _valid(document, place)


def _load_or_error(place: str, root: Path) -> Document | ConfigError:
    try:
        return load_document(place, root)
    except ConfigError as error:
        return error


def _read(path: Path, place: str) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"The OpenAPI document cannot be read: {error.strerror}.", where=place,
                          fix="set `openapi` to a file, relative to environments.yml, or a URL.") from error
    return _bounded(raw, place)


def _fetch(url: str) -> bytes:
    """The bytes at `url`, within MAX_BYTES and FETCH_S. Raises ConfigError."""
    fix = "check that the URL serves the document, or set `openapi` to a file."
    try:
        answer = fetch(url, timeout_s=FETCH_S, max_bytes=MAX_BYTES + 1, follow_redirects=True)
    except FetchError as error:
        raise ConfigError(f"The OpenAPI document cannot be fetched: {error}", where=url, fix=fix) from error
    if answer.status != HTTPStatus.OK:
        raise ConfigError(f"The OpenAPI document cannot be fetched: HTTP status {answer.status}", where=url, fix=fix)
    return _bounded(answer.body, url)


def _bounded(raw: bytes, place: str) -> bytes:
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"The OpenAPI document is larger than {MAX_BYTES // 1024 ** 2} MiB.", where=place,
                          fix="set `openapi` to a document of this component only.")
    return raw


def _with_text_keys(root: object) -> object:
    """`root` with all keys as strings (`200:` is a number in YAML). Raises ValueError for recursive aliases."""
    known: dict[int, tuple[object, int]] = {}
    open_nodes: set[int] = set()

    def plain(node: object) -> tuple[object, int]:
        if not isinstance(node, dict | list):
            return node, 1
        if id(node) in known:
            return known[id(node)]
        if id(node) in open_nodes:
            raise ValueError("an alias refers to a node that contains it")
        open_nodes.add(id(node))
        if isinstance(node, dict):
            parts = {_key(key): plain(item) for key, item in node.items()}
            result: object = {key: item for key, (item, _size) in parts.items()}
            size = 1 + sum(size for _item, size in parts.values())
        else:
            items = [plain(item) for item in node]
            result, size = [item for item, _size in items], 1 + sum(size for _item, size in items)
        if size > MAX_NODES:
            raise ValueError(f"it has more than {MAX_NODES} nodes when its aliases are expanded")
        open_nodes.discard(id(node))
        known[id(node)] = result, size
        return result, size

    return plain(root)[0]


def _key(key: object) -> str:
    return key if isinstance(key, str) else json.dumps(key, default=str)


def _valid(document: object, place: str) -> Document:
    fix = "fix the errors that an OpenAPI linter reports, or set `openapi` to another document."
    if not isinstance(document, dict) or not ({"openapi", "swagger"} & set(document)):
        raise ConfigError("The document is not an OpenAPI document: it has no top-level key `openapi`.", where=place,
                          fix=fix)
    version = str(document.get("openapi", f"{document.get('swagger')} (Swagger)"))
    validator = _VALIDATORS.get(".".join(version.split(".")[:2]))
    if validator is None:
        raise ConfigError(f"The OpenAPI version must be 3.0, 3.1 or 3.2, got {version}.", where=place,
                          fix="convert the document to OpenAPI 3, for example with `npx swagger2openapi`.")
    try:
        error = next(iter(validator(document).iter_errors()), None)
    except Exception as fault:  # the validator raises various exceptions for broken documents
        raise ConfigError(f"The OpenAPI document cannot be resolved: {_first_line(fault)}", where=place,
                          fix="bundle all that it refers to into one document (`npx @redocly/cli bundle`).") from fault
    if error is not None:
        at = " → ".join(str(part) for part in error.absolute_path)
        raise ConfigError(f"The document is not valid OpenAPI {version}: {_first_line(error.message)}",
                          where=f"{place}: {at}" if at else place, fix=fix)
    return document


def _first_line(error: object) -> str:
    text = " ".join(str(error).split())
    return (text[:200] + "…" if len(text) > 200 else text) or type(error).__name__
