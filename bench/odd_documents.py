"""OpenAPI documents with random mistakes: none may end the gate with an error of its own.

    python bench/odd_documents.py FOLDER [--seconds S] [--seed N]

Parts of the JSON documents in the folder are replaced by values that do not belong there, or by other parts. Each
result is read, and exchanges are checked against it. Prints the errors that are not errors of the document, each with
the file that causes it; exits with 1 if there is any. Not part of any gate.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gonogo.core.errors import ConfigError
from gonogo.model.exchange import Body, Exchange, Message
from gonogo.traffic.contract import Contracts
from gonogo.traffic.contract.documents import load_document

ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 1e308, 10 ** 30, "", "x", "a" * 300, "(", "(?=a)b", [], {}, [None], [[]], [1, "b"],
    {"a": {}}, {"$ref": "#"}, {"$ref": "#/nope"}, {"$ref": 3}, {"$ref": "#/paths"}, {"$ref": "http://[x"},
    {"in": "query", "name": "x"}, {"type": "object"}, {"type": ["string", "null"]})
KEYS = ("type", "required", "properties", "items", "allOf", "oneOf", "not", "discriminator", "parameters", "servers",
        "schema", "content", "headers", "enum", "pattern", "additionalProperties", "default", "in", "style")
BODIES: tuple[Any, ...] = ({}, [], None, 1, "x", {"id": 1, "name": "a", "tag": None}, [{"id": 1}],
                           {"a": {"b": [1, {"c": 3}]}})
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def places(node: object) -> Iterator[tuple[Any, Any]]:
    """Each part of a document as its holder and key."""
    parts = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, item in list(parts):
        yield node, key
        yield from places(item)


def spoil(document: object, choose: random.Random) -> None:
    for _mistake in range(choose.choice((1, 2, 5, 20))):
        known = list(places(document))
        holder, key = choose.choice(known)
        if isinstance(holder, dict) and choose.random() < 0.2:
            key = choose.choice(KEYS)
        other, part = choose.choice(known)
        holder[key] = copy.deepcopy(choose.choice(ODD) if choose.random() < 0.8 else other[part])


def check(folder: Path, choose: random.Random) -> None:
    """Raises what the gate would not expect."""
    try:
        document = load_document("odd.json", folder).document
    except ConfigError:
        return
    contracts = Contracts.of({"api": document})
    for path in list(document.get("paths", {}))[:6]:
        for method in ("GET", "POST", "PUT", "DELETE"):
            target = path.replace("{", "").replace("}", "")
            exchange = _exchange(method, target, json.dumps(choose.choice(BODIES)), choose)
            contracts.check(exchange)
            contracts.undocumented(exchange)


def _exchange(method: str, path: str, text: str, choose: random.Random) -> Exchange:
    headers = (("Content-Type", JSON), ("Cookie", "a=b"), ("X-A", "1"))
    sent = Message(headers, Body(choose.choice((JSON, FORM)), len(text), text))
    return Exchange(method, f"http://api{path}?x=1&y[a]=2&limit=z", choose.choice((200, 201, 400, 404)), caller="page",
                    callee="api", request=sent, response=Message(headers, Body(JSON, len(text), text)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(options.folder.rglob("*.json"))]
    choose, ends, tried, found = random.Random(options.seed), time.monotonic() + options.seconds, 0, 0  # noqa: S311
    while time.monotonic() < ends:
        document = copy.deepcopy(choose.choice(documents))
        spoil(document, choose)
        folder = Path(tempfile.mkdtemp(prefix="gonogo-odd-"))
        (folder / "odd.json").write_text(json.dumps(document), encoding="utf-8")
        tried += 1
        try:
            check(folder, choose)
        except Exception:  # noqa: BLE001  that is what is looked for
            found += 1
            sys.stdout.write(f"{folder}/odd.json\n{traceback.format_exc()}\n")
            continue
        (folder / "odd.json").unlink()
        folder.rmdir()
    sys.stdout.write(f"{found} errors in {tried} documents\n")
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main())
