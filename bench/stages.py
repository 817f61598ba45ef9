"""Compares the duration of the behaviour stage between two projects; shared by the benchmarks of that stage."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ENVIRONMENT = "preprod"
STAGE = "behaviour"


def behaviour_s(python: Path, root: Path, jobs: str = "auto") -> float:
    """Return the seconds of the behaviour stage, run in `root` with the gate that `python` has installed.

    Raises SystemExit if not all scenarios passed: their time could not be compared.
    """
    ended = subprocess.run([python, "-m", "gonogo.cli", "run", "--env", ENVIRONMENT, "--only", STAGE, "--jobs", jobs],
                           cwd=root, capture_output=True, text=True, check=False)
    problem = f"the suite did not pass, so its time cannot be compared:\n{ended.stdout}{ended.stderr}"
    if ended.returncode != 0:
        raise SystemExit(problem)
    stage = json.loads((root / "runs" / "latest" / "verdict.json").read_text(encoding="utf-8"))["stages"][STAGE]
    if stage["passed"] != stage["planned"]:
        raise SystemExit(problem)
    return float(stage["duration_s"])


def compare(measured: str, reference: str, seconds_of: Callable[[str], float], *, rounds: int, max_ratio: float) -> int:
    """Print the ratio of the two in each round, and the median; return exit code 1 if the median is above `max_ratio`.

    `seconds_of` measures one of the two by its name.
    """
    ratios = []
    for number in range(1, rounds + 1):
        # they take turns going first, so that a machine that slows down favours neither
        order = (measured, reference) if number % 2 else (reference, measured)
        seconds = {name: seconds_of(name) for name in order}
        ratios.append(seconds[measured] / seconds[reference])
        sys.stdout.write(f"round {number}: {measured} {seconds[measured]:6.1f} s   "
                         f"{reference} {seconds[reference]:6.1f} s   ratio {ratios[-1]:.3f}\n")
        sys.stdout.flush()
    ratio = statistics.median(ratios)
    sys.stdout.write(f"ratio   {ratio:.3f}  (median of {len(ratios)}; {min(ratios):.3f} to {max(ratios):.3f}; "
                     f"at most {max_ratio:.2f} is good)\n")
    return 0 if ratio <= max_ratio else 1
