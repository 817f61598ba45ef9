"""OpenAPI documents are read from files and URLs; an unusable one is reported with the reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
import responses

from gonogo.core.errors import ConfigError
from gonogo.traffic.contract import Contracts, documents
from gonogo.traffic.contract.documents import load_document, load_documents

ROOT = Path(__file__).parents[2]
WHOLE = {"openapi": "3.1.0", "info": {"title": "api", "version": "1"}, "paths": {"/a": {"get": {"responses": {"200": {"description": "x"}}}}}}
BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True))

REFUSALS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "is not an OpenAPI document"),
    "a list": ("[]", "is not an OpenAPI document"),
    "another document": ("a: 1", "not an OpenAPI document: it has no top-level key `openapi`"),
    "broken YAML": ("a: [", "is not valid YAML or JSON: while parsing a flow"),
    "binary": (b"\x00\x01", "is not valid YAML or JSON"),
    "not UTF-8": (b"openapi: \xe9", "is not valid YAML or JSON"),
    "a Python tag": ("openapi: !!python/object/apply:os.getcwd []", "is not valid YAML or JSON: could not determine a constructor"),
    "Swagger": ("swagger: '2.0'", r"must be 3.0, 3.1 or 3.2, got 2.0 \(Swagger\)"),
    "a future version": ("openapi: 4.0.0", "got 4.0.0"),
    "without info": (json.dumps({**WHOLE, "info": {}}), "is not valid OpenAPI 3.1.0: 'title' is a required property"),
    "a broken schema": (json.dumps({**WHOLE, "openapi": "3.0.3", "components": {"schemas": {"A": {"type": "strong"}}}}), "is not valid OpenAPI 3.0.3"),
    "a reference to a missing component": (json.dumps({**WHOLE, "paths": {"/a": {"$ref": "#/components/gone"}}}), "cannot be resolved"),
    "a reference to a missing file": (json.dumps({**WHOLE, "paths": {"/a": {"$ref": "gone.yml"}}}), "cannot be resolved"),
    "aliases that expand to too many nodes": (BOMB, "it has more than 1000000 nodes when its aliases are expanded"),
    "an alias within itself": ("a: &a [*a]", "an alias refers to a node that contains it"),
    "bottomless": ("[" * 5000, "is not valid YAML or JSON"),
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
    assert read.problems[0].startswith("contract of gone: The OpenAPI document cannot be read: No such file or directory.\n  at gone.yml\n  fix:")
    assert Contracts.of(read.by_component).missing(["good", "gone"]) == ("gone",)


def test_yaml_numbers_as_keys_and_dates_are_read_as_text(tmp_path: Path) -> None:
    """`200:` becomes the key "200", and a date becomes its text."""
    (tmp_path / "api.yml").write_text(
        "openapi: 3.1.0\ninfo: {title: api, version: '1', x-date: 2026-11-30}\n"
        "paths: {/a: {get: {responses: {200: &same {description: x}, 404: *same}}}}")
    document = load_document("api.yml", tmp_path)
    assert document["info"]["x-date"] == "2026-11-30"
    assert list(document["paths"]["/a"]["get"]["responses"]) == ["200", "404"]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_versions(tmp_path: Path, version: str) -> None:
    """Every 3.x version of OpenAPI is accepted."""
    (tmp_path / "api.json").write_text(json.dumps({**WHOLE, "openapi": version}))
    assert load_document("api.json", tmp_path)["openapi"] == version


def test_documents_of_the_reference_system_are_valid() -> None:
    """Each of its components has a usable document."""
    read = load_documents({path.parent.name: str(path) for path in (ROOT / "travel").glob("*/openapi.yml")}, ROOT)
    assert read.problems == ()
    assert len(read.by_component) == 10


@responses.activate
def test_a_document_is_fetched(tmp_path: Path) -> None:
    """A document may come from a URL, for example of the component itself."""
    responses.get("http://api.example/openapi.json", json=WHOLE)
    assert load_document("http://api.example/openapi.json", tmp_path) == WHOLE


@pytest.mark.parametrize(("prepare", "what"), [
    (lambda: responses.get("http://api.example/a", status=404), "cannot be fetched: 404 Client Error"),
    (lambda: responses.get("http://api.example/a", body=requests.ConnectTimeout("it timed out")), "cannot be fetched: it timed out"),
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
