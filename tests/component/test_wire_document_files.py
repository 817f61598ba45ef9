"""Documents in several files, Swagger 2.0, and documents that were read before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import gonogo
from gonogo.core.errors import ConfigError
from gonogo.model.exchange import Body, Exchange, Message
from gonogo.traffic.contract import Contracts, documents
from gonogo.traffic.contract import cache as cache_module
from gonogo.traffic.contract.cache import DocumentCache
from gonogo.traffic.contract.documents import load_document, load_documents
from gonogo.traffic.contract.files import FILES

JSON = "application/json"


def write(root: Path, **files: object) -> Path:
    """Files by their paths, with `__` for a slash and `_` for the dot of the ending."""
    for name, content in files.items():
        path = root / (name.replace("__", "/").replace("_yml", ".yml").replace("_json", ".json"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return root


def api(schema: object, version: str = "3.0.3", **more: Any) -> dict[str, Any]:
    return {"openapi": version, "info": {"title": "api", "version": "1"}, "paths": {"/a": {"get": {"responses": {
        "200": {"description": "", "content": {JSON: {"schema": schema}}}}}}}, **more}


def outcome(document: dict[str, Any], value: object, method: str = "GET", target: str = "/a", sent: tuple[str, str] | None = None) -> list[str]:
    """The places of violations, and the reasons of what was not checked."""
    text = json.dumps(value)
    exchange = Exchange(method, "http://api" + target, 200, caller="page", callee="api", response=Message((("Content-Type", JSON),), Body(JSON, len(text), text)),
                        request=Message((), Body(sent[0], len(sent[1]), sent[1]) if sent else None))
    checked = Contracts.of({"api": document}).check(exchange)
    return [*(each.where for each in checked.violations), *(each.why for each in checked.unchecked)]


# --- several files ----------------------------------------------------------------------------------------------

def test_files_of_a_document_are_read_together(tmp_path: Path) -> None:
    """Each refers to the others from where it is: schemas, whole paths, answers, and back."""
    root = write(tmp_path / "project", docs__api_yml="""
openapi: 3.1.0
paths:
  /a: {$ref: paths/a.yml}
components: {schemas: {Id: {type: integer}}}
""", docs__paths__a_yml="""
get:
  responses:
    200: {$ref: "../answers.json#/Good"}
""", docs__answers_json={"Good": {"content": {JSON: {"schema": {"$ref": "./schemas/Pet.json"}}}}},
        docs__schemas__Pet_json={"type": "object", "properties": {
            "id": {"$ref": "../api.yml#/components/schemas/Id"}, "next": {"$ref": "#"}, "tag": {"$ref": "../../shared/a~b.yml#/Tag"}}},
        **{"shared__a~b_yml": "Tag: {type: string}"})
    entry = load_document("docs/api.yml", root)
    assert entry.problems == ()
    assert sorted(entry.document[FILES]) == ["docs/answers.json", "docs/paths/a.yml", "docs/schemas/Pet.json", "shared/a~b.yml"]
    assert outcome(entry.document, {"id": "x", "next": {"next": {"id": "x", "tag": 1}}}) == [
        "response.body.id", "response.body.next.next.id", "response.body.next.next.tag"]


def test_discriminator_may_refer_to_files(tmp_path: Path) -> None:
    """Its mapping is followed as references are."""
    root = write(tmp_path, api_json=api({"oneOf": [{"$ref": "cat.json"}, {"$ref": "dog.json"}], "discriminator": {
        "propertyName": "kind", "mapping": {"c": "cat.json", "d": "dog.json"}}}),
        cat_json={"properties": {"purrs": {"type": "boolean"}}}, dog_json={"properties": {"barks": {"type": "boolean"}}})
    document = load_document("api.json", root).document
    assert outcome(document, {"kind": "c", "purrs": 1}) == ["response.body.purrs"]
    assert outcome(document, {"kind": "d", "purrs": 1}) == []


def test_examples_and_names_that_look_like_references_are_not_followed(tmp_path: Path) -> None:
    """`$ref` is a name like any other in a value."""
    schema = {"type": "object", "properties": {"$ref": {"type": "string"}, "default": {"$ref": "number.json"}},
              "enum": [{"$ref": "gone.json"}], "example": {"$ref": "gone.json"}}
    root = write(tmp_path, api_json=api(schema), number_json={"type": "integer"})
    entry = load_document("api.json", root)
    assert entry.problems == ()
    assert sorted(outcome(entry.document, {"default": "x"})) == ["response.body", "response.body.default"]


SECRET = "root:x:hush-hush"
REFUSED: dict[str, tuple[str, str]] = {
    "a file URL": ("file://{outside}/secret.yml#/A", "of URLs, only those are read that environments.yml names"),
    "a file URL with a host": ("file://localhost{outside}/secret.yml", "of URLs, only those are read"),
    "a URL": ("http://127.0.0.1:9/secret.yml#/A", "of URLs, only those are read that environments.yml names"),
    "another scheme": ("ftp://127.0.0.1/secret.yml", "of URLs, only those are read"),
    "a path out of the project": ("../secret.yml#/A", "it is not within the project's folder"),
    "a path out of the project, encoded": ("%2e%2e/secret.yml#/A", "it is not within the project's folder"),
    "an absolute path": ("{outside}/secret.yml", "it is not within the project's folder"),
    "a link out of the project": ("link.yml", "it is not within the project's folder"),
    "a link to a folder out of the project": ("folder/secret.yml", "it is not within the project's folder"),
    "a link to itself": ("loop.yml", "it is not a valid address|cannot be read"),
    "no URL": ("http://[x/a.yml", "it is not a valid address"),
    "a name that is too long": ("a" * 300 + ".yml", "File name too long"),
    "a name with a zero": ("a%00.yml", "it is not a valid address|cannot be read"),
    "a missing file": ("gone.yml", "The OpenAPI document cannot be read: No such file or directory"),
    "a folder": ("empty", "The OpenAPI document cannot be read: Is a directory"),
    "a pipe": ("pipe", "it is not a regular file"),
    "a file that is not YAML": ("broken.yml", "it is not valid YAML or JSON"),
    "a file of too many brackets": ("deep.json", "it is nested deeper than 100 levels"),
}


@pytest.mark.parametrize(("reference", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_reference_that_is_not_followed_is_reported(tmp_path: Path, reference: str, why: str) -> None:
    """Nothing outside of the project is read or quoted, and the value is not checked."""
    write(tmp_path, secret_yml=f"A: {{enum: [{SECRET}]}}")
    root = write(tmp_path / "project", api_json=api({"properties": {"a": {"$ref": reference.format(outside=tmp_path)}, "b": {"type": "integer"}}}),
                 broken_yml="a: [", deep_json="[" * 100_000)
    (root / "link.yml").symlink_to(tmp_path / "secret.yml")
    (root / "folder").symlink_to(tmp_path)
    (root / "loop.yml").symlink_to("loop.yml")
    (root / "empty").mkdir()
    os.mkfifo(root / "pipe")
    entry = load_document("api.json", root)
    assert SECRET not in json.dumps(entry.document)
    [place, reason] = outcome(entry.document, {"a": "x", "b": "x"})
    assert place == "response.body.b"
    assert any(part in reason for part in why.split("|"))
    assert SECRET not in reason


def test_url_that_environments_yml_names_may_be_referred_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read for another component anyway; a document of a URL may refer to it, too."""
    common = "http://common.example/docs/common.json"
    served = {common: {"openapi": "3.0.0", "paths": {}, "Id": {"type": "integer"}},
              "http://common.example/docs/api.json": api({"$ref": "common.json#/Id"})}
    monkeypatch.setattr(documents, "_fetched", lambda url: json.dumps(served[url]).encode())
    root = write(tmp_path, api_json=api({"$ref": common + "#/Id"}))
    places = {"api": "api.json", "common": common, "other": "http://common.example/docs/api.json"}
    read = load_documents(places, root)
    assert read.problems == ()
    assert outcome(read.by_component["api"], "x") == outcome(read.by_component["other"], "x") == ["response.body"]
    assert len(load_documents({"api": "api.json"}, root).problems) == 1


def test_number_and_size_of_files_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is beyond is not checked."""
    root = write(tmp_path, api_json=api({"properties": {name: {"$ref": f"{name}.json"} for name in "abc"}}),
                 **{f"{name}_json": {"type": "integer"} for name in "abc"})
    monkeypatch.setattr("gonogo.traffic.contract.files.MAX_FILES", 2)
    assert "more than 2 files" in load_document("api.json", root).problems[0]
    monkeypatch.setattr("gonogo.traffic.contract.files.MAX_BYTES", 10)
    assert "are larger than" in load_document("api.json", root).problems[0]


# --- Swagger 2.0 ------------------------------------------------------------------------------------------------

SWAGGER = """
swagger: "2.0"
info: {title: pets, version: 1}
basePath: /v1
consumes: [application/json]
produces: [application/json]
securityDefinitions: {key: {type: apiKey, in: query, name: api_key}}
parameters:
  Limit: {name: limit, in: query, type: integer, maximum: 10}
  Pet: {name: body, in: body, required: true, schema: {$ref: "#/definitions/Pet"}}
responses:
  Problem: {description: "", schema: {type: object, required: [code]}}
definitions:
  Pet:
    type: object
    required: [id, name]
    properties: {id: {type: integer, readOnly: true}, name: {type: string}, tag: {type: string, x-nullable: true}}
paths:
  /pets:
    parameters: [{$ref: "#/parameters/Limit"}]
    get:
      parameters:
      - {name: ids, in: query, type: array, items: {type: integer}}
      - {name: tags, in: query, type: array, items: {type: integer}, collectionFormat: multi}
      responses:
        200: {description: "", schema: {type: array, items: {$ref: "#/definitions/Pet"}}, headers: {X-Left: {type: integer}}}
        default: {$ref: "#/responses/Problem"}
    post:
      parameters: [{$ref: "#/parameters/Pet"}]
      responses: {200: {description: ""}}
  /forms:
    post:
      consumes: [application/x-www-form-urlencoded]
      parameters: [{name: age, in: formData, type: integer, required: true}, {name: photo, in: formData, type: file}]
      responses: {200: {description: "", schema: {type: file}}}
"""


@pytest.mark.parametrize(("method", "target", "sent", "value", "places"), [
    ("GET", "/v1/pets", None, [{"id": 1, "name": "Rex", "tag": None}], []),
    ("GET", "/pets", None, [{"id": 1}], ["response.body[].name"]),
    ("GET", "/v1/pets?limit=11&ids=1,2&tags=1&tags=2", None, [], ["request.query.limit"]),
    ("GET", "/v1/pets?ids=1,x&tags=1&tags=y", None, [], ["request.query.ids[]", "request.query.tags[]"]),
    ("POST", "/v1/pets", (JSON, '{"name": 1}'), {}, ["request.body.name"]),
    ("POST", "/v1/pets", (JSON, "{}"), {}, ["request.body.name"]),
    ("POST", "/v1/forms", ("application/x-www-form-urlencoded", "age=old"), {}, ["request.body.age"]),
    ("POST", "/v1/forms", ("application/x-www-form-urlencoded", "photo=x"), {}, ["request.body.age"]),
])
def test_swagger_is_checked(tmp_path: Path, method: str, target: str, sent: tuple[str, str] | None, value: object, places: list[str]) -> None:
    """Parameters, bodies, forms and answers of Swagger 2.0 are checked as those of OpenAPI 3."""
    entry = load_document("pets.yml", write(tmp_path, pets_yml=SWAGGER))
    assert entry.problems == ()
    assert outcome(entry.document, value, method, target, sent) == places


def test_key_and_undocumented_parameters_of_swagger(tmp_path: Path) -> None:
    """The key's name is documented by its scheme."""
    document = load_document("pets.yml", write(tmp_path, pets_yml=SWAGGER)).document
    exchange = Exchange("GET", "http://api/v1/pets?api_key=k&other=1", 200, caller="page", callee="api")
    assert [each.where for each in Contracts.of({"api": document}).undocumented(exchange)] == ["request.query.other"]


def test_swagger_in_several_files(tmp_path: Path) -> None:
    """Parameters, answers and schemas in other files are found."""
    root = write(tmp_path, api_yml="""
swagger: "2.0"
paths:
  /a:
    get:
      parameters: [{$ref: "parts.yml#/Body"}]
      responses: {200: {$ref: "parts.yml#/Good"}, 404: {$ref: "gone.yml"}}
""", parts_yml="""
Body: {name: b, in: body, schema: {$ref: "#/Thing"}}
Good: {schema: {$ref: "#/Thing"}}
Thing: {type: object, required: [x]}
""")
    entry = load_document("api.yml", root)
    assert outcome(entry.document, {}, sent=(JSON, "{}")) == ["request.body.x", "response.body.x"]
    assert entry.problems[0].startswith("GET /a: response 404: it refers to gone.yml, which is not read: ")


# --- documents that were read before ----------------------------------------------------------------------------

@pytest.fixture
def cache(tmp_path: Path) -> DocumentCache:
    return DocumentCache(tmp_path / "cache")


def read_again(root: Path, cache: DocumentCache, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the document `api.json` is parsed when it is read."""
    parsed: list[bytes] = []
    real = documents.parse
    with monkeypatch.context() as patched:
        patched.setattr(documents, "parse", lambda raw: (parsed.append(raw), real(raw))[1])
        load_document("api.json", root, cache)
    return bool(parsed)


def test_document_is_kept_until_it_or_a_file_of_it_changes(tmp_path: Path, cache: DocumentCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be used of it is kept, too."""
    root = write(tmp_path / "project", api_json=api({"properties": {"a": {"$ref": "a.json"}, "b": {"$ref": "b.json"}}}), a_json={"type": "integer"})
    fresh = load_document("api.json", root, cache)
    assert load_document("api.json", root, cache) == fresh
    assert len(fresh.problems) == 1
    assert not read_again(root, cache, monkeypatch)
    write(root, a_json={"type": "string"})
    assert read_again(root, cache, monkeypatch)
    assert not read_again(root, cache, monkeypatch)
    (root / "a.json").unlink()
    assert read_again(root, cache, monkeypatch)
    write(root, b_json={"type": "string"})  # it was missing
    assert read_again(root, cache, monkeypatch)
    assert not read_again(root, cache, monkeypatch)
    assert load_document("api.json", root, cache, frozenset({"http://common.example"})) != fresh
    write(root, api_json=api({"type": "string"}))
    assert read_again(root, cache, monkeypatch)
    monkeypatch.setattr(cache_module, "__version__", gonogo.__version__ + ".1")
    assert read_again(root, cache, monkeypatch)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def _change(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"integer", b"strings"))


def _link(path: Path) -> None:
    elsewhere = path.parent.parent / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


DAMAGES = {"truncated": _truncate, "changed": _change, "empty": lambda path: path.write_text(""),
           "not JSON": lambda path: path.write_bytes(b"\x80\x04cos\nsystem\n"), "another format": lambda path: path.write_text("[]\n{}"),
           "deep": lambda path: path.write_text("[" * 100_000), "writable by others": lambda path: path.chmod(0o666), "a link": _link}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_damaged_file_of_the_cache_is_ignored(tmp_path: Path, cache: DocumentCache, monkeypatch: pytest.MonkeyPatch, damage: Any) -> None:
    """The document itself is read again, and kept again."""
    root = write(tmp_path / "project", api_json=api({"type": "integer"}))
    load_document("api.json", root, cache)
    assert cache.folder is not None
    [file] = cache.folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    damage(file)
    assert read_again(root, cache, monkeypatch)
    assert not read_again(root, cache, monkeypatch)


def test_size_of_the_cache_is_limited(tmp_path: Path, cache: DocumentCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest files are removed."""
    monkeypatch.setattr(cache_module, "MAX_CACHED_BYTES", 1500)
    assert cache.folder is not None
    for number in range(20):
        load_document("api.json", write(tmp_path, api_json=api({"maximum": number})), cache)
    assert 0 < sum(path.stat().st_size for path in cache.folder.iterdir()) <= 1500


def test_cache_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    """Without a history there is no folder for it."""
    root = write(tmp_path, api_json=api({"type": "integer"}))
    assert load_document("api.json", root, DocumentCache(tmp_path / "gone" / "cache")).problems == ()
    assert not (tmp_path / "gone").exists()


# --- in a process of its own ------------------------------------------------------------------------------------

BOTTOMLESS = {"a.json": "[" * 100_000, "b.json": '{"a":' * 100_000, "c.yml": "a: " + "[" * 100_000, "d.yml": "- " * 100_000,
              "e.yml": "a: " + "{a: " * 100_000, "f.yml": "? " * 100_000, "g.yml": "[" * 100_000 + "]" * 100_000}


def test_bottomless_document_ends_no_process(tmp_path: Path) -> None:
    """The parsers for YAML and JSON would overflow the stack."""
    for name, text in BOTTOMLESS.items():
        (tmp_path / name).write_text(text)
    code = ("import pathlib, sys; from gonogo.traffic.contract.documents import load_documents; "
            "print(*load_documents(dict(zip(sys.argv, sys.argv[1:])), pathlib.Path.cwd()).problems, sep='\\n')")
    done = subprocess.run([sys.executable, "-c", code, *BOTTOMLESS], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) == len(BOTTOMLESS)
    assert all("nested deeper than 100 levels" in line or "not valid YAML" in line for line in lines)


def test_error_of_a_document_is_a_configuration_error(tmp_path: Path) -> None:
    """It has a place and a cure."""
    with pytest.raises(ConfigError) as error:
        load_document("api.json", write(tmp_path, api_json="[" * 100_000))
    assert (error.value.where, error.value.exit_code) == ("api.json", 2)
    assert error.value.fix
