"""Decides by a name whether its value is secret. Names are split into words, so PASSENGER and TOKENIZER do not match.

Values are not examined here.
"""

from __future__ import annotations

import re
from functools import lru_cache

CARD = "card"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_MAX_NAME = 200

# a word → the kind of secret that it names
_WORDS = {
    "password": "password", "passwords": "password", "passwd": "password", "pwd": "password", "passphrase": "password",
    "passcode": "password", "secret": "secret", "secrets": "secret", "credential": "secret", "credentials": "secret",
    "token": "token", "tokens": "token", "jwt": "token", "otp": "code", "totp": "code", "cvc": "code", "cvv": "code",
    "apikey": "key", "apikeys": "key", "jsessionid": "session", "phpsessid": "session", "sessid": "session",
}
_PREFIXES = ("password", "passwd", "passphrase")  # passwordconfirmation
_SUFFIXES = {"password": "password", "passwd": "password", "passphrase": "password", "token": "token",
             "secret": "secret", "apikey": "key", "privatekey": "key", "accesskey": "key", "secretkey": "key",
             "sessionid": "session"}
_LAST_WORDS = {"pin": "code", "sid": "session"}  # boarding_pin_colour is not secret
# Every secret name contains one of these, in lower case: text without them need not be searched.
STEMS = ("pass", "pwd", "secret", "credential", "token", "jwt", "otp", "cvc", "cvv", "key", "sess", "pin", "sid",
         "code", "card", "pan", "ccn", "cc_n", "cc-n", "auth", "signature", "cookie")
_PHRASES: dict[tuple[str, ...], str] = {
    **dict.fromkeys(((word, "key") for word in (
        "api", "access", "secret", "private", "signing", "signature", "encryption", "subscription", "auth", "master",
        "shared", "account", "storage", "mask", "license", "licence", "session", "hmac", "deploy", "ssh",
        "webhook")), "key"),
    ("session", "id"): "session", ("security", "code"): "code", ("verification", "code"): "code",
    ("one", "time", "code"): "code", ("time", "code"): "code", ("pin", "code"): "code", ("card", "code"): "code",
}
# Names about a secret that do not hold it: password_min_length, token_type, PASSWORD_FILE.
_ABOUT = frozenset({
    "algorithm", "count", "dir", "directory", "enabled", "endpoint", "env", "expires", "expired", "expiry", "exposed",
    "field", "file", "format", "host", "length", "limit", "location", "max", "maxlength", "min", "minlength", "mode",
    "name", "names", "path", "pattern", "policy", "port", "provider", "regex", "required", "rules", "searched",
    "service", "size", "strength", "timeout", "ttl", "type", "uri", "url", "usage", "used"})
_COUNTING = frozenset({"max", "min", "num", "number", "total", "count"})  # max_tokens
_OPEN_KEYS = frozenset({"public", "primary", "foreign", "sort", "partition", "cache", "idempotency", "row", "group",
                        "object", "translation", "message", "index"})
_CARD_PHRASES = frozenset({("card", "number"), ("card", "no"), ("card", "num"), ("cc", "number"), ("cc", "num"),
                           ("account", "pan"), ("credit", "card"), ("debit", "card"), ("payment", "card")})
_CARD_WORDS = frozenset({"pan", "cardnumber", "cardno", "creditcard", "debitcard", "ccnumber", "ccnum"})
_NUMBER_WORDS = frozenset({"number", "no", "num", "pan", "value", "digits"})


@lru_cache(maxsize=16384)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in lower case: `apiKey` and `API_KEY` have two, `X-Api-Key` has three."""
    return tuple(word.lower() for word in _WORD.findall(name[:_MAX_NAME]))


@lru_cache(maxsize=16384)
def kind_of_name(name: str) -> str | None:
    """The kind of secret that a member, parameter, attribute or form field of this name holds; None if not secret."""
    words = words_of(name)
    letters = [word for word in words if not word.isdigit()]
    if not letters or letters[-1] in _ABOUT or (letters[0] in _COUNTING and len(letters) > 1):
        return None
    for word in letters:
        kind = _kind_of_word(word)
        if kind:
            return kind
    if letters[-1] in _LAST_WORDS:
        return _LAST_WORDS[letters[-1]]
    if letters == ["pass"] or letters[-2:] in (["db", "pass"], ["user", "pass"], ["login", "pass"]):
        return "password"
    for phrase, kind in _PHRASES.items():
        if _has(letters, phrase):
            return kind
    return CARD if _is_card(letters) else None


def is_number_name(name: str) -> bool:
    """Whether a member of this name holds the number of the card object that contains it."""
    words = words_of(name)
    return bool(words) and words[-1] in _NUMBER_WORDS


@lru_cache(maxsize=4096)
def kind_of_header(name: str) -> str | None:
    """As `kind_of_name`, for a header: names of authentication and signature headers are secret too."""
    letters = [word for word in words_of(name) if not word.isdigit()]
    if not letters or letters[:2] == ["access", "control"]:
        return None
    if letters[-1] == "auth":
        return "token"
    if "signature" in (letters[-1], *letters[-2:-1]) and letters[-1] != "input":
        return "signature"
    return kind_of_name(name)


def kind_of_variable(name: str) -> str | None:
    """As `kind_of_name`, for an environment variable: one that ends in PASS, KEY or AUTHORIZATION is secret too."""
    letters = [word for word in words_of(name) if not word.isdigit()]
    if not letters or letters == ["pwd"]:  # the shell's working folder
        return None
    if letters[-1] == "pass":
        return "password"
    if letters[-1] == "authorization":
        return "token"
    if letters[-1] == "key" and not set(letters) & _OPEN_KEYS:
        return "key"
    kind = kind_of_name(name)
    return None if kind == CARD and letters == ["card"] else kind


def kind_of_selector(selector: str) -> str | None:
    """The kind of secret that is typed into the field of a selector, by the names in the selector."""
    names = re.findall(r"[\w-]+(?: [\w-]+)*", selector[:_MAX_NAME * 5])
    return next(filter(None, map(kind_of_name, names)), None)


def _kind_of_word(word: str) -> str | None:
    if word in _WORDS:
        return _WORDS[word]
    if word.startswith(_PREFIXES):
        return "password"
    return next((kind for suffix, kind in _SUFFIXES.items() if word.endswith(suffix)), None)


def _has(words: list[str], phrase: tuple[str, ...]) -> bool:
    return any(tuple(words[at:at + len(phrase)]) == phrase for at in range(len(words)))


def _is_card(words: list[str]) -> bool:
    return words[-1] == CARD or bool(_CARD_WORDS & set(words)) or any(_has(words, phrase) for phrase in _CARD_PHRASES)
