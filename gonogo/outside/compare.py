"""How the items of a place differ from those of the baseline."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from gonogo.model.outside import ChangeKind
from gonogo.outside.observations import Item
from gonogo.outside.records import in_order_of
from gonogo.outside.sources import person_of
from gonogo.outside.texts import data_of, wording_of

# roles of what comes and goes by itself
_TRANSIENT = frozenset({"status", "alert", "timer", "progressbar", "log", "marquee"})
_MAX_ALIGNED = 1_500  # items; longer places are compared as sets, and by the first that stands elsewhere
_MAX_PAIRS = 100_000  # of equal items, all of which aligning tries


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


def changes(now: Sequence[Item], was: Sequence[Item], person: str, *, in_any_order: bool = False,
            ) -> Iterator[ItemChange]:
    """The differences, in the order of the place. `in_any_order`: its records are the same in any."""
    if in_any_order:
        now, others = in_order_of(was, now)
        yield from (ItemChange(ChangeKind.ORDER, item.key, item, item) for item in others)
    if tuple(now) == tuple(was):
        return
    blocks = _blocks(now, was)
    moved = (Counter(item for gone, _ in blocks for item in gone) & Counter(item for _, new in blocks for item in new))
    all_gone: list[Item] = []
    all_new: list[Item] = []
    for block_gone, block_new in blocks:
        pairs, gone, new = _paired(_without(block_gone, moved), _without(block_new, moved))
        for other, item in pairs:
            yield from _altered(other, item, person)
        all_gone += gone
        all_new += new
    yield from _unpaired(all_gone, all_new, person)
    yield from (ItemChange(_order_kind(item), item.key, item, item) for item in moved)


def _blocks(now: Sequence[Item], was: Sequence[Item]) -> list[tuple[list[Item], list[Item]]]:
    """What differs, aligned: items of the baseline and of now that stand at the same point."""
    start = _common(now, was)
    end = _common(now[start:][::-1], was[start:][::-1])
    now, was = now[start:len(now) - end], was[start:len(was) - end]
    count_now, count_was = Counter(now), Counter(was)
    pairs = sum(count * count_was[item] for item, count in count_now.items())
    if max(len(now), len(was)) > _MAX_ALIGNED or pairs > _MAX_PAIRS:
        both = count_now & count_was
        # of several equal ones it is not known which is gone or new
        placed = both if count_now == count_was else {
            item for item in both if count_now[item] == count_was[item] == 1}
        pairs_in_order = zip(*([item for item in each if item in placed] for each in (now, was)), strict=True)
        moved = next((item for item, other in pairs_in_order if item != other), None)
        return [(_without(was, both), _without(now, both)), *([([moved], [moved])] if moved else [])]
    matcher = SequenceMatcher(None, was, now, autojunk=False)
    return [(list(was[a:b]), list(now[c:d])) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]


def _common(one: Sequence[Item], other: Sequence[Item]) -> int:
    """How many items are equal at the start."""
    return next((at for at, (item, item_of_other) in enumerate(zip(one, other, strict=False)) if item != item_of_other),
                min(len(one), len(other)))


def _without(items: Sequence[Item], taken: Counter[Item]) -> list[Item]:
    rest, left = [], Counter(taken)
    for item in items:
        if left[item] > 0:
            left[item] -= 1
        else:
            rest.append(item)
    return rest


def _paired(gone: list[Item], new: list[Item]) -> tuple[list[tuple[Item, Item]], list[Item], list[Item]]:
    """Pairs of (now, was) by label, key and wording first, then by less; and what is left of both."""
    pairs: list[tuple[Item, Item]] = []
    for key in (key_of, lambda item: f"{item.key}|{wording_of(item.text)}", lambda item: item.key):
        waiting: dict[str, list[Item]] = defaultdict(list)
        for item in new:
            waiting[key(item)].append(item)
        rest = []
        for item in gone:
            if waiting[key(item)]:
                pairs.append((waiting[key(item)].pop(0), item))
            else:
                rest.append(item)
        gone = rest
        left = Counter(item for items in waiting.values() for item in items)
        new = [item for item in new if left[item] > 0 and not left.subtract([item])]
    return pairs, gone, new


def _unpaired(gone: list[Item], new: list[Item], person: str) -> Iterator[ItemChange]:
    """What has no counterpart at its point of the place: one elsewhere with the same key and wording, or none."""
    waiting: dict[str, list[Item]] = defaultdict(list)
    for item in new:
        waiting[key_of(item)].append(item)
    kept = Counter(value for item in new for value in data_of(item.text))
    for item in gone:
        if waiting[key_of(item)]:
            yield from _altered(waiting[key_of(item)].pop(0), item, person)
        else:
            lost = Counter(data_of(item.text)) - kept
            yield ItemChange(ChangeKind.LOST if lost and item.key not in _TRANSIENT else ChangeKind.WORDING,
                             key_of(item), None, item)
    yield from (ItemChange(ChangeKind.ADDED, key_of(item), item, None) for items in waiting.values() for item in items)


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
