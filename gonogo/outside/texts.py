"""Understands a text: which parts are data, where they come from, and what is wording.

Data are what traces to a source (a person's input, a step's request, an earlier answer), and numbers, dates, times,
amounts and ids. In an understood text, data stand between ⟦ and ⟧, as a source's name between ‹ and ›, or as they are.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from urllib.parse import parse_qsl, unquote, urlsplit

from gonogo.outside.dates import with_iso_dates
from gonogo.traffic.http.endpoints import is_variable

START, END = "⟦", "⟧"
ID, NOW = "‹id›", "‹now›"
MAX_TEXT = 4_000  # characters of one item that are understood
_MAX_WORDS = 8  # of a source's value
_NEAR = timedelta(hours=36)
_MARKS = str.maketrans({START: "[", END: "]", "‹": "<", "›": ">"})

_CURRENCY = r"[$¢-¥֏؋৲৳௹฿៛₠-⃀]"
_UUID = r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
_MASK = r"\*\*\*[a-z]+:[0-9a-f]{4}"
_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[-+]\d\d:?\d\d)?"
# a part that must have a digit, whole; parts are joined by what stands inside numbers, dates, times and references
_PART = r"(?<![^\W_])[^\W_]*\d[^\W_]*"
_FIGURE = (rf"(?:[A-Z]{{0,3}}{_CURRENCY}[ \u00a0\u202f]?)?[-+−]?{_PART}(?:[.,:/'’\u202f-]{_PART})*"
           rf"(?:[ \u00a0\u202f]?(?:{_CURRENCY}|%))?")
_DATA = re.compile(rf"(?P<mask>{_MASK})|(?P<moment>{_MOMENT})|(?P<uuid>{_UUID})|(?P<token>[\w+/=-]{{16,}})"
                   rf"|(?P<figure>{_FIGURE})")
_WORD = re.compile(r"[^\s,;:!?()\[\]{}<>\"“”«»|]+")
_DISTINCTIVE = re.compile(r"[\d@ ]")
_WORD_PART = re.compile(r"[^\W_]{5,}")
_MARKED = re.compile(f"{START}(.*?){END}")
_HEX = re.compile(r"[0-9a-f]{8,}|[0-9A-F]{8,}")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_CAPITALS = (0.3, 0.7)  # their share in a token
_EDGES = ".'’-"
_STARTS_WITH_DATE = re.compile(r"\d{4}-\d\d-\d\d(?!\d)")
_OFFSETS = (0, 1, -1, 2)  # days from a date that has a source


class Texts:
    """Understands texts of one scenario.

    `sources` are value → name of its source, or "" for a value that is data and stands for itself (a city of an earlier
    answer). A value in capitals or small letters where its source has others keeps the name and says so. `now` is when
    the scenario ran: moments near it are the time of the run. Dates in words are read in the languages of `locales`.
    """

    def __init__(self, sources: Mapping[str, str], now: datetime, locales: Collection[str] = ()) -> None:
        self._sources = sources
        # a lone word such as the name Price is a word of its own in small letters
        self._folded = {value.lower(): f"{name[:-1]} in other letters›" for value, name in sources.items()
                        if name and _DISTINCTIVE.search(value)}
        self._now = now.astimezone(UTC)
        self._locales = frozenset(locales)
        self._cache: dict[str, str] = {}

    @cached_property
    def _firsts(self) -> frozenset[str]:
        """The first words of the values, to find quickly where none starts."""
        return frozenset(match.group().strip(_EDGES).lower() for value in self._sources
                         if (match := _WORD.search(value)))

    def understood(self, text: str) -> str:
        """`text` with its data marked, in one line."""
        if text not in self._cache:
            line = " ".join(text[:MAX_TEXT].translate(_MARKS).split())
            self._cache[text] = self._understood(with_iso_dates(line, self._locales, self._now.date()))
        return self._cache[text]

    def understood_url(self, url: str) -> str:
        """As `understood`, for an address: a part of its path that is a value and has no source is an id."""
        try:
            parts = urlsplit(url.translate(_MARKS))
            if parts.scheme not in ("", "http", "https"):
                return self.understood(url)
            segments = [self._segment(each) for each in parts.path.split("/")]
            pairs = [f"{name}={self._parameter(value)}" for name, value in parse_qsl(parts.query, True)]
        except ValueError:
            return self.understood(url)
        origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:" if parts.scheme else ""
        return (origin + "/".join(segments) + ("?" + "&".join(pairs) if pairs else "")
                + (f"#{self.understood(parts.fragment)}" if parts.fragment else ""))

    def _parameter(self, value: str) -> str:
        return self.understood_url(value) if value.startswith(("/", "http:", "https:")) else self.understood(value)

    def _segment(self, segment: str) -> str:
        understood = self.understood(unquote(segment))
        return f"{START}{ID}{END}" if "‹" not in understood and is_variable(unquote(segment)) else understood

    def _understood(self, text: str) -> str:
        parts, at = [], 0
        for start, end, name in self._from_sources(text):
            parts += [self._with_figures(text[at:start]), START, name or text[start:end], END]
            at = end
        return "".join(parts) + self._with_figures(text[at:])

    def _from_sources(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Start, end and source's name of each value in the text, the longest first where they overlap."""
        words = [match.span() for match in _WORD.finditer(text)]
        at = 0
        while at < len(words):
            first = text[slice(*words[at])].strip(_EDGES).lower()
            found = self._longest(text, words, at) if first in self._firsts else None
            if found is None:
                yield from self._parts(text, *words[at])
                at += 1
                continue
            length, start, end = found
            yield start, end, self._name_of(text[start:end]) or ""
            at += length

    def _longest(self, text: str, words: list[tuple[int, int]], at: int) -> tuple[int, int, int] | None:
        for length in range(min(_MAX_WORDS, len(words) - at), 0, -1):
            start, end = words[at][0], words[at + length - 1][1]
            for low, high in ((start, end), _trimmed(text, start, end)):
                if self._name_of(text[low:high]) is not None:
                    return length, low, high
        return None

    def _parts(self, text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """The values that stand in a word with others, such as `RFRNPP-ticket`: those with the name of a source."""
        for match in _WORD_PART.finditer(text, start, end):
            if match.span() != (start, end) and self._sources.get(match.group()):
                yield *match.span(), self._sources[match.group()]

    def _name_of(self, value: str) -> str | None:
        """The name of a value's source, "" for one that stands for itself; None if it is no value."""
        name = self._sources.get(value)
        return name or self._folded.get(value.lower(), name)

    def _with_figures(self, text: str) -> str:
        return _DATA.sub(self._figure, text)

    def _figure(self, match: re.Match[str]) -> str:
        text = match.group()
        if match["token"] and not is_opaque(text):
            return _DATA_IN_WORDS.sub(lambda each: f"{START}{each.group()}{END}", text)
        if match["uuid"] or match["token"]:
            return f"{START}{ID}{END}"
        if match["mask"]:
            return f"{START}{text}{END}"
        if _STARTS_WITH_DATE.match(text):
            return f"{START}{NOW if match['moment'] and self._is_now(text) else self._date(text)}{END}"
        if _EPOCH.fullmatch(text) and self._is_near_epoch(text):
            return f"{START}{NOW}{END}"
        return f"{START}{ID if is_opaque(text) else text}{END}"

    def _date(self, text: str) -> str:
        """A date, or a moment, by the source of its date or of one of the days around it."""
        day, rest = text[:10], text[10:]
        for offset in _OFFSETS:
            name = self._sources.get(_later(day, -offset))
            if name:
                return f"{name}{f'{offset:+d}d' if offset else ''}{rest}"
        return text

    def _is_now(self, text: str) -> bool:
        """Whether a moment is one of the run's own: near it, and not a round minute, as those of plans are."""
        try:
            moment = datetime.fromisoformat(text.replace(",", "."))
        except ValueError:
            return False
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return abs(moment - self._now) < _NEAR and bool(moment.second or moment.microsecond)

    def _is_near_epoch(self, text: str) -> bool:
        return abs(int(text[:10]) - self._now.timestamp()) < _NEAR.total_seconds()


_DATA_IN_WORDS = re.compile(_PART)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without the punctuation of a sentence around it."""
    while start < end and text[start] in _EDGES:
        start += 1
    while end > start and text[end - 1] in _EDGES:
        end -= 1
    return start, end


def is_opaque(text: str) -> bool:
    """Whether a text without spaces is a generated id: nobody reads a meaning in it, and it differs from run to run."""
    if re.fullmatch(_UUID, text) or _is_token(text):
        return True
    if not re.fullmatch(r"[\w+/=-]{6,}", text, re.ASCII) or not any(map(str.isdigit, text)):
        return False
    if text.isdigit():
        return len(text) >= 9 and not _EPOCH.fullmatch(text)
    if _HEX.fullmatch(text):
        return True
    bare = re.sub(r"[-_+/=]", "", text)
    changes = sum(one.isdigit() != other.isdigit() for one, other in itertools.pairwise(bare))
    return changes >= 2 and len(bare) >= 6 and not re.match(r"\d{4}-\d\d-\d\d", text)


def _is_token(text: str) -> bool:
    """Base64, by chance with hardly a figure: names have fewer capitals, and constants nothing else."""
    if not re.fullmatch(r"[\w+/=-]{16,}", text, re.ASCII):
        return False
    return _CAPITALS[0] <= sum(map(str.isupper, text)) / len(text) <= _CAPITALS[1]


def data_of(understood: str) -> tuple[str, ...]:
    """The data in an understood text, in their order."""
    return tuple(_MARKED.findall(understood))


def wording_of(understood: str) -> str:
    """An understood text with □ for each of its data."""
    return _MARKED.sub("□", understood)


def plain(understood: str) -> str:
    """An understood text for people."""
    return understood.replace(START, "").replace(END, "")


def shifted(understood: str, days: int) -> str:
    """With each ISO date so many days later: dates that a suite counts from the day of the run move with it."""
    return _DATE.sub(lambda match: _later(match.group(), days), understood) if days else understood


_DATE = re.compile(r"\d{4}-\d\d-\d\d(?!\d)")


def _later(date: str, days: int) -> str:
    try:
        return (datetime.fromisoformat(date) + timedelta(days=days)).date().isoformat()
    except (ValueError, OverflowError):
        return date
