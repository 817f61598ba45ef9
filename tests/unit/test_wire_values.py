"""Values written as text, in every notation of OpenAPI, and other parts of a document that are checked or exempt."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gonogo.model.calls import GapCause
from gonogo.model.exchange import Body, Exchange, Message
from gonogo.traffic.contract import Contracts, keywords
from gonogo.traffic.contract.forms import form_value

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
INTEGERS = {"type": "array", "items": {"type": "integer"}}
POINT = {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}}}


def contract(paths: dict[str, Any], **more: Any) -> Contracts:
    return Contracts.of({"api": {"openapi": "3.0.3", "info": {"title": "api", "version": "1"}, "paths": paths, **more}})


def operation(path: str = "/a", method: str = "get", **raw: Any) -> dict[str, Any]:
    return {path: {method: {"responses": {"200": {"description": ""}}, **raw}}}


def result(contracts: Contracts, target: str = "/a", *, method: str = "GET", sent: tuple[str, str] | None = None,
           answered: object = None, headers: tuple[tuple[str, str], ...] = ()) -> list[str]:
    """The places of violations, and of what was not checked with its cause."""
    request = Message(headers, Body(sent[0], len(sent[1]), sent[1]) if sent else None)
    text = json.dumps(answered) if answered is not None else ""
    response = Message((("Content-Type", JSON),), Body(JSON, len(text), text)) if text else Message()
    checked = contracts.check(Exchange(method, "http://api" + target, 200, request=request, response=response, caller="page", callee="api"))
    return [*(each.where for each in checked.violations), *(f"{each.where} {each.cause}" for each in checked.unchecked)]


def parameter(place: str, schema: object, **more: Any) -> dict[str, Any]:
    path = "/a/{p}" if place == "path" else "/a"
    return operation(path, parameters=[{"name": "p", "in": place, "schema": schema, "required": place == "path", **more}])


PARAMETERS: list[tuple[dict[str, Any], str, bool]] = [
    (parameter("path", {"type": "integer"}), "/a/1849350275712389120", True),
    (parameter("path", {"type": "integer", "format": "int64"}), "/a/9223372036854775808", False),
    (parameter("path", {"type": "integer"}), "/a/" + "1" * 900, True),
    (parameter("path", {"type": "integer"}), "/a/%D9%A3", False),  # a digit of another script
    (parameter("path", INTEGERS), "/a/1,2", True), (parameter("path", INTEGERS), "/a/1,x", False),
    (parameter("path", INTEGERS, style="label"), "/a/.1,2", True),
    (parameter("path", INTEGERS, style="label", explode=True), "/a/.1.x", False),
    (parameter("path", {"type": "integer"}, style="matrix"), "/a/;p=1", True),
    (parameter("path", INTEGERS, style="matrix", explode=True), "/a/;p=1;p=2", True),
    (parameter("path", INTEGERS, style="matrix", explode=True), "/a/;p=1;p=x", False),
    (parameter("path", POINT), "/a/x,1,y,2", True), (parameter("path", POINT), "/a/y,2", False),
    (parameter("path", POINT, explode=True), "/a/x=1,y=2", True), (parameter("path", POINT, explode=True), "/a/x=1,y=z", False),
    (parameter("path", POINT, style="matrix", explode=True), "/a/;x=1;y=2", True),
    (parameter("query", POINT, style="deepObject"), "/a?p[x]=1&p[y]=2", True),
    (parameter("query", POINT, style="deepObject"), "/a?p[x]=one", False),
    (parameter("query", POINT, style="deepObject"), "/a?p[y]=2", False), (parameter("query", POINT, style="deepObject"), "/a", True),
    (parameter("query", POINT), "/a?x=1&y=2", True), (parameter("query", POINT), "/a?x=one", False), (parameter("query", POINT), "/a", True),
    (parameter("query", POINT, explode=False), "/a?p=x,1", True), (parameter("query", POINT, explode=False), "/a?p=y,1", False),
    (parameter("query", {"type": "boolean"}, allowEmptyValue=True), "/a?p", True),
    (parameter("query", {"type": "string", "enum": ["up"]}, allowEmptyValue=True), "/a?p=", True),
    (parameter("query", {"type": "string", "enum": ["up"]}, allowEmptyValue=True), "/a?p=left", False),
    (parameter("query", {"type": "string", "enum": ["up"]}), "/a?p=", False),
]


@pytest.mark.parametrize(("paths", "target", "good"), PARAMETERS)
def test_parameter(paths: dict[str, Any], target: str, good: bool) -> None:
    """Each notation is parsed, so that no parameter goes unchecked for its style."""
    assert (result(contract(paths), target) == []) is good


def form(schema: dict[str, Any]) -> Contracts:
    return contract(operation(method="post", requestBody={"content": {FORM: {"schema": {"type": "object", "additionalProperties": False, **schema}}}}))


@pytest.mark.parametrize(("properties", "text", "places"), [
    ({"expand": INTEGERS}, "expand[0]=1&expand%5B1%5D=2", []),
    ({"expand": INTEGERS}, "expand[]=1&expand[]=x", ["request.body.expand[]"]),
    ({"expand": INTEGERS}, "expand=1&expand=2", []),
    ({"card": POINT}, "card[x]=1&card[y]=2", []), ({"card": POINT}, "card[x]=one", ["request.body.card.x"]),
    ({"card": POINT}, "x]=1", ["request.body.x]"]), ({"card": POINT}, "card=%7B%22x%22%3A1%7D", []),
    ({"items": {"type": "array", "items": POINT}}, "items[0][x]=1&items[1][x]=2", []),
    ({"items": {"type": "array", "items": POINT}}, "items[0][x]=1&items[1][y]=2", ["request.body.items[].x"]),
    ({"a[b]": {"type": "integer"}}, "a[b]=1", []), ({"a": {}}, "b[c]=1", ["request.body.b"]),
])
def test_form_with_brackets(properties: dict[str, Any], text: str, places: list[str]) -> None:
    """Brackets are members and items, unless the name itself is documented."""
    found = result(form({"properties": properties}), method="POST", sent=(FORM, text))
    assert found == places


def test_brackets_of_a_form_are_limited() -> None:
    """A name may not build an object of any depth."""
    value: object = form_value("a" + "[b]" * 50_000 + "=1", {})
    depth = 0
    while isinstance(value, dict):
        depth, value = depth + 1, next(iter(value.values()))
    assert depth < 30


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_media_type_without_a_schema_allows_any_value(version: str) -> None:
    """An example alone restricts nothing."""
    contracts = Contracts.of({"api": {"openapi": version, "paths": operation(responses={"200": {"content": {JSON: {"example": 1}}}})}})
    assert result(contracts, answered={"a": 1}) == []


def answering(schema: object, **more: Any) -> Contracts:
    return contract(operation(responses={"200": {"content": {JSON: {"schema": schema}}}}), **more)


def schemas(**named: object) -> dict[str, Any]:
    return {"components": {"schemas": named}}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


ITEM = {"type": "object", "properties": {"id": {"readOnly": True}, "name": {}, "pin": {"writeOnly": True}}}


@pytest.mark.parametrize("schema", [
    {"allOf": [ref("Item"), {"required": ["id", "name", "pin"]}]},
    {"required": ["id", "name", "pin"], "allOf": [ref("Item")]},
    {"allOf": [{"required": ["id", "name", "pin"]}, {"allOf": [ref("Item")]}]},
    {"anyOf": [{"allOf": [ref("Item"), {"required": ["id", "name", "pin"]}]}]},
])
def test_read_only_member_may_be_in_another_part(schema: dict[str, Any]) -> None:
    """It is required of answers alone, wherever `required` stands, and a write-only member of requests alone."""
    body = {"content": {JSON: {"schema": schema}}}
    contracts = contract(operation(method="post", requestBody=body, responses={"200": body}), **schemas(Item=ITEM))
    assert result(contracts, method="POST", sent=(JSON, '{"name": 1, "pin": 1}'), answered={"name": 1, "id": 1}) == []
    assert result(contracts, method="POST", sent=(JSON, '{"name": 1}'), answered={"name": 1}) == ["request.body.pin", "response.body.id"]


def test_hidden_member_of_one_part_is_required_elsewhere() -> None:
    """The same schema, where no read-only member goes with it, requires the member."""
    needs = {"type": "object", "required": ["id"]}
    both = {"type": "object", "properties": {"a": {"allOf": [ref("Item"), ref("Needs")]}, "b": ref("Needs")}}
    contracts = contract(operation(method="post", requestBody={"content": {JSON: {"schema": both}}}), **schemas(Item=ITEM, Needs=needs))
    assert result(contracts, method="POST", sent=(JSON, '{"a": {}, "b": {}}')) == ["request.body.b.id"]


def test_many_compositions_of_one_long_chain_are_prepared() -> None:
    """Each has a member of its own that only answers have, and is checked against all of the chain."""
    chain = {f"S{level}": {"allOf": [ref(f"S{level + 1}")]} for level in range(100)}
    paths = {f"/p{number}": {"post": {"responses": {}, "requestBody": {"content": {JSON: {"schema": {
        "required": ["a", f"m{number}"], "properties": {f"m{number}": {"readOnly": True}}, "allOf": [ref("S0")]}}}}}} for number in range(100)}
    contracts = contract(paths, **schemas(**chain, S100={"properties": {"a": {"type": "string"}}}))
    for number in range(0, 100, 10):
        assert result(contracts, f"/p{number}", method="POST", sent=(JSON, "{}")) == ["response.status", "request.body.a"][::-1]


KINDS = {name: {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}, member: {"type": "integer"}}}
         for name, member in (("A", "size"), ("B", "colour"))}


@pytest.mark.parametrize(("mapping", "value", "places"), [
    ({"a": "#/components/schemas/A", "b": "B"}, {"kind": "a", "size": 3}, []),
    ({"a": "#/components/schemas/A", "b": "B"}, {"kind": "b", "colour": "red"}, ["response.body.colour"]),
    (None, {"kind": "A", "size": "x"}, ["response.body.size"]),
    (None, {"kind": "other"}, ["response.body"]),  # it fits both
    (None, {"size": 1}, ["response.body.kind"]),
    ({"a": "#/components/schemas/Gone"}, {"kind": "a"}, ["response.body part"]),
])
def test_discriminator_chooses_the_alternative(mapping: object, value: object, places: list[str]) -> None:
    """Its value names the schema, by the mapping or by the schema's own name."""
    schema = {"oneOf": [ref("A"), ref("B")], "discriminator": {"propertyName": "kind", **({"mapping": mapping} if mapping else {})}}
    assert result(answering(schema, **schemas(**KINDS)), answered=value) == places


@pytest.mark.parametrize(("path", "target"), [
    ("/küche", "/k%C3%BCche"), ("/k%C3%BCche", "/k%c3%bcche"), ("/a b", "/a%20b"), ("/a%2Fb", "/a%2fb"), ("/{n}/é", "/x%2Fy/%C3%A9"),
    ("/a(b)", "/a%28b%29"), ("/{a}-{b}", "/1-2")])
def test_fixed_parts_match_however_they_are_encoded(path: str, target: str) -> None:
    """The path is found, and checked."""
    assert result(contract(operation(path, responses={"404": {}})), target) == ["response.status"]


def test_servers_of_a_path_or_operation_stand_for_those_of_the_document() -> None:
    """Other paths keep those of the document."""
    def own(url: str) -> dict[str, Any]:
        return {"servers": [{"url": url}]}

    item = operation(responses={"404": {}})["/a"]
    contracts = contract({"/a": {**item, **own("https://x/special")}, "/b": {"get": {**item["get"], **own("/only")}, "put": item["get"]}, "/c": item},
                         **own("https://x/api"))
    for target in ("/special/a", "/a", "/only/b", "/api/b", "/api/c"):
        assert result(contracts, target) == ["response.status"], target
    for target in ("/api/a", "/special/c"):
        assert result(contracts, target) == [], target


def test_second_path_of_equal_form_is_found() -> None:
    """Two templates that differ in the parameter's name only are not allowed, and are written all the same."""
    contracts = contract({**operation("/a/{id}"), **operation("/a/{name}", "post", responses={"404": {}})})
    assert result(contracts, "/a/1", method="POST") == ["response.status"]


def test_api_key_in_the_query_is_documented_by_its_scheme() -> None:
    """A parameter of another name is not."""
    contracts = contract(operation(), components={"securitySchemes": {"k": {"type": "apiKey", "in": "query", "name": "key"}}})
    exchange = Exchange("GET", "http://api/a?key=1&other=2", 200, caller="page", callee="api")
    assert [each.where for each in contracts.undocumented(exchange)] == ["request.query.other"]


@pytest.mark.parametrize("reference", ["#item", "https://api/item", "https://api/item#/properties/id"])
def test_schema_is_found_by_its_anchor_and_id(reference: str) -> None:
    """OpenAPI 3.1 allows what JSON Schema allows."""
    named = {"$id": "https://api/item", "$anchor": "item", "type": "integer", "properties": {"id": {"type": "integer"}}}
    contracts = Contracts.of({"api": {"openapi": "3.1.0", "paths": operation(responses={"200": {"content": {JSON: {
        "schema": {"$ref": reference}}}}}), **schemas(Item=named)}})
    assert result(contracts, answered="x") == ["response.body"]


@pytest.mark.parametrize(("body", "gap"), [
    (Body(JSON, 90_000, '{"a":', truncated=True), True), (Body(JSON, 900_000), True), (Body(FORM, 90_000, "a=", truncated=True), True),
    (Body(JSON, 8, '{"a": 1}'), False), (Body("image/png", 90_000), False)])
def test_body_that_was_not_recorded_whole_is_not_checked(body: Body, gap: bool) -> None:
    """It is no violation, and it does not pass."""
    schema = {"type": "object", "properties": {"a": {"type": ["integer", "string"]}}}
    contracts = Contracts.of({"api": {"openapi": "3.1.0", "paths": operation(responses={"200": {"content": {
        mime: {"schema": schema} for mime in (JSON, FORM, "image/png")}}})}})
    exchange = Exchange("GET", "http://api/a", 200, response=Message((), body), caller="page", callee="api")
    checked = contracts.check(exchange)
    assert checked.violations == ()
    assert [each.cause for each in checked.unchecked] == [GapCause.BODY] * gap


def test_format_check_that_fails_itself_is_a_violation() -> None:
    """`byte` allows ASCII alone, and the library raises for anything else."""
    assert result(answering({"type": "string", "format": "byte"}), answered="é") == ["response.body"]


def test_time_is_an_open_format_in_3_0() -> None:
    """OpenAPI 3.0 does not define it."""
    assert result(answering({"type": "string", "format": "time", "default": "9:30"}), answered="9:30") == []


# --- effort -----------------------------------------------------------------------------------------------------

def test_schema_that_doubles_at_every_level_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty-five levels would need thirty million steps; it is given up once, and for good."""
    monkeypatch.setattr(keywords.Effort.__init__, "__defaults__", (50_000, 0))
    doubling = {f"S{level}": {"allOf": [ref(f"S{level + 1}"), ref(f"S{level + 1}")]} for level in range(25)}
    contracts = answering(ref("S0"), **schemas(**doubling, S25={"type": "object"}))
    assert result(contracts, answered={}) == ["response.body limit"]
    assert result(contracts, answered={"a": 1}) == ["response.body limit"]


def test_document_of_many_such_schemas_gets_less_effort_each_time() -> None:
    """A thousand of them may not take a thousand times as long."""
    effort = keywords.Effort()
    for _schema in range(50):
        effort.exceeded()
    effort.begin()
    assert effort.left == 10_000


def test_schema_of_itself_alone_is_given_up() -> None:
    """Its check would never end."""
    assert result(answering(ref("S"), **schemas(S={"allOf": [ref("S")]})), answered={}) == ["response.body limit"]


@pytest.mark.parametrize("text", ["[" * 30_000 + "]" * 30_000, "1" * 5_000])
def test_json_that_cannot_be_parsed_is_not_checked(text: str) -> None:
    """It is valid, and too much for the parser; text that is not JSON at all is a violation."""
    contracts = contract(operation(method="post", requestBody={"content": {JSON: {"schema": {"type": "string"}}}}))
    assert result(contracts, method="POST", sent=(JSON, text)) == ["request.body limit"]
    assert result(contracts, method="POST", sent=(JSON, "[")) == ["request.body"]
    exchange = Exchange("POST", "http://api/a", 200, request=Message((), Body(JSON, 9, text)), caller="page", callee="api")
    assert contracts.undocumented(exchange) == ()


def test_value_that_fits_several_recursive_alternatives_is_a_violation() -> None:
    """The alternatives themselves cannot be written down."""
    tree = {"type": "object", "properties": {"below": ref("Tree")}}
    assert result(answering({"oneOf": [ref("Tree"), {"type": "object"}]}, **schemas(Tree=tree)), answered={}) == ["response.body"]


def test_deep_value_is_given_up() -> None:
    """A recursive schema follows a value to any depth."""
    tree = {"type": "object", "properties": {"below": ref("Tree")}}
    value: dict[str, Any] = {}
    for _level in range(800):
        value = {"below": value}
    assert result(answering(ref("Tree"), **schemas(Tree=tree)), answered=value) == ["response.body limit"]


def test_long_chain_of_schemas_is_prepared() -> None:
    """Each refers to the next: thousands need no recursion."""
    chain = {f"S{level}": {"properties": {"next": ref(f"S{level + 1}")}} for level in range(5000)}
    assert result(answering(ref("S0"), **schemas(**chain, S5000={"type": "integer"})), answered={"next": {"next": {}}}) == []


def test_many_unlike_items_are_compared_in_linear_time() -> None:
    """The library compares each object with each other."""
    contracts = answering({"type": "array", "uniqueItems": True})
    assert result(contracts, answered=[{"a": number} for number in range(20_000)]) == []
    assert result(contracts, answered=[{"a": 1, "b": 2}, {"b": 2, "a": 1}]) == ["response.body"]
