"""The format of a text: the most specific of a fixed list.

Surrounding white space, case and characters are not part of the format: see `texts`.
"""

from __future__ import annotations

import json
import re

# ISO 4217, those in use.
_CODES = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP "
    "CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF "
    "IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD "
    "MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB "
    "RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU "
    "UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG")
_CURRENCIES = frozenset(_CODES.split())

_TIME = r"\d{2}:\d{2}(?::\d{2}(?:[.,](\d+))?)?"
_MOMENT = r"\d{4}-\d{2}-\d{2}[T ]"
_NUMBER = r"[-+]?\d+"
_MONEY = r"(?:[€$£¥]\s?)?{0}(?:\s?[€$£¥])?"
_FORMATS = tuple((name, re.compile(pattern, re.DOTALL)) for name, pattern in (
    ("digits", r"\d+"),
    ("uuid", r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"),
    ("ISO date", r"\d{4}-\d{2}-\d{2}"),
    ("UTC date-time", _MOMENT + _TIME + "Z"),
    ("date-time with offset", _MOMENT + _TIME + r"\s?[-+]\d{2}:?\d{2}"),
    ("local date-time", _MOMENT + _TIME),
    ("time of day", _TIME),
    ("HTTP date", r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} (?:GMT|[-+]\d{4})"),
    ("date with slashes", r"\d{1,4}/\d{1,2}/\d{1,4}"),
    ("date with dots", r"\d{1,2}\.\d{1,2}\.\d{2,4}"),
    ("signed number", r"[-+]\d+"),
    ("number with decimal point", _MONEY.format(_NUMBER + r"\.\d+")),
    ("number with thousands commas", _MONEY.format(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")),
    ("number with decimal comma", _MONEY.format(r"[-+]?\d{1,3}(?:[.\s]?\d{3})*,\d{1,2}")),
    ("e-mail address", r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+"),
    ("data URL", r"data:[\w.+-]*/?[\w.+-]*[;,].*"),
    ("URL", r"[a-z][a-z0-9+.-]*://\S+"),
    ("path", r"/\S*"),
    ("language tag", r"[a-z]{2,3}[-_][A-Z]{2}"),
    ("hex", r"(?=.*\d)(?:[0-9a-f]{8,}|[0-9A-F]{8,})"),
    ("JSON Web Token", r"eyJ[\w-]+\.[\w-]+\.[\w-]*"),
    ("locator", r"(?=.*\d)[A-Z0-9]{6}"),
    ("word", r"[A-Za-z]+"),
    ("letters and digits", r"[A-Za-z0-9]{1,19}"),
    ("base64", r"(?=.{12})(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)"
               r"|(?=.*\d)(?=.*[A-Z])[\w+/-]{20,}"),
    ("name", r"[A-Za-z0-9][\w.:-]*"),
))
_BY_NAME = dict(_FORMATS)
_JSON_ENDS = {"{": "}", "[": "]"}

FIXED_LENGTH = frozenset({"digits", "hex", "locator", "letters and digits"})
CODES = frozenset({"word", "name", "currency code", "language tag", "letters and digits"})
# format → formats that its values may also have: a random hex id sometimes has only digits
COVERS = {
    "hex": frozenset({"digits", "letters and digits"}),
    "locator": frozenset({"digits", "word"}),
    "letters and digits": frozenset({"digits", "word", "locator", "hex", "currency code"}),
    "word": frozenset({"currency code"}),
    "name": frozenset({"word", "letters and digits", "digits", "hex", "locator", "language tag", "currency code",
                       "uuid", "base64", "ISO date", "number with decimal point"}),
    "base64": frozenset({"word", "letters and digits", "name", "hex", "text", "digits"}),
    "path": frozenset({"URL"}),
    "number with decimal point": frozenset({"digits", "signed number"}),
    "number with decimal comma": frozenset({"digits", "signed number"}),
    "signed number": frozenset({"digits"}),
}


def format_of(text: str) -> str:
    """The format of `text`, which must have no surrounding white space."""
    if not text:
        return "empty text"
    if len(text) == 3 and text in _CURRENCIES:
        return "currency code"
    for name, pattern in _FORMATS:
        if pattern.fullmatch(text):
            return name
    return "JSON in a text" if _is_json(text) else "text"


def fraction_of(text: str, kind: str) -> int | None:
    """The number of digits of the fraction of a second in a date-time; None for any other format."""
    if "date-time" not in kind:
        return None
    match = _BY_NAME[kind].fullmatch(text)
    return len(match.group(1) or "") if match else None


def _is_json(text: str) -> bool:
    if _JSON_ENDS.get(text[0]) != text[-1]:
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
