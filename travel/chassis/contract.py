"""Hold a component's answers against its own `openapi.yml`; only unit tests use it.

Requests are not judged here: that a bad one is refused is a rule of the component.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from flask import Flask, Response, request
from openapi_schema_validator import OAS30ReadValidator


@cache  # each test makes an app of its own, and to read its document would be most of the test's time
def _read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


class ContractError(AssertionError):
    """An answer that the contract does not describe."""


class Contract:
    """The OpenAPI document of a component."""

    def __init__(self, path: Path) -> None:
        self.document = _read(path)

    def routes(self) -> set[tuple[str, str]]:
        """(METHOD, /path/{with}/{parameters}) of each documented operation."""
        return {(method.upper(), path) for path, item in self.document["paths"].items()
                for method in item if method in ("get", "post", "put", "patch", "delete")}

    def watch(self, app: Flask) -> None:
        """From now on an answer of `app` that its contract does not describe fails the test that caused it."""

        @app.after_request
        def check(response: Response) -> Response:
            if request.url_rule is not None:
                self.check(request.method, path_of(request.url_rule.rule), response)
            return response

    def check(self, method: str, path: str, response: Response) -> None:
        operation = self.document["paths"][path][method.lower()]
        described = operation["responses"].get(str(response.status_code))
        if described is None:
            raise ContractError(f"{method} {path} answered {response.status_code}, which is not in its contract")
        content = self._resolved(described).get("content", {})
        if not content:
            if response.get_data():
                raise ContractError(f"{method} {path}: a body where the contract has none")
            return
        if response.mimetype not in content:
            raise ContractError(f"{method} {path} answered {response.mimetype}, not {set(content)}")
        schema = content[response.mimetype].get("schema")
        if schema and response.is_json:
            OAS30ReadValidator({**schema, "components": self.document["components"]}).validate(response.get_json())

    def _resolved(self, item: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in item:
            return item
        found: Any = self.document
        for part in item["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return dict(found)


def routes_of(app: Flask) -> set[tuple[str, str]]:
    """(METHOD, path) of each route that `app` serves, written as OpenAPI writes them."""
    return {(method, path_of(rule.rule)) for rule in app.url_map.iter_rules()
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}


def path_of(rule: str) -> str:
    return rule.replace("<", "{").replace(">", "}")
