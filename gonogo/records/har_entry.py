"""Converts between HAR entries and exchanges. An incomplete entry is rejected with a reason; nothing is guessed.

`har` reads and writes the files.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from gonogo.model.calls import BROWSER, STEP
from gonogo.model.exchange import Body, Exchange, Message
from gonogo.records.bodies import body_of
from gonogo.secrets.masking import Masker

NameOf = Callable[[str], str]  # the component that answers at a URL
HarEntry = dict[str, Any]  # https://w3c.github.io/web-performance/specs/HAR/Overview.html: foreign JSON

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-[0-9a-f]{2}(-.*)?")
_CALLERS = {"browser": BROWSER, "step": STEP}
_FROM_CACHE = ("Memory Cache", "Disk Cache")  # Safari's; Chrome has `_fromCache: "memory"`
MAX_URL_CHARS = 8192
MAX_HEADERS = 1_000  # of a message
MAX_HEADER_CHARS = 64 * 1024
_CUT = "truncated"  # the `comment` of a body that was cut


class EntryLeftOutError(ValueError):
    """The entry is not a complete exchange; the message is the reason."""


class Damage(str):
    """Stands for entries that cannot be read; the text is the reason."""

    __slots__ = ()


class NoExchangeError(EntryLeftOutError):
    """The entry is not about an exchange with a component, so that nothing is missing without it."""


def exchange_of(entry: object, name_of: NameOf, *, scenario: str = "", caller: str = BROWSER,
                masker: Masker | None = None) -> Exchange:
    """The exchange of `entry`; `caller` is the default if the entry has none. Raises EntryLeftOutError."""
    if isinstance(entry, Damage):
        raise EntryLeftOutError(str(entry))
    whole = _mapping(entry, "the entry")
    request, response = _mapping(whole.get("request"), "request"), _mapping(whole.get("response"), "response")
    url = _url(request.get("url"))
    method = request.get("method")
    if not isinstance(method, str) or not re.fullmatch(r"[!#$%&'*+.^_`|~\w-]{1,32}", method):
        raise EntryLeftOutError("request.method is missing")
    if whole.get("_fromCache") or whole.get("_fetchType") in _FROM_CACHE:
        raise NoExchangeError("the answer came from the browser's cache")
    status = _status(response.get("status"))
    sent, answered = _headers(request, masker), _headers(response, masker)
    trace = _TRACEPARENT.fullmatch(_value(sent, "traceparent").lower())
    return Exchange(
        method=method.upper(), url=masker.url(url) if masker else url, status=status,
        started_s=_epoch_s(whole.get("startedDateTime")), duration_ms=_duration_ms(whole),
        request=Message(sent, body_of(request.get("postData"), _value(sent, "content-type"),
                                      request.get("bodySize"), masker)),
        response=Message(answered, body_of(response.get("content"), _value(answered, "content-type"),
                                           response.get("bodySize"), masker)),
        caller=_text(whole, "_caller") or _CALLERS.get(_text(whole, "_origin"), caller),
        callee=_text(whole, "_callee") or name_of(url),
        scenario=scenario, step=_text(whole, "_step"), person=_text(whole, "_person"),
        resource_type=_text(whole, "_resourceType"),
        trace_id=trace["trace"] if trace else "", span_id=trace["span"] if trace else "",
        failure=_failure(whole, response, masker))


def entry_of(exchange: Exchange) -> HarEntry:
    """The HAR 1.2 entry of an exchange; `exchange_of` returns the same exchange."""
    started = datetime.fromtimestamp(exchange.started_s, UTC)
    request: HarEntry = {
        "method": exchange.method, "url": exchange.url, "httpVersion": "HTTP/1.1", "cookies": [],
        "queryString": [{"name": name, "value": value} for name, value in exchange.query],
        "headers": _header_list(exchange.request), "headersSize": -1, "bodySize": _size(exchange.request.body)}
    if exchange.request.body:
        request["postData"] = {**_holder(exchange.request.body), "params": []}
    response = {
        "status": exchange.status, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [],
        "headers": _header_list(exchange.response), "redirectURL": exchange.response.header("location") or "",
        "headersSize": -1, "bodySize": _size(exchange.response.body),
        "content": {"size": max(_size(exchange.response.body), 0), **_holder(exchange.response.body)},
        **({"_failureText": exchange.failure} if exchange.failure else {})}
    extensions = {"_caller": exchange.caller, "_callee": exchange.callee, "_step": exchange.step,
                  "_person": exchange.person, "_resourceType": exchange.resource_type}
    return {"startedDateTime": started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "time": exchange.duration_ms, "request": request, "response": response, "cache": {},
            "timings": {"send": 0, "wait": exchange.duration_ms, "receive": 0},
            **{key: value for key, value in extensions.items() if value}}


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise EntryLeftOutError(f"{what} is missing")
    return value


def _url(url: object) -> str:
    if not isinstance(url, str) or not url:
        raise EntryLeftOutError("request.url is missing")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise EntryLeftOutError(f"request.url is not a valid URL: {error}") from error
    if parts.scheme not in ("http", "https", "ws", "wss") or not parts.hostname or port == 0:
        raise NoExchangeError("request.url is not HTTP")
    if len(url) > MAX_URL_CHARS:
        raise EntryLeftOutError(f"request.url is longer than {MAX_URL_CHARS} characters")
    return url.partition("#")[0].encode("utf-8", "replace").decode("utf-8")


def _status(status: object) -> int:
    """The status; 0 if no answer came, for which tools write 0 or -1."""
    try:
        number: int = int(status)  # type: ignore[call-overload]  # foreign JSON
    except (TypeError, ValueError, OverflowError) as error:
        raise EntryLeftOutError("response.status is missing") from error
    if number > 999:
        raise EntryLeftOutError("response.status is not a valid HTTP status")
    return max(number, 0)


def _headers(message: Mapping[str, Any], masker: Masker | None) -> tuple[tuple[str, str], ...]:
    headers = message.get("headers")
    return tuple(_masked_headers(headers if isinstance(headers, list) else [], masker))


def _masked_headers(headers: list[object], masker: Masker | None) -> Iterator[tuple[str, str]]:
    for header in headers[:MAX_HEADERS]:
        name, value = (header.get("name"), header.get("value")) if isinstance(header, Mapping) else (None, None)
        # names that begin with a colon are HTTP/2's pseudo-headers
        if isinstance(name, str) and name and not name.startswith(":") and isinstance(value, str | int):
            clean = str(value)[:MAX_HEADER_CHARS].encode("utf-8", "replace").decode("utf-8")
            yield name[:MAX_HEADER_CHARS], masker.header(name, clean) if masker else clean


def _value(headers: tuple[tuple[str, str], ...], name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def _epoch_s(moment: object) -> float:
    try:
        read = datetime.fromisoformat(moment)  # type: ignore[arg-type]  # foreign JSON
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError):
        return 0.0


def _duration_ms(entry: Mapping[str, Any]) -> float:
    """The entry's time or, if that is missing, the sum of its timings."""
    timings = entry.get("timings")
    parts = [timings.get(name) for name in ("blocked", "dns", "connect", "send", "wait", "receive")] \
        if isinstance(timings, Mapping) else []
    for numbers in ([entry.get("time")], parts):
        known = [float(number) for number in numbers if isinstance(number, int | float) and 0 <= number < math.inf]
        if known and sum(known) > 0:
            return sum(known)
    return 0.0


def _failure(entry: Mapping[str, Any], response: Mapping[str, Any], masker: Masker | None) -> str:
    """The reason why no answer came, as recorded by Playwright, Chromium or mitmproxy."""
    text = _text(response, "_failureText") or _text(entry, "_failureText") or _text(response, "_error")
    return (masker.text(text) if masker else text)[:500]


def _text(mapping: Mapping[str, Any], key: str) -> str:
    value = mapping.get(key)
    return value if isinstance(value, str) else ""


def _header_list(message: Message) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in message.headers]


def _holder(body: Body | None) -> HarEntry:
    if body is None:
        return {"mimeType": ""}
    return {"mimeType": body.mime, **({} if body.text is None else {"text": body.text}),
            **({"comment": _CUT} if body.truncated else {})}


def _size(body: Body | None) -> int:
    return 0 if body is None else body.size
