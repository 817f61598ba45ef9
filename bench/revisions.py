"""The behaviour stage of the reference suite in this checkout, compared with another checkout's.

    python bench/revisions.py CHECKOUT [--rounds N] [--max RATIO]

CHECKOUT is a clone at an earlier revision, prepared by its own `make setup`. The gate of each runs its own suite
against its own PreProd, built once, in turn and each first in turn. Exits with 1 if the median ratio of the rounds is
above `--max`. Not part of any gate.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from stages import behaviour_s

HERE = Path(__file__).parents[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--max", type=float, default=1.05, help="the highest acceptable ratio")
    options = parser.parse_args()
    before = options.checkout.resolve()
    report = sys.stdout.write
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as folder:
        def stage_s(root: Path) -> float:
            name = "now" if root == HERE else "before"
            os.environ.update(TRAVEL_HOME=f"{folder}/travel-{name}",
                              GONOGO_HISTORY=f"sqlite:///{folder}/{name}.sqlite")
            return behaviour_s(root / ".venv" / "bin" / "python", root)

        for root, name in ((HERE, "now"), (before, "before")):
            subprocess.run([root / ".venv" / "bin" / "travel", "build"], cwd=root, check=True, capture_output=True,
                           env={**os.environ, "TRAVEL_HOME": f"{folder}/travel-{name}"})
        ratios = []
        for number in range(1, options.rounds + 1):
            order = (HERE, before) if number % 2 else (before, HERE)
            seconds = {root: stage_s(root) for root in order}
            ratios.append(seconds[HERE] / seconds[before])
            report(f"round {number}: now {seconds[HERE]:6.1f} s   before {seconds[before]:6.1f} s   "
                   f"ratio {ratios[-1]:.3f}\n")
            sys.stdout.flush()
    ratio = statistics.median(ratios)
    report(f"ratio   {ratio:.3f}  (median of {len(ratios)}; {min(ratios):.3f} to {max(ratios):.3f}; "
           f"at most {options.max:.2f} is acceptable)\n")
    return 0 if ratio <= options.max else 1


if __name__ == "__main__":
    sys.exit(main())
