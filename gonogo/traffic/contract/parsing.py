"""Parses a YAML or JSON document, which is foreign, within limits of size, depth and expanded aliases."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import yaml

MAX_BYTES = 16 * 1024 * 1024  # of a document, all of its files together
MAX_DEPTH = 100  # nested lists and objects; the parsers themselves would overflow the stack
MAX_NODES = 1_000_000  # of one file; YAML aliases can expand a few lines to billions of nodes
MAX_MERGED = 20  # mappings that another one merges
_MERGE = "tag:yaml.org,2002:merge"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the C loader is optional
    """YAML with JSON's types, as OpenAPI requires: a date and `yes` are strings."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Put the members of merged mappings (`<<`) into `node`, each once: merging merged ones multiplies them."""
        merged = [value for key, value in node.value if key.tag == _MERGE]
        if sum(len(each.value) if isinstance(each, yaml.SequenceNode) else 1 for each in merged) > MAX_MERGED:
            raise ParseFault(f"a mapping merges more than {MAX_MERGED} others")
        super().flatten_mapping(node)
        if merged:
            node.value = list({(key.tag, str(key.value)): (key, value) for key, value in node.value}.values())


# https://yaml.org/spec/1.2.2/#102-json-schema, with the spellings of the core schema for null and booleans
_TYPES = (("null", r"~|null|Null|NULL|", "~nN\0"), ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
          ("int", r"-?(0|[1-9][0-9]*)", "-0123456789"),
          ("float", r"-?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][-+]?[0-9]+)?", "-0123456789"), ("merge", "<<", "<"))
_Loader.yaml_implicit_resolvers = {
    first: [(f"tag:yaml.org,2002:{name}", re.compile(f"(?:{pattern})\\Z"))
            for name, pattern, firsts in _TYPES if first in firsts] for first in "~nNtTfF-0123456789<"}
_Loader.yaml_implicit_resolvers[""] = [("tag:yaml.org,2002:null", re.compile(r"\Z"))]


class ParseFault(ValueError):
    """The text is not a document within the limits; the message is the reason in one line."""


def parse(raw: bytes) -> object:
    """The document, with all keys as strings (`200:` is a number in YAML). Raises ParseFault."""
    try:
        if raw.lstrip()[:1] in (b"{", b"["):
            try:
                document = json.loads(raw.decode("utf-8-sig"))
            except json.JSONDecodeError:
                document = _yaml(raw)  # flow style is written with the same brackets
        else:
            document = _yaml(raw)
        return _plain(document)
    except RecursionError as error:
        raise ParseFault(f"it is nested deeper than {MAX_DEPTH} levels") from error
    except (yaml.YAMLError, ValueError) as error:
        raise ParseFault(first_line(error)) from error


def first_line(error: object) -> str:
    text = " ".join(str(error).split())
    return (text[:200] + "…" if len(text) > 200 else text) or type(error).__name__


def _yaml(raw: bytes) -> object:
    """Parsed twice: the events come without recursion, and show whether the document may be built."""
    depth = nodes = 0
    for event in yaml.parse(raw, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        nodes += isinstance(event, yaml.NodeEvent)
        if depth > MAX_DEPTH:
            raise ParseFault(f"it is nested deeper than {MAX_DEPTH} levels")
        if nodes > MAX_NODES:
            raise ParseFault(f"it has more than {MAX_NODES} nodes")
    return yaml.load(raw, Loader=_Loader)  # noqa: S506  a safe loader


def _plain(root: object) -> object:
    known: dict[int, tuple[object, int]] = {}
    open_nodes: set[int] = set()
    left = MAX_NODES

    def plain(node: object) -> tuple[object, int]:
        if not isinstance(node, dict | list):
            return node, 1
        if id(node) in known:
            return known[id(node)]
        if id(node) in open_nodes:
            raise ParseFault("an alias refers to a node that contains it")
        if len(open_nodes) >= MAX_DEPTH:
            raise ParseFault(f"it is nested deeper than {MAX_DEPTH} levels")
        nonlocal left
        left -= len(node)
        if left < 0:
            raise ParseFault(f"it has more than {MAX_NODES} nodes")
        open_nodes.add(id(node))
        parts = [(key, *plain(item)) for key, item in _items(node)]
        size = 1 + sum(size for _key, _item, size in parts)
        if size > MAX_NODES:
            raise ParseFault(f"it has more than {MAX_NODES} nodes when its aliases are expanded")
        result = {_text(key): item for key, item, _size in parts} if isinstance(node, dict) else \
            [item for _key, item, _size in parts]
        open_nodes.discard(id(node))
        known[id(node)] = result, size
        return result, size

    return plain(root)[0]


def _items(node: dict[object, object] | list[object]) -> Iterator[tuple[object, object]]:
    return iter(node.items()) if isinstance(node, dict) else enumerate(node)


def _text(key: object) -> str:
    return key if isinstance(key, str) else json.dumps(key, default=str)
