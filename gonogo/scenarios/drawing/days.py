"""Dates at which calendars and clocks go wrong, computed by rule: no version of a time zone database matters."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, timedelta

from gonogo.scenarios.drawing.choice import Choice

_MAX_YEARS = 20  # of a longer range, this many are looked at
_MAX_DAYS = 10_000
_SUNDAY = calendar.SUNDAY


def days(purpose: str, choice: Choice, first: date, last: date) -> Iterator[date]:
    """Different days from `first` to `last`, best first: all awkward ones of the range, then the others."""
    years = choice.ranked(f"{purpose}, year", range(first.year, last.year + 1))[:_MAX_YEARS]
    kinds = {kind: sorted(day for year in years for day in of_kind(year) if first <= day <= last)
             for kind, of_kind in _AWKWARD.items()}
    given: set[date] = set()
    for kind in choice.ranked(f"{purpose}, kind", (kind for kind, found in kinds.items() if found)):
        best = choice.ranked(purpose, kinds[kind])[0]
        if best not in given:
            given.add(best)
            yield best
    others = (first + timedelta(days=ahead) for ahead in range(min((last - first).days, _MAX_DAYS) + 1))
    yield from choice.ranked(purpose, {*others, *(day for found in kinds.values() for day in found)} - given)


def _month_ends(year: int) -> list[date]:
    return [date(year, month, calendar.monthrange(year, month)[1]) for month in range(1, 13)]


def _leap_days(year: int) -> list[date]:
    return [date(year, 2, 29)] if calendar.isleap(year) else []


def _days_beside_leap_days(year: int) -> list[date]:
    return [date(year, 2, 28), date(year, 3, 1)]


def _clock_changes(year: int) -> list[date]:
    """Of Europe, North America and Australia's south-east: they differ by weeks."""
    return [_last_sunday(year, 3), _last_sunday(year, 10), _sunday(year, 3, 2), _sunday(year, 11, 1),
            _sunday(year, 4, 1), _sunday(year, 10, 1)]


def _year_ends(year: int) -> list[date]:
    return [date(year, 12, 31), date(year, 1, 1)]


def _days_that_read_as_months(year: int) -> list[date]:
    """3 April is not 4 March, though both notations accept either."""
    return [date(year, month, day) for month in range(1, 13) for day in (3, 8, 12) if day != month]


def _iso_weeks_of_another_year(year: int) -> list[date]:
    ends = [date(year, 1, day) for day in (1, 2, 3)] + [date(year, 12, day) for day in (29, 30, 31)]
    return [day for day in ends if day.isocalendar().year != year]


_AWKWARD = {
    "month end": _month_ends, "leap day": _leap_days, "beside a leap day": _days_beside_leap_days,
    "clock change": _clock_changes, "year end": _year_ends, "day or month": _days_that_read_as_months,
    "week of another year": _iso_weeks_of_another_year,
}


def _sunday(year: int, month: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(_SUNDAY - first.weekday()) % 7 + 7 * (which - 1))


def _last_sunday(year: int, month: int) -> date:
    last = date(year, month, calendar.monthrange(year, month)[1])
    return last - timedelta(days=(last.weekday() - _SUNDAY) % 7)
