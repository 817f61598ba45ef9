"""Patterns of documents: matched as ECMAScript does, in linear time or in a process that is ended."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from gonogo.traffic.contract import patterns
from gonogo.traffic.contract.patterns import PatternUnusable, matches

pytestmark = pytest.mark.alone

EVIL = ("(a+)+$", "(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*a){20}$")


@pytest.mark.parametrize("pattern", EVIL)
def test_catastrophic_pattern_takes_linear_time(pattern: str) -> None:
    """A body of the greatest size is decided at once."""
    began = time.monotonic()
    assert matches(pattern, "a" * 64 * 1024 + "!") is False
    assert time.monotonic() - began < 5


def test_catastrophic_pattern_that_re2_cannot_take_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """It costs its time once, and other patterns are matched afterwards."""
    monkeypatch.setattr(patterns, "MAX_PATTERN_S", 0.3)
    patterns._BACKTRACKING.close()
    for _time in range(2):
        with pytest.raises(PatternUnusable, match=r"takes longer than 0\.3 s"):
            matches(r"^(?=a)(a+)+$", "a" * 50 + "!")
    assert matches(r"^(?=.*\d).{8,}$", "abcdefg1")
    patterns._BACKTRACKING.close()


def test_process_that_was_killed_is_started_again() -> None:
    """Another pattern is matched by a new process."""
    assert matches("(?=a)a", "a")
    process = patterns._BACKTRACKING._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with pytest.raises(PatternUnusable):
        matches("(?=b)b", "b")
    assert matches("(?=c)c", "c")


@pytest.mark.parametrize("pattern", ["(", "a**", "[z-a]", "(?<n>a)(?<n>b)", "x" * 20_000, "(?=" * 50_000])
def test_invalid_pattern_is_reported(pattern: str) -> None:
    """It neither matches nor fails."""
    with pytest.raises(PatternUnusable, match=r"is not a valid regular expression|is longer than 10000"):
        matches(pattern, "a")


@pytest.mark.parametrize(("pattern", "text", "found"), [
    (r"^\d{3}$", "123", True), (r"^\d{3}$", "123\n", False), (r"^\d$", "٣", False), (r"^\S", "\u00a0x", False), (r"\s", "\v", True),
    (r"^[\s]$", "\ufeff", True), (r"^[^\s]$", "\u3000", False), (r"^.$", "\r", False), (r"^.$", "\u2028", False), (r"^.$", "é", True),
    ("[]", "a", False), ("^[^]$", "\n", True), (r"^\u00e9\/$", "é/", True), (r"^\x41$", "A", True), (r"^[\b]$", "\b", True),
    (r"^[[:alpha:]]$", "a", False), (r"^[\w.-]+$", "a-b.c", True), (r"^[^\]]+$", "a]", False), (r"^(\w)\1$", "aa", True),
    (r"^(?!x)\w+$", "xa", False), (r"^(?:a|b)+?$", "ab", True), (r"^a{,2}$", "a{,2}", True), (r"^a{2000}$", "a" * 2000, True),
    (r"^\p{Lu}$", "É", True), ("^\U0001f600$", "\U0001f600", True), ("^a$", "\ud800", False), (r"\bfoo\b", "a foo b", True),
])
def test_meaning_is_that_of_ecmascript(pattern: str, text: str, found: bool) -> None:
    """Whichever of the two engines matches it."""
    assert matches(pattern, text) is found


def test_threads_share_the_process() -> None:
    """Documents are read in several threads: each gets its own answers."""
    with ThreadPoolExecutor(8) as several:
        texts = [str(number) for number in range(400)]
        assert list(several.map(lambda text: matches(rf"^(?={text}$)\d+", text), texts)) == [True] * 400
        assert list(several.map(lambda text: matches(rf"^(?={text}$)x", text), texts)) == [False] * 400
