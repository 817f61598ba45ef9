"""Secrets are masked here, before anything reaches the run folder.

Masked are: header values that authenticate, JSON and form members with secret names, numbers that
are card numbers, and the values of environment variables whose names say that they are secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

MASK = "***"
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key",
                             "x-auth-token", "x-csrf-token", "bank-signature"})
_SECRET_MEMBER = re.compile(
    r"pass(word|phrase|wd)|secret|token|api[_-]?key|cvc|cvv|security[_-]?code|credential|private[_-]?key|otp"
    r"|one[_-]?time[_-]?code", re.IGNORECASE)
_SECRET_VARIABLE = re.compile(r"PASS(WORD|WD)?|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL", re.IGNORECASE)
_CARD_NUMBER = re.compile(r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)")
_SHORTEST_SECRET = 6  # a shorter value would mask innocent text all over


def is_secret_name(name: str) -> bool:
    """Whether a member, parameter or form field of this name holds a secret."""
    return _SECRET_MEMBER.search(name) is not None


class Redactor:
    """Masks secrets in text, JSON bodies, headers and URLs.

    `environ` gives the values to hide: those of variables named like secrets, plus `secrets`.
    """

    def __init__(self, environ: Mapping[str, str], secrets: tuple[str, ...] = ()) -> None:
        values = {value for name, value in environ.items() if _SECRET_VARIABLE.search(name)} | set(secrets)
        self._values = sorted((value for value in values if len(value) >= _SHORTEST_SECRET), key=len, reverse=True)

    def text(self, text: str) -> str:
        """`text` with secret values and card numbers masked."""
        for value in self._values:
            text = text.replace(value, MASK)
        return _CARD_NUMBER.sub(lambda match: _masked_card(match.group()), text)

    def header(self, name: str, value: str) -> str:
        return MASK if name.lower() in _SECRET_HEADERS else self.text(value)

    def url(self, url: str) -> str:
        """`url` without user and password, with secret query members masked."""
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        query = urlencode([(key, MASK if _SECRET_MEMBER.search(key) else value)
                           for key, value in parse_qsl(parts.query, keep_blank_values=True)], safe="*:/,")
        return self.text(urlunsplit((parts.scheme, host, parts.path, query, parts.fragment)))

    def body(self, body: str, content_type: str) -> str:
        """`body` with secret members masked where it is JSON or a form, secret values everywhere."""
        if "json" in content_type:
            try:
                return self.text(json.dumps(self._members(json.loads(body)), ensure_ascii=False))
            except ValueError:
                return self.text(body)
        if "x-www-form-urlencoded" in content_type:
            pairs = parse_qsl(body, keep_blank_values=True)
            return self.text(urlencode([(key, MASK if _SECRET_MEMBER.search(key) else value) for key, value in pairs],
                                       safe="*"))
        return self.text(body)

    def _members(self, value: object) -> object:
        if isinstance(value, dict):
            return {key: MASK if _SECRET_MEMBER.search(str(key)) and isinstance(item, str | int | float)
                    else self._members(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._members(item) for item in value]
        return value


def _masked_card(text: str) -> str:
    """A number that passes the Luhn check keeps its last four digits alone; any other stays as it is."""
    digits = [int(character) for character in text if character.isdigit()]
    doubled = [digit if index % 2 == 0 else digit * 2 - 9 * (digit > 4) for index, digit in enumerate(digits[::-1])]
    if sum(doubled) % 10 or len(set(digits)) == 1:
        return text
    return MASK + "".join(str(digit) for digit in digits[-4:])
