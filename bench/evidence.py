"""The cost of the evidence: the duration of the reference suite's behaviour stage with all evidence, over none.

    python bench/evidence.py [--rounds N] [--jobs N|auto] [--most RATIO]

On is environments.yml as it is: exchanges of every scenario, a trace context on each request, gonogo's own spans, all
components exporting to the gate's receiver. Off is the same without `traces` and with
`evidence: {exchanges: failures, trace_context: false}`. The gate runs with each of them in turn, against a PreProd
that it starts itself from images built once. The durations of the stage in the two verdicts are compared. Exits with 1
if the median ratio of the rounds is above `--most`. Not part of any gate.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from stages import ENVIRONMENT, behaviour_s

REPOSITORY = Path(__file__).parents[1]
SUITE = ("behave.ini", "environment.py", "features", "load", "steps", "travel")


def project(root: Path, *, evidence: bool) -> Path:
    """A project with the suite of this repository, and an environments.yml with or without evidence."""
    root.mkdir()
    for name in SUITE:
        (root / name).symlink_to(REPOSITORY / name)
    document = yaml.safe_load((REPOSITORY / "environments.yml").read_text(encoding="utf-8"))
    if not evidence:
        document["environments"][ENVIRONMENT].pop("traces", None)
        document["environments"][ENVIRONMENT]["evidence"] = {"exchanges": "failures", "trace_context": False}
    (root / "environments.yml").write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return root


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", default="auto")
    parser.add_argument("--most", type=float, default=1.10, help="the highest ratio that is good enough")
    options = parser.parse_args()
    report = sys.stdout.write
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as folder:
        os.environ.update(TRAVEL_HOME=f"{folder}/travel", GONOGO_HISTORY=f"sqlite:///{folder}/history.sqlite",
                          PYTHONPATH=str(REPOSITORY))
        on, off = project(Path(folder, "on"), evidence=True), project(Path(folder, "off"), evidence=False)
        for root in (on, off):
            subprocess.run([sys.executable, "-m", "travel.cli", "build"], cwd=root, check=True, capture_output=True)
        ratios = []
        for number in range(1, options.rounds + 1):
            # they take turns going first, so that a machine that slows down favours neither
            order = (on, off) if number % 2 else (off, on)
            seconds = {root.name: behaviour_s(Path(sys.executable), root, options.jobs) for root in order}
            ratios.append(seconds["on"] / seconds["off"])
            report(f"round {number}: on {seconds['on']:6.1f} s   off {seconds['off']:6.1f} s   "
                   f"ratio {ratios[-1]:.3f}\n")
            sys.stdout.flush()
    ratio = statistics.median(ratios)
    report(f"ratio   {ratio:.3f}  (median of {len(ratios)}; {min(ratios):.3f} to {max(ratios):.3f}; "
           f"at most {options.most:.2f} is good)\n")
    return 0 if ratio <= options.most else 1


if __name__ == "__main__":
    sys.exit(main())
