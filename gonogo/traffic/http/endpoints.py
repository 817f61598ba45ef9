"""Endpoint templates of paths: `/api/bookings/5f0c…` → `/api/bookings/[id]`.

The callee's OpenAPI document decides if it has the path; otherwise each segment is classified by its characters. A name
that is taken for an id would hide an endpoint, so anything that may be a word is kept.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote

from gonogo.model.calls import Edge
from gonogo.model.exchange import Exchange
from gonogo.traffic.http.openapi_paths import PathTable

VARIABLE = "[id]"

_VERSION = re.compile(r"v?\d{1,3}(\.\d{1,3}){1,3}|v\d{1,3}", re.IGNORECASE)  # v1, 1.0, 3.7.1
_LANGUAGE = re.compile(r"[a-z]{2,3}[-_]([A-Z]{2}|[A-Z][a-z]{3}|\d{3})")  # en-GB, zh_Hant, es-419
_UUID = re.compile(r"\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?", re.IGNORECASE)
_DATE = re.compile(r"(?<!\d)\d{4}-(0\d|1[0-2]|W[0-5]\d)(-\d{2})?(?!\d)")
_LOCATOR = re.compile(r"[A-Z0-9]{6}")  # a reservation's record locator; one in six has no digit
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_FLIGHT_NUMBER = re.compile(r"[A-Z]{1,3}\d{2,}")  # TA123, E1007
_HEX = re.compile(r"(?=.*\d)[0-9a-f]{8,}|(?=.*\d)[0-9A-F]{8,}")
_WORD_AND_NUMBER = re.compile(r"[A-Za-z]+\d{1,4}")  # step2, utf8, es2020
_FILE = re.compile(r"(?P<name>.+)(?P<ending>\.(?:js|mjs|css|map|json|wasm|html?|png|jpe?g|gif|svg|webp|avif|ico"
                   r"|woff2?|ttf|otf|txt|xml|pdf|webmanifest))", re.IGNORECASE)
# index-DiwrgTda.js, as bundlers name their chunks: eight of base64url, no plain word among them
_BUNDLE_HASH = re.compile(r"(?<=[.\-_])(?=\w*(?:[a-z][A-Z]|[A-Z]{2}|\d))(?![a-z-]+$)[\w-]{8}$")


class Endpoints:
    """Makes endpoint templates, with the OpenAPI documents of the components that have one."""

    def __init__(self, documents: Mapping[str, Mapping[str, object]] | None = None) -> None:
        self._tables = {name: PathTable.of(document) for name, document in (documents or {}).items()}

    def template(self, callee: str, path: str) -> str:
        """The endpoint of `callee` to which `path` belongs."""
        table = self._tables.get(callee)
        pattern = table.find(path) if table else None
        # a template without a fixed part ("/{path}") only means that files are served
        return pattern.template(VARIABLE) if pattern and pattern.has_fixed_part else template(path)

    def edge(self, exchange: Exchange) -> Edge:
        return Edge(exchange.caller, exchange.callee, exchange.method, self.template(exchange.callee, exchange.path))


@lru_cache(maxsize=4096)
def template(path: str) -> str:
    """`path` with `[id]` for each segment that looks like a value and not like a name."""
    segments = path.split("/")
    return "/".join(_segment(segment, before) for before, segment in zip(["", *segments], segments, strict=False))


def _segment(segment: str, before: str) -> str:
    name = unquote(segment.partition(";")[0])  # /a;jsessionid=…: not part of the name
    if name.isdigit() and len(name) <= 2 and before in ("api", "rest"):
        return name  # /rest/api/2/…
    file = _FILE.fullmatch(name)
    if file:
        return _file(file["name"]) + file["ending"]
    head, colon, verb = name.partition(":")
    if colon and verb.isalpha() and is_variable(head):
        return f"{VARIABLE}:{verb}"  # /messages/123:send
    return VARIABLE if is_variable(name) else segment.partition(";")[0]


def _file(name: str) -> str:
    """`app.3f2a9c1b` → `app.[id]`: without the hash of a bundle."""
    parts = re.split(r"([.\-_])", name)
    if is_variable(name) and (_DATE.search(name) or not any(part.isalpha() and not _opaque(part) for part in parts)):
        return VARIABLE
    end = _BUNDLE_HASH.search(name)
    if end:
        return name[:end.start()] + VARIABLE
    return "".join(VARIABLE if len(part) >= 5 and (part.isdigit() or _opaque(part)) else part for part in parts)


def is_variable(segment: str) -> bool:
    """Whether a (decoded) segment looks like a value: a number, an id, a locator, a date, free text."""
    if not segment or _VERSION.fullmatch(segment) or _LANGUAGE.fullmatch(segment):
        return False
    if _NUMBER.fullmatch(segment) or _UUID.fullmatch(segment) or _LOCATOR.fullmatch(segment):
        return True
    if _DATE.search(segment) or " " in segment or "@" in segment[1:]:
        return True
    return any(_opaque(part) or (part.isdigit() and len(part) >= 3) for part in re.split(r"[-_.~:,+=]", segment))


def _opaque(part: str) -> bool:
    """Whether a run of letters and digits is not a word: a generated id, or a flight number."""
    if part.isdigit() or not part.isascii():
        return False
    if part.isalpha():
        capitals = sum(letter.isupper() for letter in part) / max(len(part), 1)
        return len(part) >= 16 and 0.3 <= capitals <= 0.7  # base64url without a digit; names have fewer capitals
    if _HEX.fullmatch(part) and not _WORD_AND_NUMBER.fullmatch(part):
        return True
    if _FLIGHT_NUMBER.fullmatch(part):
        return True
    changes = sum(one.isdigit() != other.isdigit() for one, other in itertools.pairwise(part))
    return changes >= 3 or (len(part) >= 10 and changes >= 2) or (
        len(part) >= 12 and changes >= 1 and not _WORD_AND_NUMBER.fullmatch(part))
