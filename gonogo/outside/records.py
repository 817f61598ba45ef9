"""The records of lists in an understood document, for those who take them in any order."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from gonogo.outside.observations import Item

_Record = tuple[Item, ...]


def in_order_of(was: Sequence[Item], now: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """`now` with each list of records as in `was`, if it has the same ones; and the first item of each that was not."""
    lists: dict[str, list[list[_Record]]] = defaultdict(list)
    for path, items in _parts(was):
        lists[path].append(_records(items))
    arranged: list[Item] = []
    others: list[Item] = []
    seen: Counter[str] = Counter()
    for path, items in _parts(now):
        records = _records(items)
        before = lists[path][seen[path]] if path and seen[path] < len(lists[path]) else records
        seen[path] += 1
        if records != before and Counter(records) == Counter(before):
            others.append(items[0])
            records = before
        arranged += itertools.chain.from_iterable(records)
    return arranged, others


def _parts(items: Iterable[Item]) -> Iterator[tuple[str, list[Item]]]:
    """Items that follow each other, by the path of their list of records: `passengers[]`, "" without one."""
    for path, part in itertools.groupby(items, lambda item: item.key.partition("[].")[0] if "[]." in item.key else ""):
        yield path, list(part)


def _records(items: Iterable[Item]) -> list[_Record]:
    """Members of a record stand in alphabetical order: one before the last begins the next record."""
    records: list[list[Item]] = []
    last = ""
    for item in items:
        if not records or item.key < last or (item.key == last and not item.key.endswith("[]")):
            records.append([])
        records[-1].append(item)
        last = item.key
    return [tuple(record) for record in records]
