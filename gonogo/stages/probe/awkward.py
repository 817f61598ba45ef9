"""Values that are legal in many places and that programs often handle badly, by what they are; a fixed list.

`requests` puts them where a document allows them. Nothing is drawn at random here: the same names mean the same values
in every version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gonogo.model.probing import UNIQUE

LONG_TEXT = 5_000  # characters, of a text without a maximum length
MANY_ITEMS = 50  # of a list without a maximum

# The order is that in which they are tried: what breaks most often comes first.
TEXTS: Mapping[str, str] = {
    "apostrophe": "O'Connor",
    "empty": "",
    "accents": "Zoë Müller",
    "hyphen": "Anne-Marie van der Berg",
    "emoji": "Ana 👩‍🚀",
    "Arabic": "محمد علي",
    "Chinese": "王小明",
    "Cyrillic": "Фёдор Щукин",
    "white space": "  Ana  ",
    "quotation marks": 'the "Old" Mill',
    "markup": "<b>Ana</b> & Co.",
    "percent sign": "100% + 1_%",
    "one letter": "Q",
    "combining characters": "Zoe\u0308",
    "line break": "first\nsecond",
    "backslash": "C:\\temp\\n",
    "Greek": "Σωκράτης",
    "Hebrew": "דוד לוי",
    "Devanagari": "अनन्या",
    "Thai": "สมชาย ใจดี",
    "Korean": "김민준",
    "Turkish": "İsmail ılgaz",
    "only white space": "   ",
    "semicolon": "a;b,c|d",
    "formula": "=1+1",
    "leading zeros": "007",
    "word of a language": "null",
    "no-break space": "Ana\u00a0Blum",
    "zero-width character": "Ana\u200bBlum",
    "tab": "a\tb",
    "null character": "a\x00b",
}

FORMATS: Mapping[str, Mapping[str, str]] = {
    "email": {
        "plus sign": f"ana+tag.{{{{{UNIQUE}}}}}@example.com",
        "apostrophe": f"o'connor.{{{{{UNIQUE}}}}}@example.com",
        "capitals": f"Ana.{{{{{UNIQUE}}}}}@Example.COM",
        "international domain": f"ana.{{{{{UNIQUE}}}}}@bücher.example",
        "quotation marks": f'"ana {{{{{UNIQUE}}}}}"@example.com',
        "many subdomains": f"{{{{{UNIQUE}}}}}@a.b.c.d.e.example.com",
    },
    "date": {
        "leap day": "2028-02-29", "last day of a year": "2027-12-31", "first day of a year": "2028-01-01",
        "day without an hour": "2027-03-28", "last day of a month": "2027-04-30", "far future": "9999-12-31",
        "far past": "0001-01-01", "before 1970": "1969-12-31", "no leap day": "2027-02-29",
    },
    "date-time": {
        "offset of 14 hours": "2027-06-01T00:30:00+14:00", "negative offset": "2027-06-01T23:30:00-11:00",
        "small letters": "2027-06-01t12:00:00z", "nanoseconds": "2027-06-01T12:00:00.123456789Z",
        "leap second": "2016-12-31T23:59:60Z", "leap day": "2028-02-29T12:00:00Z",
        "hour that is skipped": "2027-03-28T02:30:00+01:00", "far future": "9999-12-31T23:59:59Z",
        "before 1970": "1969-12-31T23:59:59Z",
    },
    "time": {"midnight": "00:00:00Z", "last second": "23:59:59Z", "leap second": "23:59:60Z",
             "fraction": "12:00:00.5+05:30"},
    "uuid": {"capitals": "6F9619FF-8B86-4D01-B42D-00CF4FC964FF", "nil": "00000000-0000-0000-0000-000000000000",
             "max": "ffffffff-ffff-ffff-ffff-ffffffffffff"},
    "uri": {"IPv6 address": "http://[2001:db8::1]:8080/a", "international domain": "https://bücher.example/ä?q=ö",
            "query": "https://example.com/?a=1&b=%20&c=", "other scheme": "urn:isbn:0451450523",
            "capitals": "HTTPS://EXAMPLE.COM/A"},
    "hostname": {"international domain": "xn--bcher-kva.example", "one label": "localhost",
                 "dot at the end": "example.com."},
    "ipv4": {"zeros": "0.0.0.0", "broadcast": "255.255.255.255"},  # noqa: S104  a value, no address to bind
    "ipv6": {"zeros": "::", "IPv4 inside": "::ffff:192.0.2.1", "capitals": "2001:DB8::1"},
    "byte": {"empty": "", "padding": "YQ=="},
    "duration": {"weeks": "P2W", "zero": "PT0S", "fraction": "PT0.5S"},
}

# By the last word of a name, where a document has no list of values.
NAMED: Mapping[str, Mapping[str, str]] = {
    "currency": {"no decimals": "JPY", "three decimals": "KWD", "four decimals": "CLF", "small letters": "eur",
                 "no currency": "XXX"},
    "language": {"right to left": "ar-EG", "Turkish": "tr-TR", "script": "zh-Hant-TW", "variant": "de-CH-1996",
                 "underscore": "en_GB"},
    "country": {"small letters": "gb", "unusual": "XK"},
    "phone": {"plus sign": "+44 20 7946 0958", "parentheses": "(030) 123456", "extension": "+1-555-0100;ext=12"},
}
_ALSO_NAMED = {"lang": "language", "locale": "language", "telephone": "phone", "mobile": "phone"}

WHOLE_NUMBERS: Mapping[str, int] = {
    "zero": 0, "minus one": -1, "one": 1, "32 bits": 2**31 - 1, "beyond 32 bits": 2**31, "beyond 2^53": 2**53 + 1,
    "beyond 64 bits": 2**63}
NUMBERS: Mapping[str, float] = {"zero": 0.0, "negative": -0.01, "third decimal": 0.125, "many decimals": 0.1 + 0.2,
                                "exponent": 1e21, "small": 1e-7}

LOCALES: Mapping[str, str] = {"Arabic": "ar-EG", "Turkish": "tr-TR", "Japanese": "ja-JP"}  # of the user agent


def texts_for(name: str, form: str, *, has_pattern: bool, max_length: int | None) -> Iterator[tuple[str, str]]:
    """(kind, value) for a text called `name`, of this `format` ("" for none), and no longer than `max_length`.

    A text with a pattern of its own gets only a few: most are refused alike.
    """
    word = name.replace("-", "_").rpartition("_")[2].lower()
    special = FORMATS.get(form) or NAMED.get(_ALSO_NAMED.get(word, word), {})
    yield from special.items()
    few = 3 if special or has_pattern else len(TEXTS)
    for kind, text in list(TEXTS.items())[:few]:
        yield kind, text if max_length is None else text[:max_length]
    if not special:
        yield "long", "x" * (LONG_TEXT if max_length is None else min(max_length, LONG_TEXT))
