"""The time of one stage of the gate, as its verdict reports it; shared by the benchmarks of the behaviour stage."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

ENVIRONMENT = "preprod"
STAGE = "behaviour"


def behaviour_s(python: Path, root: Path, jobs: str = "auto") -> float:
    """Return the seconds of the behaviour stage, run in `root` with the gate that `python` has installed.

    Raises SystemExit if not all scenarios passed: their time could not be compared.
    """
    ended = subprocess.run([python, "-m", "gonogo.cli", "run", "--env", ENVIRONMENT, "--only", STAGE, "--jobs", jobs],
                           cwd=root, capture_output=True, text=True, check=False)
    stage = json.loads((root / "runs" / "latest" / "verdict.json").read_text(encoding="utf-8"))["stages"][STAGE]
    if ended.returncode != 0 or stage["passed"] != stage["planned"]:
        raise SystemExit(f"the suite did not pass, so its time cannot be compared:\n{ended.stdout}{ended.stderr}")
    return float(stage["duration_s"])
