"""OpenAPI documents from files and URLs; of one that cannot be used it is said why and how to fix it.

What an exchange must be to keep to a document is `contract`'s business.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import yaml
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator, OpenAPIV32SpecValidator
from urllib3.exceptions import HTTPError

from gonogo.core.errors import ConfigError

MAX_BYTES = 16 * 1024 * 1024
MAX_NODES = 1_000_000  # aliases of YAML can make a few lines into billions
FETCH_S = 10.0
_VALIDATORS = {"3.0": OpenAPIV30SpecValidator, "3.1": OpenAPIV31SpecValidator, "3.2": OpenAPIV32SpecValidator}

Document = dict[str, Any]  # https://spec.openapis.org: foreign JSON, valid against its specification


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the C loader is optional
    """YAML as JSON would have it: a date is its text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


@dataclass(frozen=True, slots=True)
class Documents:
    """Component → its document; `problems` are those that cannot be used, each in a few lines for people."""

    found: Mapping[str, Document] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def load_documents(places: Mapping[str, str | None], root: Path) -> Documents:
    """The documents of components: a path relative to `root`, or a URL; None where a component has none."""
    named = {name: place for name, place in places.items() if place}
    found: dict[str, Document] = {}
    problems: list[str] = []
    with ThreadPoolExecutor(max_workers=8) as several:
        for name, read in zip(named, several.map(lambda place: _tried(place, root), named.values()), strict=True):
            if isinstance(read, ConfigError):
                problems.append(f"contract of {name}: {read}")
            else:
                found[name] = read
    return Documents(found, tuple(problems))


def load_document(place: str, root: Path) -> Document:
    """One document, valid against the OpenAPI specification that it names. Raises ConfigError."""
    raw = _fetched(place) if place.startswith(("http://", "https://")) else _read(root / place, place)
    try:
        document = _plain(yaml.load(raw, Loader=_Loader))  # noqa: S506  a safe loader; JSON is YAML
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"The OpenAPI document is neither YAML nor JSON: {_first_line(error)}", where=place,
                          fix="correct it, or name another under `openapi`.") from error
    return _valid(document, place)


def _tried(place: str, root: Path) -> Document | ConfigError:
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
                          fix="name a file, relative to environments.yml, or a URL under `openapi`.") from error
    return _bounded(raw, place)


def _fetched(url: str) -> bytes:
    """The bytes at `url`; bounded in size and in time as a whole."""
    ends = time.monotonic() + FETCH_S
    raw = b""
    try:
        with requests.get(url, timeout=FETCH_S, stream=True) as answer:
            answer.raise_for_status()
            # what has come, however little: a time-out of requests begins anew with every byte
            while len(raw) <= MAX_BYTES and (chunk := answer.raw.read1(64 * 1024, decode_content=True)):
                raw += chunk
                if time.monotonic() > ends:
                    raise requests.Timeout(f"it takes longer than {FETCH_S:g} s")
    except (requests.RequestException, HTTPError) as error:
        raise ConfigError(f"The OpenAPI document cannot be fetched: {_first_line(error)}", where=url,
                          fix="see that it is served there, or name a file under `openapi`.") from error
    return _bounded(raw, url)


def _bounded(raw: bytes, place: str) -> bytes:
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"The OpenAPI document is larger than {MAX_BYTES // 1024 ** 2} MiB.", where=place,
                          fix="name the document of this component alone.")
    return raw


def _plain(root: object) -> object:
    """`root` with texts for keys (`200:` is a number in YAML). Raises ValueError where aliases have no end."""
    known: dict[int, tuple[object, int]] = {}
    open_nodes: set[int] = set()

    def plain(node: object) -> tuple[object, int]:
        if not isinstance(node, dict | list):
            return node, 1
        if id(node) in known:
            return known[id(node)]
        if id(node) in open_nodes:
            raise ValueError("an alias stands within its own anchor")
        open_nodes.add(id(node))
        if isinstance(node, dict):
            parts = {_key(key): plain(item) for key, item in node.items()}
            result: object = {key: item for key, (item, _size) in parts.items()}
            size = 1 + sum(size for _item, size in parts.values())
        else:
            items = [plain(item) for item in node]
            result, size = [item for item, _size in items], 1 + sum(size for _item, size in items)
        if size > MAX_NODES:
            raise ValueError(f"it has more than {MAX_NODES} nodes once its aliases are put in")
        open_nodes.discard(id(node))
        known[id(node)] = result, size
        return result, size

    return plain(root)[0]


def _key(key: object) -> str:
    return key if isinstance(key, str) else json.dumps(key, default=str)


def _valid(document: object, place: str) -> Document:
    fix = "correct it (any OpenAPI linter shows where), or name another under `openapi`."
    if not isinstance(document, dict) or not ({"openapi", "swagger"} & set(document)):
        raise ConfigError("It is no OpenAPI document: it has no `openapi: 3.…` at its top.", where=place, fix=fix)
    version = str(document.get("openapi", f"{document.get('swagger')} (Swagger)"))
    validator = _VALIDATORS.get(".".join(version.split(".")[:2]))
    if validator is None:
        raise ConfigError(f"Its version is {version}, and 3.0, 3.1 and 3.2 can be read.", where=place,
                          fix="convert it to OpenAPI 3 (`npx swagger2openapi`, say).")
    try:
        error = next(iter(validator(document).iter_errors()), None)
    except Exception as fault:  # whatever a broken document does to the library that reads it
        raise ConfigError(f"The OpenAPI document cannot be followed: {_first_line(fault)}", where=place,
                          fix="put what it refers to into the document itself (`npx @redocly/cli bundle`).") from fault
    if error is not None:
        at = " → ".join(str(part) for part in error.absolute_path)
        raise ConfigError(f"It does not keep to OpenAPI {version}: {_first_line(error.message)}",
                          where=f"{place}: {at}" if at else place, fix=fix)
    return document


def _first_line(error: object) -> str:
    text = " ".join(str(error).split())
    return (text[:200] + "…" if len(text) > 200 else text) or type(error).__name__
