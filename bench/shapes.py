"""The cost of learning the shape of exchanges, over encoding the same bodies with Python's own JSON encoder.

    python bench/shapes.py [--rounds N] [--exchanges N]

The exchanges have 2 KB of JSON and belong to one endpoint; both are done in turn, and processor time is compared. The
yardstick is `json.dumps` with an indent, because it runs in Python instead of C and visits each value once, as learning
must. Not part of any gate.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
import uuid
from collections.abc import Callable

from gonogo.model.exchange import Body, Exchange, Message
from gonogo.traffic.shapes import Shapes

HEADERS = (("Content-Type", "application/json"),)


def body(number: int) -> dict[str, object]:
    """A booking of 15 passengers."""
    return {"id": str(uuid.UUID(int=number * 10**30)), "at": f"2026-11-{number % 28 + 1:02d}T10:00:00Z",
            "passengers": [{"given_name": f"Ana{number}", "family_name": "Lopez", "seat": f"{number % 40}A",
                            "born": "1990-01-01", "price": number * 1.5,
                            "document": str(100_000_000_000 + (number + place) * 7_919)} for place in range(15)]}


def exchange(sent: dict[str, object]) -> Exchange:
    text = json.dumps(sent)
    return Exchange("POST", "http://b/bookings", 200, request=Message(HEADERS, Body("application/json", 2, "{}")),
                    response=Message(HEADERS, Body("application/json", len(text), text)),
                    caller="gateway", callee="bookings", scenario="")


def taken(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def learn(exchanges: list[Exchange]) -> None:
    shapes = Shapes()
    for each in exchanges:
        shapes.learn(each)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--exchanges", type=int, default=1000)
    options = parser.parse_args()
    bodies = [body(number) for number in range(options.exchanges)]
    exchanges = [exchange(each) for each in bodies]
    ratios = []
    for number in range(options.rounds):
        learning = taken(lambda: learn(exchanges))
        writing = taken(lambda: [json.dumps(each, indent=1) for each in bodies])
        ratios.append(learning / writing)
        sys.stdout.write(f"round {number + 1}: {learning / options.exchanges * 1e3:.2f} ms an exchange over "
                         f"{writing / options.exchanges * 1e3:.2f} ms, {ratios[-1]:.2f} times\n")
    sys.stdout.write(f"median {statistics.median(ratios):.2f} times\n")


if __name__ == "__main__":
    main()
