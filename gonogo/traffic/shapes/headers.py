"""The headers of a message that matter to its recipient, and which property of each is compared.

Headers of proxies, and those that differ each time (dates, lengths, trace contexts), are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gonogo.model.exchange import Message
from gonogo.traffic.shapes.values import MEMBER, TYPE, Kinds, kinds_of_text

# compared by value
_BY_VALUE = frozenset({
    "access-control-allow-credentials", "access-control-allow-headers", "access-control-allow-methods",
    "access-control-allow-origin", "access-control-expose-headers", "cache-control", "content-disposition",
    "content-encoding", "content-language", "content-security-policy", "content-type", "cross-origin-opener-policy",
    "cross-origin-resource-policy", "permissions-policy", "referrer-policy", "strict-transport-security", "vary",
    "x-content-type-options", "x-frame-options"})
# compared by the format of the value
_BY_FORMAT = frozenset({"idempotency-key", "location", "last-event-id", "link"})
# compared by presence
_BY_PRESENCE = frozenset({"authorization", "etag", "if-match", "if-none-match", "origin", "retry-after",
                          "www-authenticate"})
# x- headers of proxies and platforms
_CARRIERS = re.compile(r"x-(?:forwarded|real-ip|request-id|correlation-id|trace|b3|amz|envoy|datadog|runtime"
                       r"|response-time|powered-by|served-by|cache|timer|cloud)", re.IGNORECASE)
_NONCE = re.compile(r"'nonce-[^']*'")
_LOOPBACK = re.compile(r"(//(?:localhost|127\.0\.0\.1|\[::1\])):\d+")  # ports differ by environment
_MAX_LENGTH = 240


def headers_of(message: Message) -> Iterator[tuple[str, Kinds, str]]:
    """Name, kinds and value of each header; only the first of a repeated header counts."""
    done = set()
    for name, value in message.headers:
        key = name.lower()
        if key == "set-cookie":
            yield from _set_cookie(value)
        elif key == "cookie":
            yield from _cookies(value)
        elif key not in done and (kinds := _kinds(key, name, value)):
            yield key.title(), kinds, value
        done.add(key)


def _kinds(key: str, name: str, value: str) -> Kinds:
    if key in _BY_VALUE:
        return ((TYPE, "header"), (MEMBER, _plain(key, value)))
    if key in _BY_PRESENCE:
        return ((TYPE, "header"),)
    if key in _BY_FORMAT:
        return (*kinds_of_text(value), ("spelling", name))
    if key.startswith("x-") and not _CARRIERS.match(key):
        return (*kinds_of_text(value), ("spelling", name))
    return ()


def _plain(key: str, value: str) -> str:
    """The value normalised: case, order and white space of a list, nonces, ports of loopback."""
    text = _LOOPBACK.sub(r"\1:…", _NONCE.sub("'nonce-…'", value.strip()))
    if key in ("vary", "cache-control") or (key.startswith("access-control-allow-") and "," in text):
        text = ", ".join(sorted(part.strip().lower() for part in text.split(",") if part.strip()))
    elif key == "content-type":
        kind, *parameters = (part.strip().lower() for part in text.split(";"))
        text = "; ".join([kind, *sorted(part for part in parameters if part and not part.startswith("boundary="))])
    elif key == "content-disposition":
        text = text.partition(";")[0].lower()
    return text[:_MAX_LENGTH]


def _set_cookie(value: str) -> Iterator[tuple[str, Kinds, str]]:
    """The cookies of a header. Browsers join several with line breaks in HAR; lifetimes may differ each time."""
    for line in value.split("\n"):
        first, *attributes = (part.strip() for part in line.split(";"))
        name, equals, _ = first.partition("=")
        if not equals:
            continue  # masked whole
        kept = sorted(_attribute(attribute) for attribute in attributes if attribute)
        lasting = "lasting" if any(part.lower().startswith(("expires=", "max-age=")) for part in attributes) else ""
        summary = "; ".join(part for part in (*kept, lasting) if part) or "no attributes"
        yield f"Set-Cookie.{name}", ((TYPE, "header"), (MEMBER, summary)), summary


def _attribute(attribute: str) -> str:
    name, _, value = attribute.partition("=")
    if name.lower() in ("expires", "max-age"):
        return ""
    spelt = {"httponly": "HttpOnly", "samesite": "SameSite"}.get(name.lower(), name.title())
    return f"{spelt}={value}" if value else spelt


def _cookies(value: str) -> Iterator[tuple[str, Kinds, str]]:
    for part in value.split(";"):
        name, equals, _ = part.strip().partition("=")
        if equals and name:
            yield f"Cookie.{name}", ((TYPE, "header"),), ""
