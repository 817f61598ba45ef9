"""How the items of a place differ from those of the baseline."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from gonogo.model.outside import ChangeKind
from gonogo.outside.observations import Item
from gonogo.outside.sources import person_of
from gonogo.outside.texts import data_of, wording_of

_MAX_ALIGNED = 1_500  # items; longer places are compared as sets


@dataclass(frozen=True, slots=True)
class ItemChange:
    """`now` or `was` is None where there is none; `key` is equal for equal changes of other values."""

    kind: ChangeKind
    key: str
    now: Item | None
    was: Item | None

    @property
    def variations(self) -> frozenset[str]:
        """What varies if equal images differ so: the presence or the order of what has this key, or values in it."""
        if self.now is None or self.was is None:
            return frozenset({f"presence {self.key}"})
        if self.now == self.was:
            return frozenset({f"order {self.key}"})
        now, was = data_of(self.now.text), data_of(self.was.text)
        if len(now) != len(was) or wording_of(self.now.text) != wording_of(self.was.text):
            return frozenset({f"text {self.key}"})
        return frozenset(value_variation(self.key, number) for number in range(len(now)) if now[number] != was[number])


def value_variation(key: str, number: int) -> str:
    """The variation of one of the data in an item, counted from 0."""
    return f"value {number} {key}"


def key_of(item: Item) -> str:
    """What an item has in common with itself in other runs: its role or path, its label and its wording."""
    return f"{item.key}|{item.label}|{wording_of(item.text)}"


def changes(now: Sequence[Item], was: Sequence[Item], person: str) -> Iterator[ItemChange]:
    """The differences, in the order of the place."""
    if tuple(now) == tuple(was):
        return
    gone, new = list(_unequal(now, was))
    moved = Counter(gone) & Counter(new)
    for block_gone, block_new in _blocks(now, was):
        rest_gone = _without(block_gone, moved)
        rest_new = _without(block_new, moved)
        yield from _paired(rest_gone, rest_new, person)
    yield from (ItemChange(_order_kind(item), item.key, item, item) for item in moved)


def _unequal(now: Sequence[Item], was: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    gone: list[Item] = []
    new: list[Item] = []
    for block_gone, block_new in _blocks(now, was):
        gone += block_gone
        new += block_new
    return gone, new


def _blocks(now: Sequence[Item], was: Sequence[Item]) -> list[tuple[list[Item], list[Item]]]:
    """What differs, aligned: items of the baseline and of now that stand at the same point."""
    if max(len(now), len(was)) > _MAX_ALIGNED:
        both = Counter(now) & Counter(was)
        return [(_without(list(was), both.copy()), _without(list(now), both.copy()))]
    matcher = SequenceMatcher(None, was, now, autojunk=False)
    return [(list(was[a:b]), list(now[c:d])) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]


def _without(items: list[Item], taken: Counter[Item]) -> list[Item]:
    rest, left = [], Counter(taken)
    for item in items:
        if left[item] > 0:
            left[item] -= 1
        else:
            rest.append(item)
    return rest


def _paired(gone: list[Item], new: list[Item], person: str) -> Iterator[ItemChange]:
    """Pairs by key and wording first, then by key alone; what has no counterpart was lost or added."""
    for key in (key_of, lambda item: f"{item.key}|{wording_of(item.text)}", lambda item: item.key):
        waiting: dict[str, list[Item]] = defaultdict(list)
        for item in new:
            waiting[key(item)].append(item)
        rest = []
        for item in gone:
            if waiting[key(item)]:
                other = waiting[key(item)].pop(0)
                yield from _altered(other, item, person)
            else:
                rest.append(item)
        gone = rest
        new = [item for item in new if item in waiting[key(item)]] if any(waiting.values()) else []
    kept = Counter(value for item in new for value in data_of(item.text))
    for item in gone:
        lost = Counter(data_of(item.text)) - kept
        yield ItemChange(ChangeKind.LOST if lost else ChangeKind.WORDING, key_of(item), None, item)
    yield from (ItemChange(ChangeKind.ADDED, key_of(item), item, None) for item in new)


def _altered(now: Item, was: Item, person: str) -> Iterator[ItemChange]:
    data_now, data_was = data_of(now.text), data_of(was.text)
    if data_now == data_was:
        if now != was:
            yield ItemChange(ChangeKind.WORDING, key_of(was), now, was)
        return
    kind = ChangeKind.ALTERED
    others = {person_of(value) for value in data_now} - {person_of(value) for value in data_was} - {"", person}
    if others:
        kind = ChangeKind.OTHERS
    elif not data_was:
        kind = ChangeKind.WORDING if not data_now else ChangeKind.ADDED
    elif not data_now:
        kind = ChangeKind.LOST
    elif Counter(data_now) == Counter(data_was):
        kind = ChangeKind.REORDERED
    elif not Counter(data_was) - Counter(data_now):
        kind = ChangeKind.ADDED
    yield ItemChange(kind, key_of(was), now, was)


def _order_kind(item: Item) -> ChangeKind:
    """Rows and records have an order that means something; values without members may be a set."""
    if not data_of(item.text):
        return ChangeKind.ORDER
    is_set = item.key.endswith("[]") or item.key.startswith(("option", "request.headers.", "header "))
    return ChangeKind.ORDER if is_set else ChangeKind.REORDERED
