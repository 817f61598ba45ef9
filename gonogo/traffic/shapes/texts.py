"""How a text is written: surrounding white space, case, characters and leftover markup.

Its format is in `formats`.
"""

from __future__ import annotations

import re
import unicodedata

PLAIN_SPACE = "no white space around"
PLAIN_UNICODE = "composed characters"
PLAIN_MARKUP = "no markup"
_MAX_CASE_CHARS = 64
_ESCAPED_TWICE = re.compile(r"&amp;(?:[a-z]{2,8}|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_PERCENT = re.compile(r"%[0-9A-F]{2}", re.IGNORECASE)
_ESCAPED = re.compile(r"\\u[0-9a-f]{4}", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# "é" in UTF-8, read as Latin-1 or as Windows-1252
_MOJIBAKE = re.compile(r"[ÂÃÄÅÐÑ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€|ï»¿")
_CASELESS = frozenset({"base64", "URL", "path", "e-mail address", "JSON in a text", "JSON Web Token", "data URL",
                       "ISO date", "UTC date-time", "date-time with offset", "local date-time", "HTTP date"})


def space_of(text: str) -> str:
    """Unusual white space around or inside `text`."""
    if not text or (text[0] > " " and text[-1] > " " and text.isascii() and text.isprintable()):
        return PLAIN_SPACE
    problems = []
    if text[0].isspace():
        problems.append(f"starts with {_space_name(text[0])}")
    if text[-1].isspace():
        problems.append(f"ends with {_space_name(text[-1])}")
    if "\n" in text.strip():
        problems.append("has a line break inside")
    return " and ".join(problems) or PLAIN_SPACE


def unicode_of(text: str) -> str:
    """Characters that indicate a wrong encoding or normalisation."""
    if text.isascii() and text.isprintable():
        return PLAIN_UNICODE
    if "\N{REPLACEMENT CHARACTER}" in text:
        return "unreadable characters (\N{REPLACEMENT CHARACTER})"
    if _MOJIBAKE.search(text):
        return "UTF-8 read as Latin-1"
    if not unicodedata.is_normalized("NFC", text):
        return "decomposed characters (NFD)"
    return "control characters" if _CONTROL.search(text) else PLAIN_UNICODE


def markup_of(text: str, kind: str) -> str:
    """Leftover markup or escapes of another language (HTML, percent-encoding, `\\u`)."""
    if "&" in text and kind != "URL":
        if _ESCAPED_TWICE.search(text):
            return "HTML-escaped twice"
        if _ENTITY.search(text):
            return "HTML-escaped"
    if "<" in text and _TAG.search(text):
        return "HTML tags"
    if "%" in text and kind not in ("URL", "path") and _PERCENT.search(text):
        return "percent-encoded"
    return "escaped (\\u…)" if "\\u" in text and _ESCAPED.search(text) else PLAIN_MARKUP


def case_of(text: str, kind: str) -> str:
    """The case of `text`; "" if it has none or does not matter."""
    if kind in _CASELESS or len(text) > _MAX_CASE_CHARS:
        return ""
    if text.islower():
        return "in lower case"
    if text.isupper():
        return "in capitals" if len(text) > 1 else ""
    return "in Title Case" if text.istitle() else "in mixed case" if any(map(str.isalpha, text)) else ""


def _space_name(character: str) -> str:
    return {"\n": "a line break", "\r": "a line break", "\t": "a tab",
            "\N{NO-BREAK SPACE}": "a no-break space"}.get(character, "a space")
