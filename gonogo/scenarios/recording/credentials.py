"""The credentials in a scenario's exchanges: session cookies, tokens of headers, passwords that were sent.

They are masked where their name is; to be found wherever else they turn up, their values must be known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import parse_qsl, unquote_plus

from gonogo.scenarios.recording.http import HarEntry
from gonogo.secrets.known import Secrets, is_token, is_worth_masking
from gonogo.secrets.names import CARD, kind_of_header, kind_of_name

_SET_COOKIE = re.compile(r"(?:^|[,\n])\s*(?P<name>[\w!#$%&'*.^`|~+-]+)=(?P<value>[^;,\s]*)(?P<attributes>[^,\n]*)")
_LOGINS = frozenset({"authorization", "proxy-authorization"})
_MAX_BODY = 64 * 1024  # characters of a body that is searched
_MAX_DEPTH = 20


def credentials_in(entries: Iterable[HarEntry]) -> Secrets:
    """The values, each of the kind that the mask has in the place where it is sent."""
    pairs: dict[str, str] = {}
    for entry in entries:
        for value, kind in (*_of_headers(entry["request"]), *_of_headers(entry["response"]),
                            *_passwords(entry["request"].get("postData") or {})):
            pairs.setdefault(value, kind)
    return Secrets(pairs)


def _of_headers(message: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    headers = message.get("headers")
    for header in headers if isinstance(headers, list) else ():
        name, value = str(header.get("name", "")).lower(), str(header.get("value", ""))
        if name == "set-cookie":
            yield from _given_cookies(value)
        elif name == "cookie":
            yield from _sent_cookies(value)
        elif name in _LOGINS:
            scheme, _, credentials = value.partition(" ")
            if scheme.lower() != "basic" and is_token(credentials):
                yield credentials, "token"
        elif (kind := kind_of_header(name)) and kind not in (CARD, "signature") and is_token(value):
            yield value, kind


def _given_cookies(value: str) -> Iterator[tuple[str, str]]:
    """Cookies that pages cannot read, or that are named for what they are: others can be preferences."""
    for match in _SET_COOKIE.finditer(value):
        kind = kind_of_name(match["name"])
        if (kind or "httponly" in match["attributes"].lower()) and is_token(text := _decoded(match["value"])):
            yield text, kind or "cookie"


def _sent_cookies(value: str) -> Iterator[tuple[str, str]]:
    for cookie in value.split(";"):
        name, _, text = cookie.strip().partition("=")
        if (kind := kind_of_name(name)) and is_token(text := _decoded(text)):
            yield text, kind


def _passwords(holder: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """The passwords in a request's body, by the names of its members."""
    text, mime = str(holder.get("text") or "")[:_MAX_BODY], str(holder.get("mimeType") or "")
    if "x-www-form-urlencoded" in mime:
        members: Iterable[tuple[str, object]] = parse_qsl(text)
    else:
        try:
            members = _members(json.loads(text)) if text.lstrip()[:1] in ("{", "[") else ()
        except (ValueError, RecursionError):
            return
    yield from ((value, "password") for name, value in members
                if isinstance(value, str) and kind_of_name(name) == "password" and is_worth_masking(value))


def _members(value: object, depth: int = 0) -> Iterator[tuple[str, object]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        for name, item in value.items():
            yield str(name), item
            yield from _members(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _members(item, depth + 1)


def _decoded(text: str) -> str:
    return unquote_plus(text) if "%" in text else text
