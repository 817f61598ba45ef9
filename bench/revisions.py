"""The behaviour stage of the reference suite in this checkout, compared with another checkout's.

    python bench/revisions.py CHECKOUT [--rounds N] [--max RATIO]

CHECKOUT is a clone at an earlier revision, prepared by its own `make setup`. The gate of each checkout runs its own
suite, in turn, against a PreProd that it starts itself from images built once. Exits with 1 if the median ratio of the
rounds is above `--max`. Not part of any gate.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from stages import behaviour_s, compare

HERE = Path(__file__).parents[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--max", type=float, default=1.05, help="the highest acceptable ratio")
    options = parser.parse_args()
    checkouts = {"now": HERE, "before": options.checkout.resolve()}
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as folder:
        def use(name: str) -> Path:
            """Give the checkout its own system and history; return the folder of its commands."""
            os.environ.update(TRAVEL_HOME=f"{folder}/travel-{name}", GONOGO_HISTORY=f"sqlite:///{folder}/{name}.sqlite")
            return checkouts[name] / ".venv" / "bin"

        for name, root in checkouts.items():
            subprocess.run([use(name) / "travel", "build"], cwd=root, check=True, capture_output=True)
        return compare("now", "before", lambda name: behaviour_s(use(name) / "python", checkouts[name]),
                       rounds=options.rounds, max_ratio=options.max)


if __name__ == "__main__":
    sys.exit(main())
