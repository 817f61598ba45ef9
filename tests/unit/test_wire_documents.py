"""OpenAPI documents are read from files and URLs; of one that cannot be used it is said why, and nothing crashes."""

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
    "a tag of Python": ("openapi: !!python/object/apply:os.getcwd []", "is not valid YAML or JSON: could not determine a constructor"),
    "Swagger": ("swagger: '2.0'", r"must be 3.0, 3.1 or 3.2, got 2.0 \(Swagger\)"),
    "a version to come": ("openapi: 4.0.0", "got 4.0.0"),
    "without info": (json.dumps({**WHOLE, "info": {}}), "is not valid OpenAPI 3.1.0: 'title' is a required property"),
    "a broken schema": (json.dumps({**WHOLE, "openapi": "3.0.3", "components": {"schemas": {"A": {"type": "strong"}}}}), "is not valid OpenAPI 3.0.3"),
    "a reference to nothing": (json.dumps({**WHOLE, "paths": {"/a": {"$ref": "#/components/gone"}}}), "cannot be resolved"),
    "a reference to no file": (json.dumps({**WHOLE, "paths": {"/a": {"$ref": "gone.yml"}}}), "cannot be resolved"),
    "aliases without end": (BOMB, "it has more than 1000000 nodes when its aliases are expanded"),
    "an alias within itself": ("a: &a [*a]", "an alias refers to a node that contains it"),
    "bottomless": ("[" * 5000, "is not valid YAML or JSON"),
}


@pytest.mark.parametrize(("text", "what"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_document_that_cannot_be_used_is_refused(tmp_path: Path, text: str | bytes, what: str) -> None:
    """What, where, and how to fix it."""
    (tmp_path / "api.yml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError, match=what) as error:
        load_document("api.yml", tmp_path)
    assert error.value.where.startswith("api.yml")
    assert error.value.fix


def test_a_document_that_is_missing_is_refused(tmp_path: Path) -> None:
    """A contract that nobody can read is none that is kept."""
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_document("api.yml", tmp_path)
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_document(".", tmp_path)


def test_a_document_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded."""
    monkeypatch.setattr(documents, "MAX_BYTES", 10)
    (tmp_path / "api.yml").write_text("openapi: 3.0.3")
    with pytest.raises(ConfigError, match="is larger than"):
        load_document("api.yml", tmp_path)


def test_problems_stand_beside_what_was_found(tmp_path: Path) -> None:
    """One broken document takes no other one down, and its component is one without a contract."""
    (tmp_path / "good.yml").write_text(json.dumps(WHOLE))
    read = load_documents({"good": "good.yml", "gone": "gone.yml", "none": None, "empty": ""}, tmp_path)
    assert list(read.by_component) == ["good"]
    assert len(read.problems) == 1
    assert read.problems[0].startswith("contract of gone: The OpenAPI document cannot be read: No such file or directory.\n  at gone.yml\n  fix:")
    assert Contracts.of(read.by_component).missing(["good", "gone"]) == ("gone",)


def test_numbers_and_dates_of_yaml_are_what_json_would_have(tmp_path: Path) -> None:
    """`200:` is a name, and a date is its text."""
    (tmp_path / "api.yml").write_text(
        "openapi: 3.1.0\ninfo: {title: api, version: '1', x-date: 2026-11-30}\n"
        "paths: {/a: {get: {responses: {200: &same {description: x}, 404: *same}}}}")
    document = load_document("api.yml", tmp_path)
    assert document["info"]["x-date"] == "2026-11-30"
    assert list(document["paths"]["/a"]["get"]["responses"]) == ["200", "404"]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_versions(tmp_path: Path, version: str) -> None:
    """Whatever 3.x the specification has."""
    (tmp_path / "api.json").write_text(json.dumps({**WHOLE, "openapi": version}))
    assert load_document("api.json", tmp_path)["openapi"] == version


def test_the_documents_of_the_reference_system_are_whole() -> None:
    """Each of its components has one that can be used."""
    read = load_documents({path.parent.name: str(path) for path in (ROOT / "travel").glob("*/openapi.yml")}, ROOT)
    assert read.problems == ()
    assert len(read.by_component) == 10


@responses.activate
def test_a_document_is_fetched(tmp_path: Path) -> None:
    """From the component itself, say."""
    responses.get("http://api.example/openapi.json", json=WHOLE)
    assert load_document("http://api.example/openapi.json", tmp_path) == WHOLE


@pytest.mark.parametrize(("prepare", "what"), [
    (lambda: responses.get("http://api.example/a", status=404), "cannot be fetched: 404 Client Error"),
    (lambda: responses.get("http://api.example/a", body=requests.ConnectTimeout("it timed out")), "cannot be fetched: it timed out"),
    (lambda: responses.get("http://api.example/a", body="<html>"), "is not an OpenAPI document"),
    (lambda: responses.get("http://api.example/a", body=b" " * 100), "is larger than"),
])
@responses.activate
def test_a_url_that_gives_no_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepare: Callable[[], object], what: str) -> None:
    """An address that does not answer is told, and does not hold the gate up."""
    monkeypatch.setattr(documents, "MAX_BYTES", 50)
    prepare()
    with pytest.raises(ConfigError, match=what):
        load_document("http://api.example/a", tmp_path)
