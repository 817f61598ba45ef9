"""Runs of the unaltered reference system: what the gate finds where nothing has changed.

    python bench/unaltered.py [--runs N] [--learn N] [-- ARGUMENTS OF gonogo run]

In a project and with a history of its own, the gate runs `--learn` times first, for a baseline, and then so many times
more; each run starts a PreProd from the same images. Prints a line for each run: its verdict, its seconds, the findings
that stopped it and the numbers of warnings by rule. Exits with 1 if one of these was stopped. Not part of any gate.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from evidence import project
from stages import ENVIRONMENT

_STOPPING = ("NO-GO", "INCONCLUSIVE")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--learn", type=int, default=3)
    parser.add_argument("arguments", nargs="*", help="of gonogo run, such as: -- --only platform behaviour")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as folder:
        os.environ.update(TRAVEL_HOME=f"{folder}/travel", GONOGO_HISTORY=f"sqlite:///{folder}/history.sqlite")
        root = project(Path(folder, "project"), evidence=True)
        subprocess.run([sys.executable, "-m", "travel.cli", "build"], cwd=root, check=True, capture_output=True)
        first = _run(root, "--learn", str(options.learn))
        _say(f"baseline: {first}")
        stopped = 0
        for number in range(1, options.runs + 1):
            line = _run(root, *options.arguments)
            stopped += line.startswith(_STOPPING)
            _say(f"{number:>3}/{options.runs}  {line}")
    _say(f"{stopped} of {options.runs} runs were stopped")
    return 1 if stopped else 0


def _run(root: Path, *arguments: str) -> str:
    """The verdict of a run and what it found, in a line. Raises SystemExit if there is no verdict."""
    began = time.monotonic()
    ended = subprocess.run([sys.executable, "-m", "gonogo.cli", "run", "--env", ENVIRONMENT, *arguments], cwd=root,
                           capture_output=True, text=True, check=False)
    if ended.returncode not in (0, 1, 3):
        raise SystemExit(ended.stderr)
    verdict = json.loads((root / "runs" / "latest" / "verdict.json").read_text(encoding="utf-8"))
    reasons = verdict["reasons"]
    warnings = Counter(reason["rule"] for reason in reasons if reason["severity"] == "warn")
    against = [f"{reason['stage']}: {reason['title']}" for reason in reasons if reason["severity"] != "warn"]
    told = [*against, *(f"{number} × {rule}" for rule, number in sorted(warnings.items()))]
    return f"{verdict['verdict']}  {time.monotonic() - began:.0f} s  {'; '.join(told) or 'no finding'}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
