"""Finds every written form of a secret value quickly: plain, and as encoded in JSON, HTML, URLs and base64.

`known` decides which values are secret; `masking` makes the mask.
"""

from __future__ import annotations

import base64
import html.entities
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from gonogo.secrets.known import MIN_LENGTH
from gonogo.secrets.names import CARD

_JSON_SHORT = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}
_BACKSLASHES = r"\\{0,7}"  # JSON in JSON in JSON
_IN_BASE64 = {"+": r"(?:\+|%2[Bb])", "/": r"(?:\\{0,7}/|%2[Ff])", "-": "-"}
_MIN_CORE = 6  # characters of base64 that do not depend on neighbouring bytes
_GAPS = r"(?:[ -]|%20|\+|&nbsp;|\u00a0){0,2}"  # people and forms write card numbers in groups
_WIDEST = 24  # characters that one character takes at most: `\\\\\\\\u00e9`, for example


@dataclass(frozen=True, slots=True)
class _Form:
    """One way of writing a value. `anchor` is a part of it that no encoder changes, "" if there is none.

    `before` is the greatest number of characters before the anchor.
    """

    value: str
    pattern: re.Pattern[str]
    anchor: str
    before: int

    def spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Search for the anchor first, and for the form only around it: much faster than the pattern alone."""
        if not self.anchor:
            yield from ((match.start(), match.end(), self.value) for match in self.pattern.finditer(text))
            return
        at, done = text.find(self.anchor), 0
        while at >= 0:
            match = self.pattern.search(text, max(done, at - self.before), at + self.before + _WIDEST * len(self.value))
            if match:
                yield match.start(), match.end(), self.value
                done = match.end()
            at = text.find(self.anchor, max(at + 1, done))


class Forms:
    """Finds `values` (value → kind) in text, in every form."""

    def __init__(self, values: Mapping[str, str]) -> None:
        ordered = sorted(values, key=len, reverse=True)
        self._forms = tuple(form for value in ordered for form in _forms(value, values[value]))
        self.longest = max((len(value) for value in ordered), default=0) * _WIDEST

    def in_text(self, text: str) -> list[tuple[int, int, str]]:
        """(start, end, value) of each occurrence, in order, the longest first, without overlaps."""
        candidates = [form for form in self._forms if form.anchor in text]
        spans = sorted((span for form in candidates for span in form.spans(text)), key=lambda span: (span[0], -span[1]))
        kept: list[tuple[int, int, str]] = []
        end = 0
        for start, stop, value in spans:
            if stop > end:
                kept.append((max(start, end), stop, value))
                end = stop
        return kept


def _forms(value: str, kind: str) -> Iterator[_Form]:
    if kind == CARD:
        yield _Form(value, re.compile(rf"(?<!\d){_GAPS.join(value)}(?!\d)"), value[0], 0)
    else:
        text = _as_text(value)
        if value.isdigit():  # not a part of a longer number
            text = rf"(?<!\d){text}(?!\d)"
        elif len(value) < MIN_LENGTH:
            text = f"(?<![A-Za-z0-9]){text}(?![A-Za-z0-9])"
        anchor = max(re.findall(r"[A-Za-z0-9]{2,}", value), key=len, default="")
        yield _Form(value, re.compile(text), anchor, value.index(anchor) * _WIDEST)
    for core in _base64_cores(value) if len(value) >= MIN_LENGTH else ():
        inner = "".join(_IN_BASE64.get(character, character) for character in core)
        anchor = max(re.findall(r"[A-Za-z0-9]{2,}", core), key=len, default="")
        yield _Form(value, re.compile(f"[A-Za-z0-9+/_-]?{inner}[A-Za-z0-9+/_-]?(?:=|%3[Dd]){{0,2}}"), anchor,
                    1 + core.index(anchor) * _WIDEST)


def _as_text(value: str) -> str:
    """A pattern of the value, with all encodings of each character that an encoder may change."""
    return "".join(map(_character, value))


@lru_cache(maxsize=4096)
def _character(character: str) -> str:
    if character.isascii() and character.isalnum():
        return character
    code = ord(character)
    raw = character.encode("utf-8", "surrogatepass")
    ways = [_BACKSLASHES + re.escape(character)]
    ways.append("".join(rf"%(?:25)?{_hex(byte)}" for byte in raw))
    ways.append("".join(rf"\\+u{_hex(unit >> 8)}{_hex(unit & 255)}" for unit in _utf_16(character)))
    ways.append(f"&(?:amp;)?#0*{code};")
    ways.append(f"&(?:amp;)?#[xX]0*{''.join(f'[{digit.lower()}{digit.upper()}]' for digit in f'{code:x}')};")
    names = [name for name, text in html.entities.html5.items() if text == character and name.endswith(";")]
    ways += [f"&(?:amp;)?{name}" for name in names]
    if character in _JSON_SHORT:
        ways.append(rf"\\+{_JSON_SHORT[character]}")
    if not character.isascii():
        ways.append("".join(rf"\\+x{_hex(byte)}" for byte in raw))
    if character == " ":
        ways.append(r"\+")
    return f"(?:{'|'.join(ways)})"


def _hex(byte: int) -> str:
    return "".join(digit if digit.isdigit() else f"[{digit}{digit.upper()}]" for digit in f"{byte:02x}")


def _utf_16(character: str) -> Iterable[int]:
    raw = character.encode("utf-16-be", "surrogatepass")
    return (int.from_bytes(raw[at:at + 2]) for at in range(0, len(raw), 2))


def _base64_cores(value: str) -> tuple[str, ...]:
    """For each alignment, the base64 characters that depend on the value only, in both alphabets."""
    raw = value.encode("utf-8", "surrogatepass")
    cores: dict[str, None] = {}
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + raw).decode()
        core = encoded[(before * 8 + 5) // 6:(before + len(raw)) * 8 // 6]
        if len(core) >= _MIN_CORE:
            cores[core] = cores[core.translate(str.maketrans("+/", "-_"))] = None
    return tuple(cores)
