"""flights: the cache."""

from __future__ import annotations

import weakref
from itertools import count

import pytest

from travel.flights.cache import Cache


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_an_answer_is_kept_for_its_time() -> None:
    """Within five seconds the same, afterwards a new one."""
    clock, answers = Clock(), count(1)
    cache: Cache[int] = Cache(5, 10, clock)
    seen = []
    for clock.now_s in (0, 4.9, 5.1, 9):
        seen.append(cache.get("key", lambda: next(answers)))
    assert seen == [1, 1, 2, 2]


def test_each_key_has_its_own_answer() -> None:
    """Another search is another question."""
    cache: Cache[str] = Cache(5, 10)
    assert [cache.get(key, lambda key=key: key) for key in ("a", "b", "a")] == ["a", "b", "a"]


def test_the_oldest_answer_goes_first() -> None:
    """The cache does not grow for ever."""
    cache: Cache[str] = Cache(5, 2)
    asked = []

    def ask(key: str) -> str:
        asked.append(key)
        return key

    for key in ("a", "b", "c", "c", "b", "a"):
        cache.get(key, lambda key=key: ask(key))
    assert asked == ["a", "b", "c", "a"]


def test_no_answer_outlives_its_time_in_memory() -> None:
    """Searches for a thousand days are not kept for a thousand days."""
    class Answer:
        pass

    clock = Clock()
    cache: Cache[Answer] = Cache(5, 10, clock)
    old = weakref.ref(cache.get("a", Answer))
    clock.now_s = 4.9
    young = weakref.ref(cache.get("b", Answer))
    assert old() is not None
    clock.now_s = 5.1
    cache.get("c", Answer)
    assert (old(), young() is None) == (None, False)


def test_a_failure_is_not_kept() -> None:
    """The next question asks again."""
    cache: Cache[str] = Cache(5, 10)

    def fail() -> str:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        cache.get("key", fail)
    assert cache.get("key", lambda: "answer") == "answer"
