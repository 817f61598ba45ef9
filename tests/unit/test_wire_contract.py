"""Which component violated a contract, where, and how the violation is worded; and what is not a violation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gonogo.model.calls import ContractFault, Edge, GapCause, Undocumented, Violation
from gonogo.model.exchange import Body, Exchange, Message
from gonogo.report.wording.traffic import fault_words
from gonogo.traffic.contract import Checked, Contracts
from gonogo.traffic.contract.documents import load_documents

ROOT = Path(__file__).parents[2]
JSON = "application/json"
TRAVEL = load_documents({path.parent.name: str(path) for path in (ROOT / "travel").glob("*/openapi.yml")}, ROOT)


def message(document: object = None, *, text: str | None = None, mime: str = JSON, **headers: str) -> Message:
    body = text if text is not None else None if document is None else json.dumps(document)
    told = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    if body is None:
        return Message(told)
    kind = (("Content-Type", mime),) if mime else ()
    return Message((*kind, *told), Body(mime.partition(";")[0], len(body), body))


NOTHING = Message()


def asked(contracts: Contracts, target: str, status: int = 200, *, method: str = "GET", request: Message = NOTHING,
          response: Message = NOTHING) -> list[tuple[str, str, str]]:
    """The violations of one exchange between `page` and `api`: (component at fault, where, what)."""
    exchange = Exchange(method, "http://api" + target, status, request=request, response=response, caller="page", callee="api")
    return [(each.at_fault, each.where, fault_words(each.fault)) for each in contracts.check(exchange).violations]


def one(operation: dict[str, Any], *, version: str = "3.1.0", path: str = "/a", method: str = "get", **more: Any) -> Contracts:
    """The contract of an API with one operation."""
    responses = {"responses": {"200": {"description": ""}}}
    return Contracts.of({"api": {"openapi": version, "info": {"title": "api", "version": "1"},
                                 "paths": {path: {method: {**responses, **operation}}}, **more}})


def answering(schema: object, *, version: str = "3.1.0", **more: Any) -> Contracts:
    return one({"responses": {"200": {"description": "", "content": {JSON: {"schema": schema}}}}}, version=version, **more)


def taking(schema: object, *, version: str = "3.1.0", mime: str = JSON, **more: Any) -> Contracts:
    return one({"requestBody": {"required": True, "content": {mime: {"schema": schema}}}}, version=version, method="post", **more)


# --- two faults of the reference system -------------------------------------------------------------------------

def test_space_before_a_name_is_the_fault_of_the_caller() -> None:
    """The reservation system is right to refuse it: its document allows the response 400, but not the request."""
    contracts = Contracts.of(TRAVEL.by_component)
    exchange = Exchange(
        "POST", "http://gds/pnrs", 400, caller="bookings", callee="gds", scenario="a.feature:3",
        request=message({"flight_id": "GN0123-2027-01-15", "passengers": [
            {"name": "LOVELACE/ANA", "seat": "1A"}, {"name": " LOVELACE/ANA", "seat": "1B"}]}, Idempotency_Key="k"),
        response=message({"error": {"code": "NM01", "message": "INVALID NAME FORMAT"}}))
    assert contracts.check(exchange).violations == (Violation(
        Edge("bookings", "gds", "POST", "/pnrs"), "bookings", "request.body.passengers[].name",
        ContractFault("pattern", '" LOVELACE/ANA"', ("^[A-Z]+( [A-Z]+)*/[A-Z]+( [A-Z]+)*$",)), scenarios=("a.feature:3",)),)
    assert contracts.undocumented(exchange) == ()


def test_uuid_instead_of_twelve_digits_is_the_fault_of_the_caller() -> None:
    """The bank's document defines the format of a merchant reference."""
    charge = {"merchant_reference": "5f0c1b1e-8d29-4b45-9f0e-2d8f3c6a1c11", "amount": 100, "currency": "EUR",
              "card": {"number": "***card:4f2a", "expiry": "12/29", "cvc": "***code:4f2a", "holder": "Ana"},
              "webhook_url": "http://payments/webhooks/bank", "return_url": "http://shop/"}
    exchange = Exchange("POST", "http://bank/v1/charges", 400, caller="payments", callee="bank",
                        request=message(charge, Idempotency_Key="k"),
                        response=message({"error": {"code": "E1007", "message": "12 digits"}}))
    found = {(each.at_fault, each.where) for each in Contracts.of(TRAVEL.by_component).check(exchange).violations}
    assert ("payments", "request.body.merchant_reference") in found
    assert all(at_fault == "payments" for at_fault, _where in found)


# --- requests ---------------------------------------------------------------------------------------------------

def query(schema: object, **more: Any) -> dict[str, Any]:
    return {"parameters": [{"name": "q", "in": "query", "schema": schema, **more}]}


QUERIES: list[tuple[dict[str, Any], str, str | None]] = [
    (query({"type": "integer", "minimum": 1}), "?q=1", None),
    (query({"type": "integer", "minimum": 1}), "?q=0", "0, below the minimum 1"),
    (query({"type": "integer"}), "?q=one", 'string "one"; documented as integer'),
    (query({"type": "integer"}), "?q=", 'string ""; documented as integer'),
    (query({"type": "number"}), "?q=1.5", None),
    (query({"type": "boolean"}), "?q=true", None),
    (query({"type": "boolean"}), "?q=yes", 'string "yes"; documented as boolean'),
    (query({"type": "string", "pattern": r"^\d+$"}), "?q=12", None),
    (query({"type": "string", "format": "date"}), "?q=2026-02-30", '"2026-02-30"; documented format date'),
    (query({"type": "string"}, required=True), "", "missing"),
    (query({"type": "string"}, required=True), "?q=", None),
    (query({"type": "array", "items": {"type": "integer"}}), "?q=1&q=2", None),
    (query({"type": "array", "items": {"type": "integer"}, "maxItems": 1}), "?q=1&q=2", "more than 1 items"),
    (query({"type": "array", "items": {"type": "integer"}}, explode=False), "?q=1,2", None),
    (query({"type": "array", "items": {"enum": ["a", "b"]}}, style="pipeDelimited", explode=False), "?q=a|b", None),
    (query({"type": ["integer", "null"]}), "?q=", None),
    (query({"oneOf": [{"type": "integer"}, {"type": "boolean"}]}), "?q=7", None),
    (query({"type": "object"}, style="deepObject"), "?q[a]=1", None),
    (query({"type": "string", "maxLength": 2}), "?q=***token:4f2a", None),  # masked: the length is unknown
]


@pytest.mark.parametrize(("operation", "target", "what"), QUERIES)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_query(operation: dict[str, Any], target: str, what: str | None, version: str) -> None:
    """Parameters are converted to the documented type before they are checked."""
    if version == "3.0.3" and "null" in str(operation):
        pytest.skip("3.0 knows no null")
    found = asked(one(operation, version=version), "/a" + target)
    assert [each[2] for each in found if "[]" not in each[1]] == ([what] if what else [])
    assert all(each[:2] == ("page", "request.query.q") for each in found)


def test_invalid_item_of_a_list_in_the_query_is_named() -> None:
    """The fault is in an item, not in the list."""
    found = asked(one(query({"type": "array", "items": {"type": "integer"}})), "/a?q=1&q=x&q=y")
    assert found == [("page", "request.query.q[]", 'string "x"; documented as integer')]


@pytest.mark.parametrize(("parameter", "message_", "expected"), [
    ({"name": "X-Key", "in": "header", "required": True, "schema": {}}, message(x_other="1"), [("request.header.X-Key", "missing")]),
    ({"name": "X-Key", "in": "header", "required": True, "schema": {"maxLength": 2}}, message(x_key="123"), [("request.header.X-Key", '"123", longer than 2')]),
    ({"name": "X-Key", "in": "header", "required": True, "schema": {}}, Message(), []),  # headers were not recorded
    ({"name": "X-Key", "in": "header", "required": True, "schema": {"maxLength": 2}}, message(x_key="***key:4f2a"), []),
    ({"name": "Authorization", "in": "header", "required": True, "schema": {}}, message(x="1"), []),  # OpenAPI ignores a parameter of this name
    ({"name": "X-Ids", "in": "header", "schema": {"type": "array", "items": {"type": "integer"}}}, message(x_ids="1, 2"), []),
    ({"name": "s", "in": "cookie", "required": True, "schema": {}}, message(cookie="t=1"), [("request.cookie.s", "missing")]),
    ({"name": "s", "in": "cookie", "required": True, "schema": {"maxLength": 1}}, message(cookie="s=***cookie:4f2a; t=1"), []),
    ({"name": "s", "in": "cookie", "required": True, "schema": {"maxLength": 1}}, message(cookie="t=1; s=12"), [("request.cookie.s", '"12", longer than 1')]),
    ({"name": "f", "in": "query", "content": {JSON: {"schema": {"required": ["a"]}}}}, Message(), []),
])
def test_headers_and_cookies(parameter: dict[str, Any], message_: Message, expected: list[tuple[str, str]]) -> None:
    """Header names are case-insensitive; a value that was not recorded, or was masked, is not a violation."""
    assert [each[1:] for each in asked(one({"parameters": [parameter]}), "/a", request=message_)] == expected


def test_path_parameters_are_decoded_and_checked() -> None:
    """A locator in lower case is a violation of the caller."""
    contracts = one({"parameters": [{"name": "locator", "in": "path", "required": True, "schema": {"pattern": "^[A-Z é]+$"}}]}, path="/pnrs/{locator}")
    assert asked(contracts, "/pnrs/AB%20%C3%A9") == []
    assert asked(contracts, "/pnrs/ab") == [("page", "request.path.locator", '"ab" does not match ^[A-Z é]+$')]


def test_parameters_of_an_operation_override_those_of_its_path() -> None:
    """This is as OpenAPI defines it; references are resolved."""
    contracts = Contracts.of({"api": {
        "openapi": "3.1.0", "components": {"parameters": {"P": {"name": "p", "in": "query", "required": True, "schema": {}}}},
        "paths": {"/a": {"parameters": [{"$ref": "#/components/parameters/P"}, {"name": "q", "in": "query", "required": True}],
                         "get": {"parameters": [{"name": "q", "in": "query"}], "responses": {"200": {"description": ""}}}}}}})
    assert asked(contracts, "/a") == [("page", "request.query.p", "missing")]


REQUESTS: dict[str, tuple[Message, list[tuple[str, str]]]] = {
    "whole": (message({"a": 1}), []),
    "missing": (Message((("X", "1"),)), [("request.body", "missing")]),
    "another media type": (message(text="a", mime="text/plain"), [("request.header.Content-Type", f"text/plain; documented as {JSON}")]),
    "no media type": (message({"a": 1}, mime="", x="1"), [("request.header.Content-Type", f"missing; documented as {JSON}")]),
    "with a charset": (message({"a": 1}, mime=JSON + "; charset=utf-8"), []),
    "invalid JSON": (message(text="{"), [("request.body", "declared as JSON but not valid JSON")]),
    "an array instead of an object": (message([]), [("request.body", "array; documented as object")]),
    "a missing member": (message({}), [("request.body.a", "missing")]),
    "null": (message({"a": None}), [("request.body.a", "null; documented as integer")]),
    "text": (message({"a": "1"}), [("request.body.a", 'string "1"; documented as integer')]),
    "decimal": (message({"a": 1.5}), [("request.body.a", "number 1.5; documented as integer")]),
    "unknown member": (message({"a": 1, "b": 2}), [("request.body.b", "not documented, and no additional properties are allowed")]),
    "masked": (message({"a": "***token:4f2a"}), []),
    "cut off": (Message((("Content-Type", JSON),), Body(JSON, 10**6, '{"a', truncated=True)), []),
    "not recorded": (Message((("Content-Type", JSON),), Body(JSON, 10**6)), []),
}


@pytest.mark.parametrize(("request_", "expected"), REQUESTS.values(), ids=REQUESTS.keys())
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_request_body(request_: Message, expected: list[tuple[str, str]], version: str) -> None:
    """The caller's body is checked member by member; an incomplete body is not checked."""
    contracts = taking({"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}, "additionalProperties": False}, version=version)
    assert asked(contracts, "/a", method="POST", request=request_) == [("page", *each) for each in expected]


@pytest.mark.parametrize(("text", "expected"), [
    ("n=1&l=a&l=b", []), ("n=x", [("request.body.n", 'string "x"; documented as integer')]), ("", []),
    ("n=1&l=c", [("request.body.l[]", '"c"; documented as "a" or "b"')])])
def test_form_body(text: str, expected: list[tuple[str, str]]) -> None:
    """Form fields are converted to the documented type before they are checked."""
    form = "application/x-www-form-urlencoded"
    contracts = taking({"type": "object", "properties": {"n": {"type": "integer"}, "l": {"type": "array", "items": {"enum": ["a", "b"]}}}}, mime=form)
    assert [each[1:] for each in asked(contracts, "/a", method="POST", request=message(text=text, mime=form))] == expected


# --- responses --------------------------------------------------------------------------------------------------

THREE = {"responses": {"200": {"description": "", "content": {JSON: {"schema": {"type": "object"}}}}, "4XX": {"description": ""}, "204": {"description": ""}}}


@pytest.mark.parametrize(("status", "response", "expected"), [
    (200, message({}), []),
    (200, message(Content_Length="0"), [("response.body", "missing")]),
    (200, Message(), []),  # browsers do not keep every body
    (200, message(text="<html>", mime="text/html"), [("response.header.Content-Type", f"text/html; documented as {JSON}")]),
    (200, message([]), [("response.body", "array; documented as object")]),
    (404, message({}), []),
    (204, Message(), []),
    (304, Message(), []),  # the response to a conditional request
    (0, Message(), []),  # a missing response is not a contract violation
    (201, message({}), [("response.status", "201; documented: 200, 4XX and 204")]),
    (500, message({}), [("response.status", "500; documented: 200, 4XX and 204")]),
])
def test_responses(status: int, response: Message, expected: list[tuple[str, str]]) -> None:
    """The callee is at fault for an invalid response."""
    assert asked(one(THREE), "/a", status, response=response) == [("api", *each) for each in expected]


def test_default_response_covers_any_other_status() -> None:
    """`default` stands for all statuses that are not named."""
    contracts = one({"responses": {"200": {"description": ""}, "default": {"description": "", "content": {"application/*": {"schema": {"required": ["a"]}}}}}})
    assert asked(contracts, "/a", 503, response=message({})) == [("api", "response.body.a", "missing")]


def test_head_is_checked_like_get_without_a_body() -> None:
    """Documents do not describe HEAD."""
    assert asked(one(THREE), "/a", method="HEAD", response=message(x="1")) == []


HEADERS = {"responses": {"200": {"description": "", "headers": {
    "X-Total": {"required": True, "schema": {"type": "integer"}}, "Content-Type": {"required": True, "schema": {"enum": ["x"]}},
    "Set-Cookie": {"schema": {"pattern": "^session="}}}}}}


@pytest.mark.parametrize(("response", "expected"), [
    (message(x_total="3"), []), (message(x_total="many"), [("response.header.X-Total", 'string "many"; documented as integer')]),
    (message(x="1"), [("response.header.X-Total", "missing")]), (Message(), []),
    (Message((("x-total", "3"), ("Set-Cookie", "a=1"), ("Set-Cookie", "session=1"))), []),
    (Message((("x-total", "3"), ("Set-Cookie", "session=***cookie:4f2a; Path=/"))), []),
    (Message((("x-total", "3"), ("Set-Cookie", "a=1"))), [("response.header.Set-Cookie", '"a=1" does not match ^session=')]),
])
def test_headers_of_responses(response: Message, expected: list[tuple[str, str]]) -> None:
    """If a response sets several cookies, one of them must match."""
    assert [each[1:] for each in asked(one(HEADERS), "/a", response=response)] == expected


def test_both_sides_may_be_at_fault() -> None:
    """An invalid request and an undocumented error are both reported."""
    found = asked(one(query({"type": "integer"})), "/a?q=x", 500)
    assert [(each[0], each[1]) for each in found] == [("page", "request.query.q"), ("api", "response.status")]


# --- schemas ----------------------------------------------------------------------------------------------------

PET = {"oneOf": [{"type": "object", "required": ["bark"], "properties": {"kind": {"const": "dog"}, "bark": {"type": "string"}}},
                 {"type": "object", "required": ["purr"], "properties": {"kind": {"const": "cat"}, "purr": {"type": "boolean"}}}]}
TREE = {"type": "object", "properties": {"name": {"type": "string"}, "below": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}}

VALUES: dict[str, tuple[object, object, list[tuple[str, str]]]] = {
    "equal faults of list items once": ({"items": {"type": "integer"}}, ["a", 1, "b"], [("[]", 'string "a"; documented as integer')]),
    "several places": ({"properties": {"a": {"enum": ["x", "y"]}, "b": {"minimum": 1}}}, {"a": "z", "b": 0}, [(".a", '"z"; documented as "x" or "y"'), (".b", "0, below the minimum 1")]),
    "one fault per place": ({"minLength": 1, "pattern": "^a", "type": "string"}, "", [("", '"" does not match ^a')]),
    "members named by ids": ({"additionalProperties": {"type": "integer"}}, {"507f1f77bcf86cd799439011": "x"}, [(".*", 'string "x"; documented as integer')]),
    "names with special characters": ({"required": ["a.b", ""]}, {}, [(".'a.b'", "missing"), (".''", "missing")]),
    "the nearest alternative": (PET, {"kind": "cat", "purr": "yes"}, [(".purr", 'string "yes"; documented as boolean')]),
    "an alternative's type": ({"anyOf": [{"type": "null"}, {"type": "object", "required": ["a"]}]}, {}, [(".a", "missing")]),
    "both alternatives": ({"oneOf": [{"minimum": 1}, {"minimum": 2}]}, 3, [("", "3 matches several documented alternatives; must match one")]),
    "all of": ({"allOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": 1}, [(".b", "missing")]),
    "masked alternative": ({"anyOf": [{"type": "integer"}, {"type": "boolean"}]}, "***token:4f2a", []),
    "uuid": ({"format": "uuid"}, "123", [("", '"123"; documented format uuid')]),
    "date": ({"format": "date"}, "2026-11-31", [("", '"2026-11-31"; documented format date')]),
    "a valid date": ({"format": "date"}, "2026-11-30", []),
    "date-time without offset": ({"format": "date-time"}, "2026-11-30T10:00:00", [("", '"2026-11-30T10:00:00"; documented format date-time')]),
    "date-time": ({"format": "date-time"}, "2026-11-30T10:00:00.5+01:00", []),
    "e-mail": ({"format": "email"}, " ana@example.com", [("", '" ana@example.com"; documented format email')]),
    "a valid e-mail": ({"format": "email"}, "ana+x@example.co", []),
    "uri": ({"format": "uri"}, "/path", [("", '"/path"; documented format uri')]),
    "a valid uri": ({"format": "uri"}, "https://shop.example/a?b#c", []),
    "int32": ({"type": "integer", "format": "int32"}, 2**31, [("", "2147483648; documented format int32")]),
    "trailing newline": ({"pattern": "^[0-9]{12}$"}, "123456789012\n", [("", '"123456789012\\n" does not match ^[0-9]{12}$')]),
    "pattern with a Unicode class": ({"pattern": r"^\p{L}+$"}, "Zürich", []),
    "long values are cut": ({"type": "integer"}, "x" * 100, [("", f'string "{"x" * 58}…; documented as integer')]),
    "a recursive schema": ({"$ref": "#/components/schemas/Tree"}, {"below": [{"below": [{"name": 1}]}]}, [(".below[].below[].name", "integer 1; documented as string")]),
    "any": (True, {"a": 1}, []),
}


@pytest.mark.parametrize(("schema", "value", "expected"), VALUES.values(), ids=VALUES.keys())
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_schemas(schema: object, value: object, expected: list[tuple[str, str]], version: str) -> None:
    """Place and fault are worded for people, and are the same in 3.0 and 3.1 if both can express the schema."""
    if version == "3.0.3" and ("const" in str(schema) or "'null'" in str(schema) or schema is True):
        pytest.skip("3.0 cannot say it")
    contracts = answering(schema, version=version, components={"schemas": {"Tree": TREE}})
    assert [each[1:] for each in asked(contracts, "/a", response=message(value))] == [("response.body" + where, what) for where, what in expected]


NULLS: list[tuple[dict[str, Any], bool]] = [
    ({"type": "string", "nullable": True}, True), ({"type": "string"}, False), ({"type": "string", "nullable": False}, False),
    ({"type": "string", "nullable": True, "pattern": "^a"}, True), ({"type": "string", "nullable": True, "format": "date"}, True),
    ({"type": "string", "nullable": True, "enum": ["a"]}, True), ({"type": "string", "enum": ["a"]}, False),
    ({"nullable": True, "allOf": [{"type": "object"}]}, True), ({"nullable": True, "allOf": [{"$ref": "#/components/schemas/Tree"}]}, True),
    ({"type": "object", "nullable": True, "required": ["a"]}, True)]


@pytest.mark.parametrize(("schema", "allowed"), NULLS)
def test_null_in_3_0(schema: dict[str, Any], allowed: bool) -> None:
    """`nullable: true` allows null also beside `enum`, `format` or `allOf`, as its authors intend."""
    contracts = answering(schema, version="3.0.3", components={"schemas": {"Tree": TREE}})
    assert (asked(contracts, "/a", response=message(text="null")) == []) is allowed


def test_nullable_has_no_effect_in_3_1() -> None:
    """In 3.1, null is allowed with `type: [string, \"null\"]`."""
    assert asked(answering({"type": ["string", "null"]}), "/a", response=message(text="null")) == []
    assert asked(answering({"type": "string", "nullable": True}), "/a", response=message(text="null")) != []


def test_siblings_of_a_reference_count_only_in_3_1() -> None:
    """In 3.0 they are ignored, as the specification requires."""
    schema = {"$ref": "#/components/schemas/N", "minimum": 5}
    for version, faults in (("3.0.3", 0), ("3.1.0", 1)):
        contracts = answering(schema, version=version, components={"schemas": {"N": {"type": "integer"}}})
        assert len(asked(contracts, "/a", response=message(3))) == faults


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_read_only_members_are_not_required_in_requests(version: str) -> None:
    """They are required only in responses, and write-only members only in requests."""
    schema = {"type": "object", "required": ["id", "password"], "properties": {
        "id": {"type": "string", "readOnly": True}, "password": {"type": "string", "writeOnly": True}}}
    content = {"content": {JSON: {"schema": schema}}}
    contracts = one({"requestBody": content, "responses": {"200": {"description": "", **content}}}, version=version, method="post")
    assert [each[:2] for each in asked(contracts, "/a", method="POST", request=message({}), response=message({}))] == \
        [("page", "request.body.password"), ("api", "response.body.id")]


# --- undocumented -----------------------------------------------------------------------------------------------

def unknown(contracts: Contracts, target: str, method: str = "GET", status: int = 200, **messages: Message) -> list[str]:
    exchange = Exchange(method, "http://api" + target, status, caller="page", callee="api", **messages)
    found = contracts.undocumented(exchange)
    assert all(each == Undocumented(Edge("page", "api", method, exchange.path), each.where) for each in found)
    return [each.where for each in found]


def test_undocumented_endpoints() -> None:
    """An unknown path, or method of a known path, is listed and is never a violation."""
    contracts = one({})
    assert unknown(contracts, "/b") == [""]
    assert unknown(contracts, "/a/") == [""]
    assert unknown(contracts, "/a", "DELETE") == [""]
    assert unknown(contracts, "/a") == unknown(contracts, "/a", "HEAD") == unknown(contracts, "/b", "OPTIONS") == []
    assert asked(contracts, "/b", 500) == []


@pytest.mark.parametrize(("told", "listed"), [
    ({"resource_type": "document"}, False), ({"resource_type": "script", "status": 404}, False),
    ({"response": message(text="<p>", mime="text/html")}, False), ({"response": message(text="1", mime="image/svg+xml")}, False),
    ({"status": 304}, False),  # the cached response was recorded when it was first fetched
    ({"resource_type": "fetch", "response": message(text="<p>", mime="text/html")}, True),
    ({"response": message(text="<p>", mime="text/html"), "status": 404}, True),  # a framework's error page for any endpoint
    ({"response": message(text="<p>", mime="text/html"), "method": "POST"}, True),
    ({"response": message({})}, True)])
def test_pages_and_their_assets_need_no_document(told: dict[str, Any], listed: bool) -> None:
    """A document describes an API; many scripts in the list would hide an endpoint that is missing in the document."""
    exchange = Exchange(**{"method": "GET", "url": "http://api/app", "status": 200, "callee": "api", **told})
    assert [each.where for each in one({}).undocumented(exchange)] == [""] * listed


@pytest.mark.parametrize(("schema", "value", "places"), [
    ({"properties": {"a": {"properties": {"b": {}}}}}, {"a": {"b": 1, "c": 2}, "d": 3}, [".a.c", ".d"]),
    ({"items": {"properties": {"a": {}}}}, [{"a": 1}, {"b": 1}, {"b": 2}], ["[].b"]),
    ({"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}, {"a": 1, "b": 1, "c": 1}, [".c"]),
    ({"properties": {"a": {}}, "additionalProperties": True}, {"b": 1}, []),
    ({"properties": {"a": {}}, "additionalProperties": False}, {"b": 1}, []),  # that is a violation
    ({"properties": {"a": {}}, "patternProperties": {"^x-": {}}}, {"b": 1}, []),
    ({"type": "object"}, {"b": 1}, []),  # an object with any members
    ({"$ref": "#/components/schemas/Tree"}, {"below": [{"below": [], "x": 1}]}, [".below[].x"]),
    (PET, {"kind": "cat", "purr": True, "bark": "?", "fly": 1}, [".fly"]),
])
def test_undocumented_members(schema: object, value: object, places: list[str]) -> None:
    """If the document names members of an object, other members are listed."""
    contracts = answering(schema, components={"schemas": {"Tree": TREE}})
    assert unknown(contracts, "/a", response=message(value)) == ["response.body" + place for place in places]


def test_undocumented_parameters_and_bodies() -> None:
    """An undocumented parameter, and a body where none is documented, are listed."""
    contracts = one({**query({"type": "object"}, style="deepObject"), "parameters": [{"name": "q", "in": "query", "style": "deepObject", "schema": {"type": "object"}}]})
    assert unknown(contracts, "/a?q[x]=1&page=2&page=3", response=message({})) == ["request.query.page", "response.body"]


def test_component_without_a_document_is_not_checked() -> None:
    """The components without a document are reported."""
    contracts = one({})
    exchange = Exchange("GET", "http://bank/a", 500, caller="api", callee="bank")
    assert contracts.check(exchange) == Checked()
    assert contracts.undocumented(exchange) == ()
    assert contracts.missing(["bank", "api", "api", "", "bank"]) == ("bank",)


def gaps(contracts: Contracts, target: str = "/a", status: int = 200, *, method: str = "GET", request: Message = NOTHING,
         response: Message = NOTHING) -> list[tuple[str, str, str]]:
    """What could not be checked of one exchange: (where, cause, why)."""
    exchange = Exchange(method, "http://api" + target, status, request=request, response=response, caller="page", callee="api")
    return [(each.where, each.cause, each.why) for each in contracts.check(exchange).unchecked]


@pytest.mark.parametrize(("schema", "why"), [
    ({"$ref": "#/components/schemas/Gone"}, "it refers to #/components/schemas/Gone, which does not exist"),
    ({"$ref": "#/components/schemas/Round"}, "#/components/schemas/Round is circular"),
    ({"$ref": "common.yml#/A"}, "it refers to another document, common.yml#/A, which was not read"),
    ({"$ref": "#gone"}, "it refers to #gone, which does not exist"),
    ({"type": "strong"}, "`type` must be one"),
    ({"required": True}, "`required` must be a list of names, got True"),
    ({"maxLength": "3"}, "`maxLength` must be a whole number from 0, got '3'"),
    ({"properties": {"b": None}}, "`properties` must be schemas by name"),
    ({"not": {"$ref": "#/components/schemas/Gone"}}, "it refers to #/components/schemas/Gone"),
    ({"oneOf": [{"required": ["b"]}, {"$ref": "#/components/schemas/Gone"}]}, "it refers to #/components/schemas/Gone"),
    ({"properties": {"a": {"pattern": "("}}}, "the pattern '(' is not a valid regular expression"),
    ({"properties": {"a": {"pattern": "(?=a)(a+)+$"}}}, "the pattern '(?=a)(a+)+$' takes longer than"),
])
def test_part_that_cannot_be_used_neither_passes_nor_fails(schema: dict[str, Any], why: str) -> None:
    """The value that needs it is reported as not checked; the rest of the schema is checked."""
    contracts = answering({"properties": {"other": {"type": "integer"}}, "allOf": [schema]},
                          components={"schemas": {"Round": {"$ref": "#/components/schemas/Round"}}})
    answer = message({"a": "a" * 40 + "!", "other": "x"})
    assert [each[1] for each in asked(contracts, "/a", response=answer)] == ["response.body.other"]
    [(where, cause, told)] = gaps(contracts, response=answer)
    assert where.startswith("response.body")
    assert cause == GapCause.PART
    assert told.startswith(why)


def test_part_that_cannot_be_used_does_not_matter_if_the_value_is_decided_without_it() -> None:
    """An alternative that certainly does not fit, or one that fits, needs nothing else."""
    broken = {"$ref": "#/components/schemas/Gone"}
    for schema in ({"anyOf": [broken, {"type": "integer"}]}, {"anyOf": [{"allOf": [broken], "type": "string"}, {"type": "integer"}]},
                   {"not": {"type": "string", "allOf": [broken]}}, {"if": {"type": "string"}, "then": broken}):
        assert gaps(answering(schema), response=message(3)) == []
        assert asked(answering(schema), "/a", response=message(3)) == []
    [fault] = asked(answering({"anyOf": [{"allOf": [broken], "type": "string"}, {"type": "boolean"}]}), "/a", response=message(3))
    assert fault[1] == "response.body"


def test_number_of_faults_of_one_body_is_limited() -> None:
    """Of a body with a hundred faults, twenty are reported."""
    names = [f"member{chr(97 + index // 26)}{chr(97 + index % 26)}" for index in range(100)]
    assert len(asked(answering({"required": names}), "/a", response=message({}))) == 20


def test_cached_body_is_judged_for_each_exchange() -> None:
    """The same invalid body from another caller is a violation of that caller."""
    contracts = taking({"type": "object", "required": ["a"]})
    for caller in ("page", "partner"):
        exchange = Exchange("POST", "http://api/a", 200, request=message({}), caller=caller, callee="api")
        assert [each.at_fault for each in contracts.check(exchange).violations] == [caller]
