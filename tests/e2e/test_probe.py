"""The probe stage by the real gate, against a small shop that changes between two runs."""

from __future__ import annotations

import http.server
import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.e2e.conftest import DIGEST, Ended, Project, System

TOKEN = "token-of-this-account-0815"
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3", "info": {"title": "shop", "version": "1"},
    "paths": {
        "/api/items": {
            "post": {
                "requestBody": {"required": True, "content": {"application/json": {"schema": {
                    "type": "object", "required": ["name", "tags"], "properties": {
                        "name": {"type": "string", "minLength": 1, "maxLength": 40},
                        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 5},
                        "owner": {"type": "string", "format": "email"}}}}}},
                "responses": {"201": {"description": "made"}, "422": {"description": "refused"}}},
            "get": {
                "parameters": [{"name": "size", "in": "query", "schema": {"type": "integer", "minimum": 1}}],
                "responses": {"200": {"description": "the items"}}}},
        "/api/items/{item_id}": {
            "get": {
                "parameters": [{"name": "item_id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {"200": {"description": "an item"}, "404": {"description": "none"}}}}}}
SIGN_IN = '''
import json, urllib.request

def sign_in(url):
    with urllib.request.urlopen(urllib.request.Request(url + "/accounts", method="POST")) as answer:
        account = json.load(answer)
    return {"headers": {"Authorization": "Bearer " + account["token"]}, "values": {"item_id": account["item"]}}
'''


class Shop(System):
    """An API with validation; `change` is what a release does to it."""

    def __init__(self) -> None:
        super().__init__()
        self.change = ""
        self.signed = 0
        self.accounts = 0
        self.sent: list[str] = []
        self.flips = False

    def restore(self) -> None:
        self.change, self.flips, self.image = "", False, DIGEST

    def answer(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        self.seen.append(f"{handler.command} {handler.path}")
        handler.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        parts = urlsplit(handler.path)
        length = int(handler.headers.get("Content-Length") or 0)
        raw = handler.rfile.read(length) if length else b""
        if parts.path.startswith("/api"):
            self.signed += TOKEN in (handler.headers.get("Authorization") or "")
            self.sent.append(raw.decode())
        status, document, kind = self._result(handler, parts.path, parse_qs(parts.query), raw)
        body = json.dumps(document).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def _result(self, handler: http.server.BaseHTTPRequestHandler, path: str, query: dict[str, list[str]],
                raw: bytes) -> tuple[int, dict[str, Any], str]:
        if path == "/version":
            return 200, {"image": self.image}, "application/json"
        if path == "/accounts":
            self.accounts += 1
            return 201, {"token": TOKEN, "item": f"item-{self.accounts}"}, "application/json"
        if path == "/api/items" and handler.command == "POST":
            return self._post(raw, signed=TOKEN in (handler.headers.get("Authorization") or ""))
        if path == "/api/items":
            return self._list(query.get("size", ["10"])[0])
        if path.startswith("/api/items/"):
            known = path.rpartition("/")[2].startswith("item-")
            return (200, self._item("Lamp", []), "application/json") if known else self._problem(404, "no-item")
        return 200, {"ok": True}, "application/json"

    def _post(self, raw: bytes, *, signed: bool) -> tuple[int, dict[str, Any], str]:
        if not signed:
            return self._problem(401, "not-signed-in")
        try:
            body = json.loads(raw)
            name, tags = body["name"], body["tags"]
            fine = isinstance(name, str) and isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)
        except (ValueError, KeyError, TypeError):
            fine = False
        if not fine or len(tags) > 5:
            return self._problem(422, "invalid")
        if self.change == "apostrophe" and "'" in name:
            return self._problem(500, "sql")
        limit = 20 if self.change == "stricter" else 40
        if (not name and self.change != "validation lost") or len(name) > limit:
            return self._problem(422, "invalid")
        return 201, self._item(name, tags), "application/json"

    def _list(self, size: str) -> tuple[int, dict[str, Any], str]:
        if not size.isdigit() or not 1 <= int(size) < 2**31:
            return self._problem(422, "invalid")
        if self.flips:
            self.flips = False
            return self._problem(404, "flip")
        return 200, {"items": [self._item("Lamp", [])]}, "application/json"

    def _item(self, name: str, tags: list[str]) -> dict[str, Any]:
        item: dict[str, Any] = {"id": f"item-{len(self.seen)}", "name": name, "tags": tags, "price": {"amount": 120}}
        if self.change == "healthy":
            item |= {"colour": "red", "name": name.strip() or name}
        if self.change == "shape":
            item["price"] = {"amount": "1.20"}
        return item

    def _problem(self, status: int, name: str) -> tuple[int, dict[str, Any], str]:
        return status, {"type": f"urn:shop:{name}", "title": "No", "status": status}, "application/problem+json"


@pytest.fixture(scope="module")
def ran_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Ended]]:
    """A project whose history has a GO, with the run that gave it."""
    system = Shop()
    project = made_project(tmp_path_factory.mktemp("shop"), system)
    yield project, project.run()
    project.close()
    system.close()


@pytest.fixture
def shop(ran_once: tuple[Project, Ended], tmp_path: Path) -> Iterator[Project]:
    """A copy of that project, against the same system as it was."""
    first, _ = ran_once
    assert isinstance(first.system, Shop)
    first.system.restore()
    shutil.copytree(first.root, tmp_path, dirs_exist_ok=True, symlinks=True)
    project = made_project(tmp_path, first.system)
    yield project
    project.close()


def made_project(root: Path, system: Shop) -> Project:
    project = Project(root, system)
    project.file("openapi.json", json.dumps(DOCUMENT))
    project.file("steps/probe.py", SIGN_IN)
    settings(project)
    return project


def settings(project: Project, *, permits: bool = True, services: dict[str, Any] | None = None, **probe: object) -> None:
    shop = {"url": project.system.url, "health": "/health", "openapi": "openapi.json"}
    project.environment(stages=["probe"], permits={"writes": permits}, services=services or {"shop": shop},
                        probe={"seconds": 40, "max_requests": 90, "sign_in": "steps.probe:sign_in", **probe})


def release(project: Project, change: str) -> None:
    """Deploy another image that has this change."""
    assert isinstance(project.system, Shop)
    project.system.change = change
    project.system.image = DIGEST.replace("a", "b")


def test_unchanged_system_has_no_finding(ran_once: tuple[Project, Ended], shop: Project) -> None:
    """Without a baseline every request is new, and sent twice; afterwards each is sent again."""
    assert isinstance(shop.system, Shop)
    first = ran_once[1]
    first.assert_answer("GO")
    assert any("that no baseline has" in line for line in first.verdict["not_checked"])
    shop.system.sent.clear()
    second = shop.run()
    second.assert_answer("GO")
    assert not [reason for reason in second.reasons if reason["stage"] == "probe"], second.reasons
    assert "the baseline's 90 requests again" in second.stderr
    assert len(shop.system.sent) == 90 and shop.system.signed > 100
    assert TOKEN not in "".join(path.read_text(errors="replace") for path in shop.root.rglob("*.ndjson"))
    assert TOKEN.encode() not in (shop.root / "runs" / "history.sqlite").read_bytes()


@pytest.mark.parametrize(("change", "rule", "words"), [
    ("apostrophe", "probe-server-error", "POST /api/items with an awkward `name` (apostrophe): answered 500; was 201"),
    ("stricter", "probe-refused", "answered 422; was 201"),
    ("validation lost", "probe-accepted", "POST /api/items with an empty `name`: answered 201; was 422"),
    ("shape", "probe-shape-changed", "response.body.price.amount"),
    ("healthy", "", ""),
])
def test_change_of_a_release_is_found(shop: Project, change: str, rule: str, words: str) -> None:
    release(shop, change)
    second = shop.run()
    second.assert_answer("NO-GO" if rule else "GO", *([rule] if rule else []))
    if rule:
        assert words in second.title(rule)
        reason = next(each for each in second.reasons if each["rule"] == rule)
        assert reason["component"] == "shop"
        assert reason["parameters"]["curl"].startswith("curl -X ")
        assert second.verdict["suspects"][0]["component"] == "shop"


def test_policy_warn_blocks_only_server_errors(shop: Project) -> None:
    settings(shop, policy="warn")
    release(shop, "stricter")
    lenient = shop.run()
    lenient.assert_answer("GO")
    assert "answered 422; was 201" in lenient.title("probe-refused")


def test_answer_that_differs_once_is_learnt(shop: Project) -> None:
    """The same system gave it: it is unstable, and a warning says so."""
    assert isinstance(shop.system, Shop)
    shop.system.flips = True
    second = shop.run()
    second.assert_answer("GO")
    assert "answered 404; was 200" in second.title("probe-unstable")
    third = shop.run()
    assert any("whose answers differ from send to send" in line for line in third.verdict["not_checked"])


def test_new_operation_is_no_finding(shop: Project) -> None:
    """A document with one more operation: its requests are new, the known ones are compared."""
    more = {**DOCUMENT, "paths": {**DOCUMENT["paths"], "/other": {"get": {"responses": {"200": {"description": "x"}}}}}}
    shop.file("openapi.json", json.dumps(more))
    settings(shop, max_requests=100)
    second = shop.run()
    second.assert_answer("GO")
    assert any("that no baseline has" in line for line in second.verdict["not_checked"])


def _no_document(project: Project) -> None:
    (project.root / "openapi.json").write_text("{}")


def _failing_sign_in(project: Project) -> None:
    project.file("steps/probe.py", "def sign_in(url):\n    raise RuntimeError('closed for the night')\n")


def _exiting_sign_in(project: Project) -> None:
    project.file("steps/probe.py", "import os\n\ndef sign_in(url):\n    os._exit(0)\n")


def _wandering_sign_in(project: Project) -> None:
    project.file("steps/probe.py", "import urllib.request\n\ndef sign_in(url):\n"
                                   "    urllib.request.urlopen('http://shop.example.net/')\n")


@pytest.mark.parametrize(("spoil", "rules"), [
    (_no_document, {"probe-no-operation"}),
    (_failing_sign_in, {"probe-sign-in-failed"}),
    (_exiting_sign_in, {"record-not-closed"}),
    (_wandering_sign_in, {"probe-sign-in-failed", "probe-request-refused"}),
])
def test_stage_that_did_nothing_is_never_a_go(shop: Project, spoil: Callable[[Project], None], rules: set[str]) -> None:
    spoil(shop)
    ended = shop.run()
    ended.assert_answer("INCONCLUSIVE", *rules)


def test_baseline_that_cannot_be_replayed_is_inconclusive(shop: Project) -> None:
    """A sign-in that no longer returns a value, and a system that no longer answers."""
    shop.file("steps/probe.py", SIGN_IN.replace('"item_id"', '"other"'))
    ended = shop.run()
    ended.assert_answer("INCONCLUSIVE", "probe-incomplete")
    assert "the sign-in does not return a value (GET /api/items/[id]: item_id)" in ended.title("probe-incomplete")


@pytest.mark.parametrize(("change", "message"), [
    ({"permits": False}, "The probe stage sends requests that write, which this environment does not permit."),
    ({"services": {"shop": {"url": "http://127.0.0.1:9"}}}, "The probe stage has no OpenAPI document"),
    ({"sign_in": "steps.nowhere:sign_in"}, "`sign_in` names the module steps.nowhere, which the project does not have."),
    ({"sign_in": "steps.probe:log_in"}, "`sign_in` names the function log_in, which steps/probe.py does not define."),
    ({"secnds": 3}, "secnds"),
])
def test_mistake_is_an_error_with_a_fix(shop: Project, change: dict[str, Any], message: str) -> None:
    settings(shop, **change)
    ended = shop.run()
    assert ended.code == 2
    assert message in ended.stderr
    assert "environments.yml:" in ended.stderr and "fix:" in ended.stderr
    assert "Traceback" not in ended.stderr
