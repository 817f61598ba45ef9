"""Converts a Swagger 2.0 document to the parts of OpenAPI 3.0 that are checked: servers, parameters, bodies, answers.

Schemas stay where they are (`#/definitions/…`): they have the same keywords, but for `x-nullable` and `type: file`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_SCHEMA_KEYS = ("type", "format", "items", "default", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum",
                "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "enum", "multipleOf",
                "x-nullable")
_ANY = ("*/*",)  # the media type, where a document has none
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_STYLES: Mapping[str, Mapping[str, object]] = {
    "ssv": {"style": "spaceDelimited", "explode": False}, "tsv": {"style": "tabDelimited", "explode": False},
    "pipes": {"style": "pipeDelimited", "explode": False}, "multi": {"style": "form", "explode": True}}

_Raw = dict[str, Any]  # https://swagger.io/specification/v2/: foreign JSON
_Resolve = Callable[[object], _Raw]  # an object with its `$ref` followed; raises SchemaFault


def as_openapi_3(document: _Raw, resolve: _Resolve) -> _Raw:
    """The document as OpenAPI 3.0; what cannot be converted is left as it is, and is not usable there either."""
    paths = document.get("paths")
    converted = {path: _path_item(item, document, resolve) if str(path).startswith("/") else item
                 for path, item in (paths.items() if isinstance(paths, dict) else ())}
    return {**{key: item for key, item in document.items() if key not in ("swagger", "paths")}, "openapi": "3.0.0",
            "servers": [{"url": str(document.get("basePath", ""))}], "paths": converted,
            "components": {"securitySchemes": document.get("securityDefinitions")}}


def _path_item(item: object, document: _Raw, resolve: _Resolve) -> object:
    if not isinstance(item, dict):
        return item
    if isinstance(item.get("$ref"), str):
        try:
            item = resolve(item)
        except ValueError:
            return item
    shared = _list(item.get("parameters"))
    operations = {method: _operation(item[method], shared, document, resolve) for method in _METHODS if method in item}
    return {**{key: each for key, each in item.items() if key not in (*_METHODS, "parameters")}, **operations}


def _operation(raw: object, shared: list[object], document: _Raw, resolve: _Resolve) -> object:
    if not isinstance(raw, dict):
        return raw
    consumes = _media(raw.get("consumes", document.get("consumes")))
    produces = _media(raw.get("produces", document.get("produces")))
    parameters: list[object] = []
    sent: dict[tuple[str, str], _Raw] = {}  # in the body; an operation's come after its path's
    for each in (*shared, *_list(raw.get("parameters"))):
        try:
            known = resolve(each)
        except ValueError:
            parameters.append(each)
            continue
        if known.get("in") in ("body", "formData"):
            sent[known["in"], str(known.get("name")) if known["in"] == "formData" else ""] = known
        else:
            parameters.append(_parameter(known))
    responses = raw.get("responses")
    converted = {key: item for key, item in raw.items() if key not in ("consumes", "produces")}
    return {**converted, "parameters": parameters, **_request_body(sent.values(), consumes),
            "responses": {status: _response(each, produces, resolve) for status, each in
                          (responses.items() if isinstance(responses, dict) else ())}}


def _request_body(sent: Iterable[_Raw], consumes: tuple[str, ...]) -> _Raw:
    bodies = [each for each in sent if each.get("in") == "body"]
    fields = [each for each in sent if each.get("in") == "formData"]
    if bodies:
        return {"requestBody": {"required": bodies[-1].get("required") is True,
                                "content": {mime: {"schema": bodies[-1].get("schema", True)} for mime in consumes}}}
    if not fields:
        return {}
    required = [str(each.get("name")) for each in fields if each.get("required") is True]
    schema = {"type": "object", "properties": {str(each.get("name")): _schema(each) for each in fields},
              **({"required": required} if required else {})}
    mimes = [mime for mime in consumes if mime in (_FORM, _MULTIPART)] or [_FORM, _MULTIPART]
    return {"requestBody": {"required": bool(required), "content": {mime: {"schema": schema} for mime in mimes}}}


def _parameter(raw: _Raw) -> _Raw:
    kept: _Raw = {key: raw[key] for key in ("name", "in", "required", "allowEmptyValue") if key in raw}
    return {**kept, **_style(raw), "schema": _schema(raw)}


def _style(raw: _Raw) -> Mapping[str, object]:
    """How a list is written. Without `collectionFormat` it is separated by commas."""
    if raw.get("type") != "array":
        return {}
    plain = "form" if raw.get("in") == "query" else "simple"
    return _STYLES.get(str(raw.get("collectionFormat")), {"style": plain, "explode": False})


def _schema(raw: _Raw) -> _Raw:
    schema = {key: raw[key] for key in _SCHEMA_KEYS if key in raw}
    return {} if schema.get("type") == "file" else schema


def _response(raw: object, produces: tuple[str, ...], resolve: _Resolve) -> object:
    try:
        known = resolve(raw)
    except ValueError:
        return raw
    schema = known.get("schema")
    content = {} if schema is None else {mime: {"schema": {} if _is_file(schema) else schema} for mime in produces}
    headers = known.get("headers")
    return {"content": content, "headers": {name: {"schema": _schema(each)} for name, each in
                                            (headers.items() if isinstance(headers, dict) else ())
                                            if isinstance(each, dict)}}


def _is_file(schema: object) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "file"


def _media(value: object) -> tuple[str, ...]:
    return tuple(_texts(value)) or _ANY


def _texts(value: object) -> Iterator[str]:
    yield from (each for each in _list(value) if isinstance(each, str))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
