"""The accuracy of gonogo's percentiles in an open loop, against wrk's at the same rate and the server's own.

    python bench/load/latency.py [--rounds N] [--seconds N] [--most SHARE]

The server delays each response by a time of a known distribution and reports how long it really was. wrk sends in a
closed loop; gonogo then sends at wrk's rate. Exits with 1 if the median difference of a percentile from wrk's is above
`--most`. Not part of any gate.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from generators import ours, server, times, wrk

PORT = 18762
DISTRIBUTION = ("20", "0.5")  # median in ms, sigma
CONNECTIONS = 10
PERCENTS = (50, 90, 99)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--most", type=float, default=0.05, help="how far a percentile may be from wrk's")
    options = parser.parse_args()
    off: dict[int, list[float]] = {percent: [] for percent in PERCENTS}
    with server(PORT, *DISTRIBUTION) as url:
        for number in range(1, options.rounds + 1):
            peer = wrk(url, CONNECTIONS, options.seconds)
            if peer is None:
                sys.stderr.write("wrk is not installed (Debian: apt-get install wrk)\n")
                return 2
            times(url)
            found = ours(url, "open", options.seconds, per_s=peer.requests / peer.seconds)
            true_ms = sorted(times(url))
            known = [true_ms[math.ceil(percent * len(true_ms) / 100) - 1] for percent in PERCENTS]
            sys.stdout.write(f"round {number}: {peer.requests / peer.seconds:.0f} requests a second\n")
            for percent, mine, theirs, truth in zip(PERCENTS, found.percentiles_ms, peer.percentiles_ms, known,
                                                    strict=True):
                off[percent].append(mine / theirs - 1)
                sys.stdout.write(f"  p{percent}: ours {mine:.2f} ms, wrk {theirs:.2f} ms ({mine / theirs - 1:+.1%}), "
                                 f"the server's own {truth:.2f} ms ({mine - truth:+.2f} ms)\n")
    medians = {percent: statistics.median(each) for percent, each in off.items()}
    sys.stdout.write("ours against wrk, medians: " + ", ".join(
        f"p{percent} {median:+.1%}" for percent, median in medians.items()) + f" ({options.most:.0%} is good enough)\n")
    return 0 if max(map(abs, medians.values())) <= options.most else 1


if __name__ == "__main__":
    sys.exit(main())
