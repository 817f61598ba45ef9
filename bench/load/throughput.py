"""The cost of gonogo's recorder: its requests a second on one core over those of stock FastHttpUser.

    python bench/load/throughput.py [--rounds N] [--seconds N] [--least RATIO]

All generators call the same server in turn; each round gives a ratio, and the median counts. The rate is that of the
answered requests of a generator with a core of its own. Exits with 1 if the ratio is below `--least`. For comparison,
wrk and hey are measured too if they are installed (Debian: `apt-get install wrk hey`). Not part of any gate.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from generators import hey, ours, server, stock, wrk

PORT = 18761
USERS = 40


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--least", type=float, default=0.95, help="the lowest ratio that is good enough")
    options = parser.parse_args()
    ratios = []
    with server(PORT) as url:
        for number in range(1, options.rounds + 1):
            plain, recorded = stock(url, USERS, options.seconds), ours(url, "closed", options.seconds, users=USERS)
            ratios.append((recorded.requests / recorded.seconds) / (plain.requests / plain.seconds))
            others = [(name, found) for name, found in (("wrk", wrk(url, USERS, options.seconds)),
                                                        ("hey", hey(url, USERS, options.seconds))) if found]
            told = [f"{name} {found.requests / found.seconds:.0f}/s"
                    for name, found in (("stock", plain), ("ours", recorded), *others)]
            sys.stdout.write(f"round {number}: {', '.join(told)}; ours over stock {ratios[-1]:.3f}\n")
    median = statistics.median(ratios)
    sys.stdout.write(f"ours over stock: {median:.3f} (median of {len(ratios)}; {options.least:g} is good enough)\n")
    return 0 if median >= options.least else 1


if __name__ == "__main__":
    sys.exit(main())
