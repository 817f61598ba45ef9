"""The cost of the evidence: the duration of the reference suite's behaviour stage with all evidence, over none.

    python bench/evidence.py [--rounds N] [--jobs N|auto] [--most RATIO]

On is environments.yml as it is: exchanges of every scenario, what people see, a trace context on each request, gonogo's
own spans, all components exporting to the gate's receiver, a tap at the third parties, logs. Off is the same without
`traces`, `logs`, tap and rules that need them, and with
`evidence: {exchanges: failures, outside: false, trace_context: false}`. The gate runs with each of them in turn,
against a PreProd that it starts itself from images built once. The durations of the stage in the two verdicts are
compared. Exits with 1 if the median ratio of the rounds is above `--most`. Not part of any gate.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from stages import ENVIRONMENT, behaviour_s, compare

REPOSITORY = Path(__file__).parents[1]
SUITE = ("behave.ini", "environment.py", "features", "load", "steps", "travel")


def project(root: Path, *, evidence: bool) -> Path:
    """A project with the suite of this repository, and an environments.yml with or without evidence."""
    root.mkdir()
    for name in SUITE:
        (root / name).symlink_to(REPOSITORY / name)
    document = yaml.safe_load((REPOSITORY / "environments.yml").read_text(encoding="utf-8"))
    if not evidence:
        settings = document["environments"][ENVIRONMENT]
        settings = {name: value for name, value in settings.items()
                    if name not in ("traces", "logs", "wire", "outside", "rules")}
        settings["evidence"] = {"exchanges": "failures", "outside": False, "trace_context": False}
        settings["provision"]["up"] += " --no-tap"
        document["environments"][ENVIRONMENT] = settings
    (root / "environments.yml").write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return root


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", default="auto")
    parser.add_argument("--most", type=float, default=1.15, help="the highest ratio that is good enough")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as folder:
        os.environ.update(TRAVEL_HOME=f"{folder}/travel", GONOGO_HISTORY=f"sqlite:///{folder}/history.sqlite",
                          PYTHONPATH=str(REPOSITORY))
        projects = {name: project(Path(folder, name), evidence=name == "on") for name in ("on", "off")}
        for root in projects.values():
            subprocess.run([sys.executable, "-m", "travel.cli", "build"], cwd=root, check=True, capture_output=True)
        return compare("on", "off", lambda name: behaviour_s(Path(sys.executable), projects[name], options.jobs),
                       rounds=options.rounds, max_ratio=options.most)


if __name__ == "__main__":
    sys.exit(main())
