"""Chooses from pools by a seed, the same in each process, on each version of Python and in each order of calls.

Candidates are ranked by a digest of seed, purpose and candidate (rendezvous hashing): what is added to a pool, or
leaves a range of dates, changes only the choices that it wins or had won.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Choice:
    """`seed` is the scenario's key. `hash()` and `random` are not used: neither promises the same values for ever."""

    seed: str

    def ranked(self, purpose: str, candidates: Iterable[T]) -> list[T]:
        """The candidates, best first; their `str` tells them apart."""
        return sorted(candidates, key=lambda each: self._digest(purpose, str(each)))

    def number(self, purpose: str, below: int) -> int:
        """An integer of 0 or more and less than `below`."""
        return int.from_bytes(self._digest(purpose, "")) % below

    def _digest(self, purpose: str, candidate: str) -> bytes:
        text = json.dumps([self.seed, purpose, candidate])
        return hashlib.sha256(text.encode()).digest()


def fresh_first(ranked: Sequence[T], used: Collection[T]) -> list[T]:
    """Those that were not used first, otherwise in the same order."""
    return sorted(ranked, key=lambda each: each in used)


@dataclass(frozen=True, slots=True)
class Takes:
    """What the system under test takes, as its suite states it; lengths in code points of NFC.

    `scripts`: all if empty. `without`: characters that it does not take.
    """

    scripts: tuple[str, ...] = ()
    min_length: int = 1
    max_length: int | None = None
    without: str = ""

    def takes(self, text: str, script: str) -> bool:
        return ((not self.scripts or script in self.scripts)
                and len(text) >= self.min_length and (self.max_length is None or len(text) <= self.max_length)
                and not set(self.without) & set(text))
