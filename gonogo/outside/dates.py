"""Dates in words, in the languages of a scenario's people, as ISO dates: `Sat, 27 Feb 2027` → `2027-02-27`.

The names of months and days are those of Unicode's CLDR.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError

_ALWAYS = "en"
_WIDTHS = ("wide", "abbreviated")
_FORMS = ("format", "stand-alone")
_MIN_NAME = 2
_NUMBERED = re.compile(r"(?:(?P<year>\d{4})[年년]\s?)?(?P<month>1?\d)[月월]\s?(?P<day>[123]?\d)[日일]"
                       r"(?:\s?[((](?P<weekday>.)(?:曜日?|요일)?[))])?")


class _Names(NamedTuple):
    """Names in lower case → the month from 1, the weekday from 0 (Monday)."""

    months: dict[str, int]
    weekdays: dict[str, int]
    pattern: re.Pattern[str]


def with_iso_dates(text: str, locales: Collection[str], near: date) -> str:
    """`text` with ISO dates. A date without a year is the one nearest to `near`; a weekday that is wrong stays."""
    if not any(map(str.isdigit, text)):
        return text
    names = _names(frozenset({*locales, _ALWAYS}))
    text = names.pattern.sub(lambda match: _iso(match, names, near), text)
    return _NUMBERED.sub(lambda match: _iso(match, names, near), text) if not text.isascii() else text


def _iso(match: re.Match[str], names: _Names, near: date) -> str:
    parts = match.groupdict()
    month = parts.get("month") or parts["month_first"]
    day = parts.get("day") or parts["day_second"]
    year = parts.get("year") or parts.get("year_third")
    # a pattern that ignores case takes letters for equal that are not in small letters: İ and i, ſ and s
    number = int(month) if month.isdigit() else names.months.get(month.lower().rstrip("."), 0)
    found = _date(int(year) if year else None, number, int(day), near)
    if found is None:
        return match.group()
    weekday = parts.get("weekday")
    known = names.weekdays.get(weekday.lower().rstrip(".,")) if weekday else None
    return found.isoformat() if known in (None, found.weekday()) else f"{weekday} {found.isoformat()}"


def _date(year: int | None, month: int, day: int, near: date) -> date | None:
    candidates = []
    for each in [year] if year else [near.year - 1, near.year, near.year + 1]:
        try:
            candidates.append(date(each, month, day))
        except ValueError:
            continue
    return min(candidates, key=lambda each: abs(each - near), default=None)


@lru_cache(maxsize=64)
def _names(locales: frozenset[str]) -> _Names:
    months: dict[str, int] = {}
    weekdays: dict[str, int] = {}
    for locale, form, width in itertools.product(_known(sorted(locales)), _FORMS, _WIDTHS):
        _add(months, locale.months[form][width])
        _add(weekdays, locale.days[form][width])
    month, weekday = _alternatives(months), _alternatives(weekdays)
    pattern = (rf"(?<!\w)(?:(?P<weekday>{weekday})\.?,?\s+(?:den\s+|le\s+|el\s+)?)?"
               rf"(?:(?P<day>[0123]?\d)(?:\.|st|nd|rd|th|er|º)?\s+(?:de\s+|of\s+)?(?P<month>{month})\.?"
               r"(?:,?\s+(?:de\s+)?(?P<year>\d{4}))?"
               rf"|(?P<month_first>{month})\.?\s+(?P<day_second>[0123]?\d)(?:st|nd|rd|th)?(?:,?\s+(?P<year_third>\d{{4}}))?)"
               r"(?!\w)")
    return _Names(months, weekdays, re.compile(pattern, re.IGNORECASE))


def _known(tags: Iterable[str]) -> Iterator[Locale]:
    for tag in tags:
        try:
            yield Locale.parse(tag.replace("_", "-"), sep="-")
        except (UnknownLocaleError, ValueError):
            continue


def _add(names: dict[str, int], numbered: object) -> None:
    for number, name in dict(numbered).items():  # type: ignore[call-overload]  # Babel's are not typed
        key = str(name).lower().rstrip(".")
        if len(key) >= _MIN_NAME or not key.isascii():
            names.setdefault(key, int(number))


def _alternatives(names: dict[str, int]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if not name.isdigit()) or "(?!)"
