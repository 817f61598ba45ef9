"""Fills in the `{{name}}` of a stored request, and finds them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote

from gonogo.model.probing import ProbeRequest

_PLACEHOLDER = re.compile(r"\{\{([A-Za-z_]\w{0,63})\}\}")
NAME = re.compile(r"[A-Za-z_]\w{0,63}")

Json = Any  # any JSON
Values = Mapping[str, Callable[[], object]]  # name → the value for one send


class Unfilled(LookupError):
    """A placeholder has no value; the text is its name."""


def placeholder(name: str) -> str:
    return f"{{{{{name}}}}}"


def filled(request: ProbeRequest, values: Values) -> ProbeRequest:
    """`request` with its placeholders replaced; each name has one value in a send. Raises Unfilled."""
    drawn: dict[str, object] = {}

    def value_of(name: str) -> object:
        if name not in values:
            raise Unfilled(name)
        if name not in drawn:
            drawn[name] = values[name]()
        return drawn[name]

    def text(template: str, quote: Callable[[str], str] = str) -> str:
        return _PLACEHOLDER.sub(lambda match: quote(as_text(value_of(match[1]))), template)

    return replace(request, path=text(request.path, partial(quote, safe="")),
                   body=_in_body(request.body, value_of, text),
                   query=tuple((name, text(value)) for name, value in request.query),
                   headers=tuple((name, text(value)) for name, value in request.headers))


def as_text(value: object) -> str:
    """As parameters are written."""
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)


def _in_body(value: Json, value_of: Callable[[str], object], text: Callable[[str], str]) -> Json:
    if isinstance(value, str):
        whole = _PLACEHOLDER.fullmatch(value)
        return value_of(whole[1]) if whole else text(value)
    if isinstance(value, dict):
        return {key: _in_body(item, value_of, text) for key, item in value.items()}
    if isinstance(value, list):
        return [_in_body(item, value_of, text) for item in value]
    return value
