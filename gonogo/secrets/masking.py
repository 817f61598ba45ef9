"""Secrets are masked here, before anything reaches the run folder.

Masked are: header values that authenticate, JSON, form, XML and multipart members with secret names, numbers
that are card numbers, and the values of environment variables whose names say that they are secret. What is
masked keeps its form where the form tells something: a cookie's name and attributes, the scheme of a login.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from gonogo.config.model import Environment

MASK = "***"
_SECRET_HEADERS = frozenset({"x-csrf-token", "bank-signature", "x-amz-security-token", "x-xsrf-token"})
_LOGIN_HEADERS = frozenset({"authorization", "proxy-authorization"})
_URL_HEADERS = frozenset({"location", "content-location", "referer"})
_NAMES = (r"(?:pass(?:word|phrase|wd)|secret|token|api[_-]?key|cvc|cvv|security[_-]?code|credential"
          r"|private[_-]?key|otp|one[_-]?time[_-]?code)")
_SECRET_MEMBER = re.compile(_NAMES, re.IGNORECASE)
_SECRET_VARIABLE = re.compile(r"PASS(WORD|WD)?|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL", re.IGNORECASE)
# 13 to 19 digits that a card may begin with; no time in milliseconds, which would begin with 1
_CARD_NUMBER = re.compile(r"(?<!\d)(?:[2-6](?:[ -]?\d){12,18}|1(?:[ -]?\d){14})(?!\d)")
# Of text that is not what it says it is, or was cut: members by their look alone.
_LOOSE_MEMBERS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (
    rf'("[^"\\]{{0,64}}{_NAMES}[^"\\]{{0,64}}"\s*:\s*")(?:[^"\\]|\\.)+',
    rf'("[^"\\]{{0,64}}{_NAMES}[^"\\]{{0,64}}"\s*:\s*)-?\d[\d.]*',
    rf'("[^"\\]{{0,64}}{_NAMES}[^"\\]{{0,64}}"\s*:\s*\[)[^\]]+',
    rf'(name="[^"\r\n]{{0,64}}{_NAMES}[^"\r\n]{{0,64}}"[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n)[^\r\n]+',
    rf"(<[\w:.-]{{0,64}}{_NAMES}[\w:.-]{{0,64}}(?:\s[^>]*)?>)[^<]+"))
_SHORTEST_SECRET = 6  # a shorter value would mask innocent text all over


def is_secret_name(name: str) -> bool:
    """Whether a member, parameter or form field of this name holds a secret."""
    return _SECRET_MEMBER.search(name) is not None


class Redactor:
    """Masks secrets in text, bodies, headers and URLs.

    `environ` gives the values to hide: those of variables named like secrets, plus `secrets`.
    """

    def __init__(self, environ: Mapping[str, str], secrets: tuple[str, ...] = ()) -> None:
        values = {value for name, value in environ.items() if _SECRET_VARIABLE.search(name)} | set(secrets)
        self._values = sorted((value for value in values if len(value) >= _SHORTEST_SECRET), key=len, reverse=True)

    def text(self, text: str) -> str:
        """`text` with secret values and card numbers masked."""
        return _CARD_NUMBER.sub(lambda match: _masked_card(match.group()), self._without_values(text))

    def header(self, name: str, value: str) -> str:
        """The value with what authenticates masked."""
        known = name.lower()
        if known in _LOGIN_HEADERS:
            scheme, space, _credentials = value.partition(" ")
            return f"{scheme} {MASK}" if space else MASK
        if known == "set-cookie":
            cookie, semicolon, attributes = value.partition(";")
            return _masked_cookie(cookie) + semicolon + self.text(attributes)
        if known == "cookie":
            return "; ".join(_masked_cookie(cookie.strip()) for cookie in value.split(";"))
        if known in _SECRET_HEADERS or (is_secret_name(known) and not known.startswith("access-control-")):
            return MASK
        return self.url(value) if known in _URL_HEADERS else self.text(value)

    def url(self, url: str) -> str:
        """`url` without user and password, with secret members of query and fragment masked."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return self.text(url)
        return self.text(urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path,
                                     _masked_pairs(parts.query, safe="*:/,"), _masked_pairs(parts.fragment))))

    def body(self, body: str, content_type: str) -> str:
        """`body` with secret members and values masked; where nothing is secret it stays as it was, to the letter."""
        if "x-www-form-urlencoded" in content_type:
            return self.text(_masked_pairs(body))
        if not (_SECRET_MEMBER.search(body) or _CARD_NUMBER.search(body)):
            return self._without_values(body)
        if "json" in content_type or body.lstrip().startswith(("{", "[")):
            try:
                document = json.loads(body)
                masked = self._members(document)
                text = body if masked == document else json.dumps(masked, ensure_ascii=False)
                return self._without_values(text)
            except (ValueError, RecursionError):
                pass
        for members in _LOOSE_MEMBERS:
            body = members.sub(lambda match: match[1] + MASK, body)
        return self.text(body)

    def _without_values(self, text: str) -> str:
        for value in self._values:
            text = text.replace(value, MASK)
        return text

    def _members(self, value: object) -> object:
        if isinstance(value, dict):
            return {key: _masked_leaf(item) if is_secret_name(str(key)) else self._members(item)
                    for key, item in value.items()}
        if isinstance(value, list):
            return [self._members(item) for item in value]
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, int) and _CARD_NUMBER.fullmatch(str(value)):
            masked = _masked_card(str(value))
            return value if masked == str(value) else masked
        return value


def _masked_leaf(value: object) -> object:
    """Whatever stands under a secret name; nothing at all and yes or no are no secrets."""
    if isinstance(value, dict):
        return {key: _masked_leaf(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked_leaf(item) for item in value]
    return value if value is None or isinstance(value, bool) else MASK


def _masked_cookie(cookie: str) -> str:
    name, equals, _value = cookie.partition("=")
    return f"{name}={MASK}" if equals else MASK


def _masked_pairs(text: str, safe: str = "*") -> str:
    """A query or form with secret members masked; unaltered where it has none, so that its encoding is kept."""
    pairs = parse_qsl(text, keep_blank_values=True) if _SECRET_MEMBER.search(text) else []
    masked = [(key, MASK if value and is_secret_name(key) else value) for key, value in pairs]
    return text if masked == pairs else urlencode(masked, safe=safe)


def _masked_card(text: str) -> str:
    """A number that passes the Luhn check keeps its last four digits alone; any other stays as it is."""
    digits = [int(character) for character in text if character.isdigit()]
    doubled = [digit if index % 2 == 0 else digit * 2 - 9 * (digit > 4) for index, digit in enumerate(digits[::-1])]
    if sum(doubled) % 10 or len(set(digits)) == 1:
        return text
    return MASK + "".join(str(digit) for digit in digits[-4:])


def redactor_for(environment: Environment, environ: Mapping[str, str]) -> Redactor:
    """Masks the secrets of the process and of the environment's own file."""
    keys = tuple(party.key.get_secret_value() for party in environment.third_parties.values() if party.key)
    return Redactor(environ, keys)
