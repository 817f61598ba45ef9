"""Matches the patterns of a document, which are foreign: no pattern may hold up the gate.

RE2 takes linear time, and matches every pattern that means the same in its syntax and in ECMAScript's. The others
(look-ahead, back-references) are matched by a backtracking engine in a child process, which ends after MAX_PATTERN_S.
"""

from __future__ import annotations

import atexit
import json
import re
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import re2

MAX_PATTERN_CHARS = 10_000
MAX_PATTERN_S = 1.0  # of one pattern and text in the child process
_MAX_KNOWN_CHARS = 200
_CHILD = Path(__file__).with_name("pattern_child.py")
# What ECMAScript's \s matches; RE2's own has neither the vertical tab nor the spaces beyond ASCII.
_SPACES = r"\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}"
_LINE_ENDS = r"\n\r\x{2028}\x{2029}"
_ESCAPED = re.compile(r"\\(?:(?P<kept>[dDwWbBtnrfv])|(?P<space>[sS])|u(?P<unit>[0-9a-fA-F]{4})"
                      r"|u\{(?P<point>[0-9a-fA-F]{1,6})\}|x(?P<byte>[0-9a-fA-F]{2})|(?P<sign>[^A-Za-z0-9]))")
_SURROGATES = range(0xD800, 0xE000)


class PatternUnusable(ValueError):
    """The pattern is not valid, or takes too long; the message is the reason."""


def matches(pattern: str, text: str) -> bool:
    """Whether ECMAScript's `pattern` matches somewhere in `text`. Raises PatternUnusable."""
    # without lone surrogates, which JSON can express
    whole = text if text.isascii() else text.encode("utf-8", "replace").decode()
    return _known_match(pattern, whole) if len(whole) <= _MAX_KNOWN_CHARS else _match(pattern, whole)


def _match(pattern: str, text: str) -> bool:
    linear = _linear(pattern)
    return linear.search(text) is not None if linear is not None else _BACKTRACKING.matches(pattern, text)


@lru_cache(maxsize=8192)
def _known_match(pattern: str, text: str) -> bool:
    """Short values come again and again, and a call of RE2 takes longer than looking them up."""
    return _match(pattern, text)


def check(pattern: str) -> None:
    """Raise PatternUnusable if the pattern is not valid."""
    matches(pattern, "")


@lru_cache(maxsize=4096)
def _linear(pattern: str) -> Any:  # noqa: ANN401  re2 has no types
    """The pattern for RE2; None if it has no such form."""
    if len(pattern) > MAX_PATTERN_CHARS:
        raise PatternUnusable(f"the pattern is longer than {MAX_PATTERN_CHARS} characters")
    translated = _translated(pattern)
    if translated is None:
        return None
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    try:
        return re2.compile(translated, options)
    except re2.error:
        return None


def _translated(pattern: str) -> str | None:
    """`pattern` in RE2's syntax; None if a part of it has another meaning there, or none."""
    parts: list[str] = []
    position, class_start = 0, -1  # of the character class that is open
    while position < len(pattern):
        in_class = class_start >= 0
        if pattern[position] == "\\":
            match = _ESCAPED.match(pattern, position)
            part, position = (_escape(match, in_class=in_class), match.end()) if match else (None, position)
        else:
            part = _in_class(pattern, position, class_start) if in_class else _outside(pattern, position)
            class_start = _class_start(pattern, position, class_start)
            position += 1
        if part is None:
            return None
        parts.append(part)
    return "".join(parts)


def _class_start(pattern: str, position: int, before: int) -> int:
    if before >= 0:
        return -1 if pattern[position] == "]" else before
    return position + (1 if pattern[position + 1:position + 2] == "^" else 0) if pattern[position] == "[" else before


def _escape(match: re.Match[str], *, in_class: bool) -> str | None:
    if match["kept"]:
        return r"\x08" if in_class and match["kept"] == "b" else None if in_class and match["kept"] == "B" else match[0]
    if match["space"] == "S":
        return None if in_class else f"[^{_SPACES}]"
    if match["space"]:
        return _SPACES if in_class else f"[{_SPACES}]"
    code = ord(match["sign"]) if match["sign"] else int(match["unit"] or match["point"] or match["byte"], 16)
    return None if code in _SURROGATES or code > sys.maxunicode else f"\\x{{{code:x}}}"


def _in_class(pattern: str, position: int, start: int) -> str | None:
    """An unescaped character of a class; a class without a member has no form in RE2."""
    character = pattern[position]
    if character == "]":
        return None if position == start + 1 else "]"
    return r"\[" if character == "[" else character


def _outside(pattern: str, position: int) -> str | None:
    character = pattern[position]
    if character == ".":
        return f"[^{_LINE_ENDS}]"
    if character == "(" and pattern.startswith("(?", position) and not pattern.startswith("(?:", position):
        return None
    return character


@dataclass(slots=True)
class _Backtracking:
    """The child process, started when it is needed, and again after a pattern has ended it. Documents are read in
    several threads.
    """

    _process: subprocess.Popen[bytes] | None = None
    _too_slow: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def matches(self, pattern: str, text: str) -> bool:
        with self._lock:
            line = b"" if pattern in self._too_slow else self._answer(json.dumps([pattern, text]).encode() + b"\n")
            if not line:
                self._too_slow.add(pattern)
                self.close()
        if not line:
            raise PatternUnusable(f"the pattern {_short(pattern)} takes longer than {MAX_PATTERN_S:g} s")
        answer = json.loads(line)
        if answer is None:
            raise PatternUnusable(f"the pattern {_short(pattern)} is not a valid regular expression")
        return bool(answer)

    def _answer(self, question: bytes) -> bytes:
        """The child's line; empty if it ended without one."""
        process = self._running()
        assert process.stdin and process.stdout  # noqa: S101  both are pipes
        try:
            process.stdin.write(question)
            process.stdin.flush()
        except BrokenPipeError:
            return b""
        return process.stdout.readline()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(_CHILD), str(MAX_PATTERN_S)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, start_new_session=True)
        return self._process

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def _short(pattern: str) -> str:
    return repr(pattern if len(pattern) <= 60 else pattern[:59] + "…")


_BACKTRACKING = _Backtracking()
atexit.register(_BACKTRACKING.close)
