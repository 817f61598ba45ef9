"""OpenAPI documents: how much of each can be used, and what reading one again costs.

    python bench/documents.py FILE_OR_FOLDER … [--most RATIO]

Of a folder, all .json, .yml and .yaml files are read. For each document: used whole, in part (and what is not
checked), or refused (and why). Then each is read twice with an empty cache, as two runs of the gate do. Exits with 1 if
the second reading of the document that takes longest costs more than `--most` of its first. Not part of any gate.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from gonogo.core.errors import ConfigError
from gonogo.traffic.contract import Contracts
from gonogo.traffic.contract.cache import DocumentCache
from gonogo.traffic.contract.documents import load_document, part_lines

ENDINGS = (".json", ".yml", ".yaml")


def documents_in(places: list[Path]) -> Iterator[Path]:
    for place in places:
        yield from sorted(each for each in place.rglob("*") if each.suffix in ENDINGS) if place.is_dir() else [place]


def used(path: Path) -> tuple[str, list[str]]:
    """How much of a document is used, and what is not."""
    try:
        entry = load_document(str(path.resolve()), path.resolve().parent)
    except ConfigError as error:
        return "refused", [error.what]
    return ("in part", part_lines(entry.problems)) if entry.problems else ("whole", [])


def read_twice(path: Path) -> tuple[float, float]:
    """The seconds of two readings, up to a contract that exchanges can be checked against."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = (_seconds(path, DocumentCache(Path(folder))) for _time in range(2))
    return first, second


def _seconds(path: Path, cache: DocumentCache) -> float:
    began = time.perf_counter()
    Contracts.of({"api": load_document(str(path.resolve()), path.resolve().parent, cache).document})
    return time.perf_counter() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("places", type=Path, nargs="+", metavar="FILE_OR_FOLDER")
    parser.add_argument("--most", type=float, default=0.2, help="the highest ratio that is good enough")
    options = parser.parse_args()
    totals: Counter[str] = Counter()
    times: dict[Path, tuple[float, float]] = {}
    for path in documents_in(options.places):
        how, lines = used(path)
        totals[how] += 1
        sys.stdout.write("".join([f"{path}: {how}\n", *(f"    {line}\n" for line in lines)]))
        if how != "refused":
            times[path] = read_twice(path)
    sys.stdout.write(", ".join(f"{totals[how]} {how}" for how in ("whole", "in part", "refused")) + "\n")
    if not times:
        return 1
    longest, (first, second) = max(times.items(), key=lambda each: each[1][0])
    sys.stdout.write(f"{longest}: first {first:.2f} s, again {second:.2f} s, ratio {second / first:.2f}\n")
    return int(second / first > options.most)


if __name__ == "__main__":
    raise SystemExit(main())
