"""Puts a document in several files together as one: what a `$ref` to another file means is then within the document.
Descriptions and examples are left out.

Only files within the project's folder are read, and URLs that environments.yml itself names as documents.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard
from urllib.parse import unquote, urljoin, urlsplit

from gonogo.traffic.contract.parsing import MAX_BYTES, ParseFault, parse
from gonogo.traffic.contract.schemas import NOT_READ

MAX_FILES = 1000
FILES = "x-gonogo-files"  # the member of the document that has the other files, by their places
# Members that are left out, as nothing is checked with them; whose values are any JSON; whose members' names are free.
_LEFT_OUT = frozenset({"description", "summary", "example", "examples"})
_LITERAL = frozenset({"default", "enum", "const"})
_NAMES = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs", "definitions", "schemas",
                    "parameters", "responses", "headers", "requestBodies", "pathItems", "paths", "securitySchemes"})

Read = Callable[[str], bytes]  # the content at a URL or path; raises ReadFault


class ReadFault(ValueError):
    """A file is not read; the message is the reason in one line."""


@dataclass(slots=True)
class Files:
    """The files of one document: `place` is where it is, `content` its parsed text, `raw` the text.

    `root` is the project's folder; `named` are the URLs that environments.yml names. `digests` has the SHA-256 of each
    other file by its place, "" if it cannot be read.
    """

    root: Path
    read: Read
    named: frozenset[str] = frozenset()
    digests: dict[str, str] = field(default_factory=dict)
    _contents: dict[str, object] = field(default_factory=dict)
    _faults: dict[str, str] = field(default_factory=dict)
    _bytes: int = 0

    def joined(self, content: dict[str, Any], place: str, size: int) -> dict[str, Any]:
        """The document with all of its files in the member FILES, and with references to there."""
        self._bytes = size
        main = place if _is_url(place) else self._known(place)
        self._contents[main] = content
        rewritten: dict[str, Any] = {}
        while waiting := [each for each in self._contents if each not in rewritten]:
            rewritten |= {each: self._rewritten(self._contents[each], each, main) for each in waiting}
        whole: dict[str, Any] = rewritten.pop(main)
        return {**whole, FILES: rewritten} if rewritten else whole

    def _known(self, place: str) -> str:
        """A path relative to the project's folder, if it is within."""
        path = Path(self.root, place).resolve()
        root = self.root.resolve()
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)

    def _rewritten(self, node: Any, at: str, main: str, *, names: bool = False) -> Any:  # noqa: ANN401  foreign JSON
        if isinstance(node, list):
            return [self._rewritten(each, at, main) for each in node]
        if not isinstance(node, dict):
            return node
        result = {key: item if key in _LITERAL and not names else
                  self._rewritten(item, at, main, names=key in _NAMES and not names) for key, item in node.items()
                  if names or key not in _LEFT_OUT}
        if names:
            return result
        if isinstance(node.get("$ref"), str):
            result |= self._reference(node["$ref"], at, main)
        if isinstance(known := node.get("discriminator"), dict) and isinstance(mapping := known.get("mapping"), dict):
            result["discriminator"] = {**known, "mapping": {
                value: self._reference(target, at, main)["$ref"] if _is_reference(target) else target
                for value, target in mapping.items()}}
        return result

    def _reference(self, reference: str, at: str, main: str) -> dict[str, str]:
        """The members that replace `$ref`: a place within the joined document, or why there is none."""
        address, _hash, pointer = reference.partition("#")
        if address.startswith("urn:") or (not address and not _is_pointer(pointer)):
            return {"$ref": reference}  # an `$id` or an anchor, which is found by its name
        try:
            place = self._place(address, at) if address else at
        except ReadFault as why:
            return {"$ref": reference, NOT_READ: f"it refers to {reference}, which is not read: {why}"}
        if not _is_pointer(pointer):
            return {"$ref": f"#{pointer}"}
        inside = "" if place == main else f"/{FILES}/{place.replace('~', '~0').replace('/', '~1')}"
        return {"$ref": f"#{inside.replace('%', '%25')}{pointer}"}

    def _place(self, address: str, at: str) -> str:
        """Where a file is that `at` refers to; it is read if it is new. Raises ReadFault."""
        try:
            is_url = _is_url(at) or bool(urlsplit(address).scheme)
            place = self._url(urljoin(at, address) if _is_url(at) else address) if is_url else self._path(address, at)
        except (ValueError, OSError, RuntimeError) as error:  # no valid URL or path, or a loop of links
            raise error if isinstance(error, ReadFault) else ReadFault("it is not a valid address") from error
        if place in self._faults:
            raise ReadFault(self._faults[place])
        if place not in self._contents:
            try:
                self._contents[place] = self._content(place)
            except ReadFault as why:
                self._faults[place] = str(why)
                raise
        return place

    def _url(self, url: str) -> str:
        if url not in self.named:
            raise ReadFault("of URLs, only those are read that environments.yml names as `openapi`")
        return url

    def _path(self, address: str, at: str) -> str:
        path = Path(self.root, posixpath.join(posixpath.dirname(at), unquote(address))).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise ReadFault("it is not within the project's folder")
        return path.relative_to(self.root.resolve()).as_posix()

    def _content(self, place: str) -> object:
        if len(self._contents) >= MAX_FILES:
            raise ReadFault(f"the document has more than {MAX_FILES} files")
        self.digests[place] = ""
        raw = self.read(place)
        self._bytes += len(raw)
        if self._bytes > MAX_BYTES:
            raise ReadFault(f"the files of the document are larger than {MAX_BYTES // 1024 ** 2} MiB")
        self.digests[place] = digest_of(raw)
        try:
            return parse(raw)
        except ParseFault as why:
            raise ReadFault(f"it is not valid YAML or JSON: {why}") from why


def digest_of(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def unchanged(digests: Mapping[str, str], read: Read) -> bool:
    """Whether all files still have these digests."""
    return all(_digest(place, read) == digest for place, digest in digests.items())


def _digest(place: str, read: Read) -> str:
    try:
        return digest_of(read(place))
    except ReadFault:
        return ""


def _is_url(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def _is_pointer(pointer: str) -> bool:
    return not pointer or pointer.startswith("/")


def _is_reference(target: object) -> TypeGuard[str]:
    """Whether a discriminator's mapping refers to a schema, and does not just name it."""
    return isinstance(target, str) and ("/" in target or "#" in target or target.endswith((".json", ".yml", ".yaml")))
