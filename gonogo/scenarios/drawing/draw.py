"""`context.world.data`: what a scenario's people are called, type and pay, drawn by the identity of the scenario.

The same scenario draws the same values in each run and each attempt, and on each version of gonogo that has the same
pools; another scenario draws others. Only the unique part is new in each attempt. Each value is recorded by its name.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import count
from typing import NoReturn, TypeVar, cast

from gonogo.core.errors import ConfigError
from gonogo.model.drawn import DrawnValue, DrawnValues
from gonogo.records.drawn import MAX_VALUES
from gonogo.scenarios.drawing.addresses import ADDRESSES, COUNTRIES, Address
from gonogo.scenarios.drawing.amounts import DECIMALS, Money, amounts
from gonogo.scenarios.drawing.choice import Choice, Takes
from gonogo.scenarios.drawing.days import days
from gonogo.scenarios.drawing.emails import FORMS, drawn_email
from gonogo.scenarios.drawing.people import SCRIPTS, DrawnPerson, People
from gonogo.scenarios.drawing.texts import TEXTS

T = TypeVar("T")
_UNIQUE_LETTERS = "bcdfghjkmnpqrstv"  # no vowels: no words; letters alone, so that its kind never changes by chance
_UNIQUE_LENGTH = 10


class Draw:
    """The data of one attempt at the scenario with the key `seed`.

    Every method takes a `name`, which says in reports what the value is; the same name gives the same value again.
    Two values that a method draws under different names differ. Each raises ConfigError if the pool has nothing left
    that the arguments allow.
    """

    def __init__(self, seed: str, unique_part: str | None = None) -> None:
        self.seed = seed
        self.unique_part = unique_part or "".join(secrets.choice(_UNIQUE_LETTERS) for _ in range(_UNIQUE_LENGTH))
        self._choice = Choice(seed)
        self._people = People(self._choice)
        self._values: dict[tuple[str, str], object] = {}  # by method and name
        self._recorded: dict[str, DrawnValue] = {}
        self._left_out = 0
        self._lock = threading.RLock()

    @property
    def drawn(self) -> DrawnValues:
        """All values so far, in order, as evidence."""
        return DrawnValues(tuple(self._recorded.values()), self._left_out)

    def person(self, name: str = "", *, scripts: Sequence[str] = (), max_length: int | None = None,
               min_length: int = 1, without: str = "") -> DrawnPerson:
        """A person. The lengths are those of the given names and of the family name, each, in code points of NFC;
        `scripts` are those that the system takes (Latin, Cyrillic …; all by default), `without` the characters that it
        does not take.
        """
        _known("script", scripts, SCRIPTS)
        takes = Takes(tuple(scripts), min_length, max_length, without)

        def draw(key: str) -> DrawnPerson:
            person = self._people.draw(key, takes)
            if person is None:
                self._nothing_left("person", key)
            self.note(f"the given names of {key}", person.given_names)
            self.note(f"the family name of {key}", person.family_name)
            return person

        return self._once("person", name, draw)

    def email(self, person: DrawnPerson | str, *, forms: Sequence[str] = tuple(FORMS),
              domain: str = "example.com") -> str:
        """The e-mail address of a person (or of whom the scenario calls so), with the unique part. `forms` are those
        that the system takes: dot, plus, hyphen, underscore, digits first, apostrophe, capitals, long.
        """
        _known("form", forms, FORMS)

        def draw(key: str) -> str:
            taken = {value for (method, _), value in self._values.items() if method == "email"}
            candidates = (drawn_email(key, self._choice, f"{self.unique_part}{number}", tuple(forms), domain)
                          for number in ("", *range(2, len(taken) + 2)))
            address = next(each for each in candidates if each not in taken)  # there is one more than are taken
            return self.note(f"the e-mail of {key}", address, unique=self.unique_part)

        return self._once("email", person if isinstance(person, str) else person.key, draw)

    def address(self, name: str = "", *, countries: Sequence[str] = (), scripts: Sequence[str] = (),
                max_length: int | None = None, without: str = "") -> Address:
        """A postal address; `max_length` is that of each of its parts, `countries` are ISO 3166-1 alpha-2."""
        _known("country", countries, COUNTRIES)
        takes = Takes(tuple(scripts), 0, max_length, without)
        legal = [each for each in ADDRESSES if (not countries or each.country in countries)
                 and all(takes.takes(part, each.script)
                         for part in (*each.lines, each.city, each.region, each.postal_code))]
        return self._one_of("address", name, legal, note="the address of {}")

    def money(self, currency: str | Sequence[str] = tuple(DECIMALS), *, at_least: Decimal | int | str = 1,
              at_most: Decimal | int | str = 10_000, name: str = "") -> Money:
        """An amount from `at_least` to `at_most` (major units), in one of the currencies (ISO 4217)."""
        currencies = [currency] if isinstance(currency, str) else list(currency)
        _known("currency", currencies, DECIMALS)
        lowest, highest = _major_units(at_least), _major_units(at_most)

        def candidates(key: str) -> Iterator[Money]:
            for each in self._choice.ranked(f"currency of {key}", currencies):
                yield from amounts(f"amount of {key}", self._choice, each, lowest, highest)

        return self._draw("money", name, candidates)

    def date(self, first: date, last: date, *, name: str = "") -> date:
        """A day from `first` to `last`. Of a range that moves with today it stays the same day until that is past, or
        a better one comes into reach.
        """
        return self._draw("date", name, lambda key: days(f"date {key}", self._choice, first, last))

    def text(self, name: str = "", *, scripts: Sequence[str] = (), max_length: int | None = None, min_length: int = 1,
             without: str = "") -> str:
        """One line of free text."""
        takes = Takes(tuple(scripts), min_length, max_length, without)
        legal = [each.text for each in TEXTS if takes.takes(*each)]
        return self._one_of("text", name, legal)

    def one(self, items: Iterable[T], *, name: str = "") -> T:
        """One of the items; under another name it may be the same. `str` must tell the items apart."""
        pool = list(items)

        def draw(key: str) -> T:
            ranked = self._choice.ranked(f"one {key}", pool)
            if not ranked:
                self._nothing_left("one", key)
            self.note(key, str(ranked[0]))
            return ranked[0]

        return self._once("one", name, draw)

    def some(self, items: Iterable[T], *, at_least: int = 1, at_most: int | None = None, name: str = "") -> list[T]:
        """Different items, `at_least` to `at_most` of them (all by default), in an order of their own."""
        pool = list(items)
        most = len(pool) if at_most is None else min(at_most, len(pool))

        def draw(key: str) -> list[T]:
            if not 0 <= at_least <= most:
                self._nothing_left("some", key)
            number = at_least + self._choice.number(f"number of {key}", most - at_least + 1)
            chosen = self._choice.ranked(f"some {key}", pool)[:number]
            self.note(key, ", ".join(map(str, chosen)))
            return chosen

        return self._once("some", name, draw)

    def note(self, name: str, value: str, *, unique: str = "") -> str:
        """Record a value that the suite made itself, of drawn ones for example, under a name; returns it.

        `unique` is its part that is new in each attempt, `unique_part` or a form of it. A second value of a name gets a
        number.
        """
        with self._lock:
            names = (f"{name} ({number})" if number > 1 else name for number in count(1))
            drawn = next(each for each in (DrawnValue(free, value, unique) for free in names)
                         if self._recorded.get(each.name, each) == each)
            if drawn.name in self._recorded or len(self._recorded) < MAX_VALUES:
                self._recorded[drawn.name] = drawn
            else:
                self._left_out += 1
        return value

    def _one_of(self, method: str, name: str, legal: Collection[T], note: str = "{}") -> T:
        return self._draw(method, name, lambda key: self._choice.ranked(f"{method} of {key}", legal), note)

    def _draw(self, method: str, name: str, candidates: Callable[[str], Iterable[T]], note: str = "{}") -> T:
        """The best candidate that this method has not drawn yet."""
        def draw(key: str) -> T:
            taken = [value for (other, _), value in self._values.items() if other == method]
            new = next(((each,) for each in candidates(key) if each not in taken), None)
            if new is None:
                self._nothing_left(method, key)
            self.note(note.format(key), str(new[0]))
            return new[0]

        return self._once(method, name, draw)

    def _once(self, method: str, name: str, draw: Callable[[str], T]) -> T:
        """What was drawn under the name, or is drawn now."""
        with self._lock:
            key = name or f"{method} {sum(other == method for other, _ in self._values) + 1}"
            if (method, key) not in self._values:
                self._values[method, key] = draw(key)
            return cast(T, self._values[method, key])

    def _nothing_left(self, method: str, key: str) -> NoReturn:
        raise ConfigError(f"data.{method} has nothing left to draw for {key!r} that the arguments allow.",
                          where=self.seed, fix="allow more (scripts, lengths, a wider range), or draw fewer values.")


def _major_units(amount: Decimal | int | str) -> Decimal:
    try:
        units = Decimal(amount)
    except ArithmeticError:
        units = Decimal("NaN")
    if not units.is_finite():
        raise ConfigError(f"{str(amount)[:100]!r} is not an amount of money.",
                          fix="give a number of major units, such as 10 or '9.50'.")
    return units


def _known(what: str, given: Iterable[str], known: Collection[str]) -> None:
    for each in given:
        if each not in known:
            raise ConfigError(f"No {what} {each!r} can be drawn.", fix=f"use some of: {', '.join(known)}.")
