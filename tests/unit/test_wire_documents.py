"""OpenAPI documents are read from files and URLs; what can be used is used, the rest is reported with the reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from gonogo.config import Environment
from gonogo.core.errors import ConfigError
from gonogo.model.calls import Edge, GapCause, Unchecked
from gonogo.model.exchange import Body, Exchange, Message
from gonogo.traffic.analysis import AnalysisContext
from gonogo.traffic.contract import Checked, Contracts, documents
from gonogo.traffic.contract.documents import load_document, load_documents

ROOT = Path(__file__).parents[2]
WHOLE = {"openapi": "3.1.0", "info": {"title": "api", "version": "1"}, "paths": {"/a": {"get": {"responses": {"200": {"description": "x"}}}}}}
BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True))

MERGES = "a: &a {k: 1}\nb: {<<: [" + "*a, " * 21 + "]}"
NOTES: dict[str, Any] = {"get": {"operationId": "notes", "responses": {"200": {"description": "ok", "content": {"application/json": {
    "schema": {"type": "object", "required": ["author"]}}}}}}}

REFUSALS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "is not an OpenAPI document"),
    "a list": ("[]", "is not an OpenAPI document"),
    "another document": ("a: 1", "not an OpenAPI document: it has no top-level key `openapi`"),
    "broken YAML": ("a: [", "is not valid YAML or JSON: while parsing a flow"),
    "binary": (b"\x00\x01", "is not valid YAML or JSON"),
    "not UTF-8": (b"openapi: \xe9", "is not valid YAML or JSON"),
    "a Python tag": ("openapi: !!python/object/apply:os.getcwd []", "is not valid YAML or JSON: could not determine a constructor"),
    "an unknown tag": ("openapi: !x 3.0.0", "is not valid YAML or JSON: could not determine a constructor"),
    "Swagger 1": ("swagger: '1.2'", r"must be OpenAPI 3.0, 3.1 or 3.2, or Swagger 2.0, got 1.2 \(Swagger\)"),
    "a future version": ("openapi: 4.0.0", "got 4.0.0"),
    "paths that are a list": ("openapi: 3.0.0\npaths: [a]", "`paths` is not an object"),
    "aliases that expand to too many nodes": (BOMB, "it has more than 1000000 nodes when its aliases are expanded"),
    "merged mappings that multiply": (MERGES, "a mapping merges more than 20 others"),
    "an alias within itself": ("a: &a [*a]", "an alias refers to a node that contains it"),
    "brackets in JSON": ("[" * 100_000, "it is nested deeper than 100 levels"),
    "members in JSON": ('{"a":' * 100_000 + "1" + "}" * 100_000, "it is nested deeper than 100 levels"),
    "brackets in YAML": ("a: " + "[" * 100_000, "it is nested deeper than 100 levels|exceeded"),
    "dashes in YAML": ("- " * 100_000, "it is nested deeper than 100 levels|exceeded"),
}


@pytest.mark.parametrize(("text", "what"), REFUSALS.values(), ids=REFUSALS.keys())
def test_unusable_document_is_refused(tmp_path: Path, text: str | bytes, what: str) -> None:
    """The error has the problem, the place and a fix."""
    (tmp_path / "api.yml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError, match=what) as error:
        load_document("api.yml", tmp_path)
    assert error.value.where.startswith("api.yml")
    assert error.value.fix


def test_missing_document_is_refused(tmp_path: Path) -> None:
    """A contract that cannot be read must not count as fulfilled."""
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_document("api.yml", tmp_path)
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_document(".", tmp_path)


BLEMISHES: dict[str, tuple[dict[str, Any], str]] = {
    "a number as the version": ({"info": {"title": "t", "version": 1.0}}, ""),
    "no info": ({"info": None}, ""),
    "a repeated operationId": ({"paths": {"/n": NOTES, "/m": NOTES}}, ""),
    "a parameter that is not in the path": ({"paths": {"/n": {**NOTES, "parameters": [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]}}}, ""),
    "a path parameter that is not declared": ({"paths": {"/n": NOTES, "/m/{id}": NOTES}}, ""),
    "an extension beside the paths": ({"paths": {"x-groups": ["a"], "/n": NOTES}}, ""),
    "a default that does not fit": ({"components": {"schemas": {"T": {"type": "integer", "default": "x"}}}}, ""),
    "a parameter without a place": ({"paths": {"/n": {**NOTES, "parameters": [{"name": "q"}]}}}, "GET /n: request: a parameter needs"),
    "a parameter whose place is an object": ({"paths": {"/n": {**NOTES, "parameters": [{"name": "q", "in": {}}]}}}, "GET /n: request: a parameter needs"),
    "a server that is no URL": ({"servers": [{"url": "http://[x"}]}, ""),
    "a security scheme that is a list": ({"components": {"securitySchemes": [1]}}, ""),
    "a path that is missing": ({"paths": {"/n": NOTES, "/m": {"$ref": "#/components/gone"}}}, "GET /m: it refers to #/components/gone"),
    "an operation that is a list": ({"paths": {"/n": {**NOTES, "post": []}}}, "POST /n: the operation is not an object"),
    "an answer that is missing": ({"paths": {"/n": {"get": {**NOTES["get"], "responses": {**NOTES["get"]["responses"], "404": {
        "$ref": "#/components/responses/Gone"}}}}}}, "GET /n: response 404: it refers to #/components/responses/Gone"),
    "a type that does not exist": ({"paths": {"/n": NOTES, "/m": {"get": {"responses": {"200": {"content": {
        "application/json": {"schema": {"type": "strong"}}}}}}}}}, "`type` must be one of"),
}


@pytest.mark.parametrize(("change", "part"), BLEMISHES.values(), ids=BLEMISHES.keys())
def test_document_with_a_blemish_is_used(tmp_path: Path, change: dict[str, Any], part: str) -> None:
    """What it says all the same is checked, and what cannot be used is listed."""
    (tmp_path / "api.json").write_text(json.dumps({"openapi": "3.0.3", "info": {"title": "t", "version": "1"},
                                                   "paths": {"/n": NOTES}, **change}))
    read = load_documents({"api": "api.json"}, tmp_path)
    exchange = Exchange("GET", "http://api/n", 200, caller="page", callee="api", response=Message(
        (("Content-Type", "application/json"),), Body("application/json", 2, "{}")))
    [violation] = Contracts.of(read.by_component).check(exchange).violations
    assert violation.where == "response.body.author"
    assert [line.partition("not checked: ")[2][:len(part)] for line in read.problems] == ([part] if part else [])


def test_refused_document_leaves_every_exchange_unchecked(tmp_path: Path) -> None:
    """Each is reported with the reason; pages, preflights and probes need no document."""
    read = load_documents({"api": "gone.yml"}, tmp_path)
    context = AnalysisContext.of(Environment.model_validate({"url": "http://api", "services": {
        "api": {"url": "http://api", "openapi": "gone.yml"}}}), tmp_path)
    assert read.by_component == {}
    exchange = Exchange("POST", "http://api/n", 200, caller="page", callee="api")
    assert context.contracts.check(exchange) == Checked(unchecked=(Unchecked(
        Edge("page", "api", "POST", "/n"), "", GapCause.DOCUMENT, "The OpenAPI document cannot be read: No such file or directory"),))
    for other in (replace(exchange, method="OPTIONS"), replace(exchange, status=304), replace(exchange, callee="bank"),
                  replace(exchange, resource_type="document")):
        assert context.contracts.check(other) == Checked()


def test_document_above_the_size_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The use of memory is limited."""
    monkeypatch.setattr(documents, "MAX_BYTES", 10)
    (tmp_path / "api.yml").write_text("openapi: 3.0.3")
    with pytest.raises(ConfigError, match="is larger than"):
        load_document("api.yml", tmp_path)


def test_problems_are_reported_beside_usable_documents(tmp_path: Path) -> None:
    """An unusable document does not affect the others, and its component counts as one without a contract."""
    (tmp_path / "good.yml").write_text(json.dumps(WHOLE))
    read = load_documents({"good": "good.yml", "gone": "gone.yml", "none": None, "empty": ""}, tmp_path)
    assert list(read.by_component) == ["good"]
    assert len(read.problems) == 1
    assert read.problems[0].startswith("contract of gone: The OpenAPI document cannot be read: No such file or directory.; at gone.yml; fix:")
    assert Contracts.of(read.by_component).missing(["good", "gone"]) == ("gone",)


def test_yaml_numbers_as_keys_and_dates_are_read_as_text(tmp_path: Path) -> None:
    """`200:` becomes the key "200", and a date becomes its text."""
    (tmp_path / "api.yml").write_text(
        "openapi: 3.1.0\ninfo: {title: api, version: '1', x-date: 2026-11-30, x-enum: [yes, NO, on, 0123, 1_000, true, 12, -1.5, 1e3, ~]}\n"
        "paths: {/a: {get: {responses: {200: &same {description: x}, 404: *same}}}}")
    document = load_document("api.yml", tmp_path).document
    assert document["info"]["x-date"] == "2026-11-30"
    assert document["info"]["x-enum"] == ["yes", "NO", "on", "0123", "1_000", True, 12, -1.5, 1000.0, None]
    assert list(document["paths"]["/a"]["get"]["responses"]) == ["200", "404"]


def test_merged_mappings_do_not_multiply(tmp_path: Path) -> None:
    """Each level merges the one before it ten times: its members are there once."""
    levels = "a0: &a0 {k: 1, l: 2}\n" + "".join(f"a{level + 1}: &a{level + 1} {{<<: [{', '.join([f'*a{level}'] * 10)}], k: {level}}}\n" for level in range(12))
    (tmp_path / "api.yml").write_text("openapi: 3.0.0\npaths: {}\n" + levels)
    assert load_document("api.yml", tmp_path).document["a12"] == {"l": 2, "k": 11}


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_versions(tmp_path: Path, version: str) -> None:
    """Every 3.x version of OpenAPI is accepted."""
    (tmp_path / "api.json").write_text(json.dumps({**WHOLE, "openapi": version}))
    assert load_document("api.json", tmp_path).document["openapi"] == version


def test_documents_of_the_reference_system_are_valid() -> None:
    """Each of its components has a usable document."""
    read = load_documents({path.parent.name: str(path) for path in (ROOT / "travel").glob("*/openapi.yml")}, ROOT)
    assert read.problems == ()
    assert len(read.by_component) == 10


@responses.activate
def test_a_document_is_fetched(tmp_path: Path) -> None:
    """A document may come from a URL, for example of the component itself."""
    responses.get("http://api.example/openapi.json", json=WHOLE)
    assert load_document("http://api.example/openapi.json", tmp_path).document["openapi"] == "3.1.0"


@pytest.mark.parametrize(("prepare", "what"), [
    (lambda: responses.get("http://api.example/a", status=404), "cannot be fetched: HTTP status 404"),
    (lambda: responses.get("http://api.example/a", body=requests.ConnectTimeout("it timed out")), "cannot be fetched: ConnectTimeout"),
    (lambda: responses.get("http://api.example/a", body="<html>"), "is not an OpenAPI document"),
    (lambda: responses.get("http://api.example/a", body=b" " * 100), "is larger than"),
])
@responses.activate
def test_url_without_a_document_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepare: Callable[[], object], what: str) -> None:
    """An error status, a timeout, another document and a document that is too large are refused."""
    monkeypatch.setattr(documents, "MAX_BYTES", 50)
    prepare()
    with pytest.raises(ConfigError, match=what):
        load_document("http://api.example/a", tmp_path)
