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
    """`request` with its placeholders replaced; each name has one value in a send, and one in each further item of a
    list. Raises Unfilled.
    """
    draws = _Draws(values)
    return replace(request, path=draws.text(request.path, partial(quote, safe="")), body=draws.json(request.body),
                   query=tuple((name, draws.text(value)) for name, value in request.query),
                   headers=tuple((name, draws.text(value)) for name, value in request.headers))


class _Draws:
    """The values of one send."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._drawn: dict[str, object] = {}

    def text(self, template: str, quoted: Callable[[str], str] = str) -> str:
        return _PLACEHOLDER.sub(lambda match: quoted(as_text(self._of(match[1]))), template)

    def json(self, value: Json) -> Json:
        if isinstance(value, str):
            whole = _PLACEHOLDER.fullmatch(value)
            return self._of(whole[1]) if whole else self.text(value)
        if isinstance(value, dict):
            return {key: self.json(item) for key, item in value.items()}
        if isinstance(value, list):
            return [(_Draws(self._values) if index else self).json(item) for index, item in enumerate(value)]
        return value

    def _of(self, name: str) -> object:
        if name not in self._values:
            raise Unfilled(name)
        if name not in self._drawn:
            self._drawn[name] = self._values[name]()
        return self._drawn[name]


def as_text(value: object) -> str:
    """As parameters are written."""
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)

