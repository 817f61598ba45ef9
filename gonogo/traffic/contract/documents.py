"""Reads the OpenAPI documents of components from files and URLs; what of a document can be used is used.

`contracts` checks exchanges against them. A document is not judged here: that is what OpenAPI linters are for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from gonogo.core.errors import ConfigError
from gonogo.core.fetching import FetchError, fetch
from gonogo.traffic.contract.cache import DocumentCache, Entry
from gonogo.traffic.contract.contracts import problems_of
from gonogo.traffic.contract.files import Files, ReadFault, unchanged
from gonogo.traffic.contract.parsing import MAX_BYTES, ParseFault, parse
from gonogo.traffic.contract.schemas import NOT_READ, SchemaFault, Schemas
from gonogo.traffic.contract.swagger import as_openapi_3

FETCH_S = 10.0
MAX_SHOWN = 3  # of the parts of one document that cannot be used
_VERSIONS = ("3.0", "3.1", "3.2")
_FIX_FILE = "set `openapi` to a file, relative to environments.yml, or a URL."
_FIX_URL = "check that the URL serves the document, or set `openapi` to a file."

Document = dict[str, Any]  # https://spec.openapis.org: foreign JSON


@dataclass(frozen=True, slots=True)
class Documents:
    """Component → its document; `parts` has by component what of its document cannot be used.

    `errors` are the documents that cannot be used at all.
    """

    by_component: Mapping[str, Document] = field(default_factory=dict)
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    errors: Mapping[str, ConfigError] = field(default_factory=dict)

    @property
    def problems(self) -> tuple[str, ...]:
        """All of these, each in one line."""
        unusable = [f"contract of {name}: {in_one_line(error)}" for name, error in self.errors.items()]
        return (*unusable, *(f"contract of {name}: {line}" for name, parts in self.parts.items()
                             for line in part_lines(parts)))


def part_lines(parts: tuple[str, ...]) -> list[str]:
    """The first of the parts that cannot be used, and the number of the others."""
    more = [f"and {len(parts) - MAX_SHOWN} more parts are not checked"] if len(parts) > MAX_SHOWN else []
    return [*(f"not checked: {part}" for part in parts[:MAX_SHOWN]), *more]


def in_one_line(text: object) -> str:
    return "; ".join(line.strip() for line in str(text).splitlines())


def load_documents(places: Mapping[str, str | None], root: Path, cache: DocumentCache | None = None) -> Documents:
    """The documents of components. A place is a path relative to `root` or a URL, None for a component without one."""
    named = {name: place for name, place in places.items() if place}
    read = partial(_entry_or_error, root=root, cache=cache or DocumentCache(),
                   named=frozenset(place for place in named.values() if is_url(place)))
    with ThreadPoolExecutor(max_workers=8) as several:
        results = dict(zip(named, several.map(read, named.values()), strict=True))
    entries = {name: each for name, each in results.items() if isinstance(each, Entry)}
    return Documents({name: entry.document for name, entry in entries.items()},
                     {name: entry.problems for name, entry in entries.items() if entry.problems},
                     {name: each for name, each in results.items() if isinstance(each, ConfigError)})


def load_document(place: str, root: Path, cache: DocumentCache | None = None,
                  named: frozenset[str] = frozenset()) -> Entry:
    """One document as OpenAPI 3, in one piece, and what of it cannot be used. Raises ConfigError if nothing can.

    `named` are the URLs that the document may refer to.
    """
    raw = _bytes(place, root)
    cache = cache or DocumentCache()
    identity = "\n".join([place, *sorted(named)])
    known = cache.get(identity, raw)
    if known is not None and unchanged(known.digests, partial(_file, root=root)):
        return known
    try:
        content = parse(raw)
    except ParseFault as error:
        raise ConfigError(f"The OpenAPI document is not valid YAML or JSON: {error}.", where=place,
                          fix="make it valid YAML or JSON, or set `openapi` to another document.") from error
    files = Files(root, partial(_file, root=root), named)
    document = _as_openapi_3(files.joined(_with_version(content, place), place, len(raw)))
    entry = Entry(document, problems_of(document), files.digests)
    cache.put(identity, raw, entry)
    return entry


def is_url(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def _entry_or_error(place: str, root: Path, cache: DocumentCache, named: frozenset[str]) -> Entry | ConfigError:
    try:
        return load_document(place, root, cache, named)
    except ConfigError as error:
        return error


def _bytes(place: str, root: Path) -> bytes:
    raw = _fetched(place) if is_url(place) else _read(root / place, place)
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"The OpenAPI document is larger than {MAX_BYTES // 1024 ** 2} MiB.", where=place,
                          fix="set `openapi` to a document of this component only.")
    return raw


def _file(place: str, *, root: Path) -> bytes:
    """Another file of a document. Raises ReadFault."""
    try:
        return _bytes(place, root)
    except ConfigError as error:
        raise ReadFault(error.what) from error


def _read(path: Path, place: str) -> bytes:
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise ConfigError("The OpenAPI document cannot be read: it is not a regular file.", where=place,
                              fix=_FIX_FILE)
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"The OpenAPI document cannot be read: {why}.", where=place, fix=_FIX_FILE) from error


def _fetched(url: str) -> bytes:
    """The bytes at `url`, within MAX_BYTES and FETCH_S. Raises ConfigError."""
    try:
        answer = fetch(url, timeout_s=FETCH_S, max_bytes=MAX_BYTES + 1, follow_redirects=True)
    except FetchError as error:
        raise ConfigError(f"The OpenAPI document cannot be fetched: {error}.", where=url, fix=_FIX_URL) from error
    if answer.status != HTTPStatus.OK:
        raise ConfigError(f"The OpenAPI document cannot be fetched: HTTP status {answer.status}.", where=url,
                          fix=_FIX_URL)
    return answer.body


def _with_version(content: object, place: str) -> Document:
    """The document, if its version is one that can be used. Raises ConfigError."""
    if not isinstance(content, dict) or not ({"openapi", "swagger"} & set(content)):
        raise ConfigError("The document is not an OpenAPI document: it has no top-level key `openapi`.", where=place,
                          fix="set `openapi` to an OpenAPI document.")
    version = str(content.get("openapi", f"{content.get('swagger')} (Swagger)"))
    if ".".join(version.split(".")[:2]) not in _VERSIONS and not _is_swagger(content):
        raise ConfigError(f"The version must be OpenAPI 3.0, 3.1 or 3.2, or Swagger 2.0, got {version}.", where=place,
                          fix="convert the document to OpenAPI 3.")
    if not isinstance(content.get("paths", {}), dict):
        raise ConfigError("The document has no paths that can be read: `paths` is not an object.", where=place,
                          fix="correct `paths`, or set `openapi` to another document.")
    return content


def _is_swagger(content: Document) -> bool:
    return "openapi" not in content and str(content.get("swagger")) == "2.0"


def _as_openapi_3(document: Document) -> Document:
    resolve = Schemas(document).resolved
    if _is_swagger(document):
        return as_openapi_3(document, resolve)
    return {**document, "paths": {path: _path_item(item, resolve) for path, item in document.get("paths", {}).items()}}


def _path_item(item: object, resolve: Callable[[object], Document]) -> object:
    """A path with its reference followed, if that is possible: its servers are needed to find it."""
    if not isinstance(item, dict) or not isinstance(item.get("$ref"), str):
        return item
    try:
        return {**resolve(item), **{key: each for key, each in item.items() if key not in ("$ref", NOT_READ)}}
    except SchemaFault:
        return item
