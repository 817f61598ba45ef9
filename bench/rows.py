"""The cost of a scenario among many others: outlines of more and more rows, run by the gate and by plain behave.

    python bench/rows.py [--rows N …] [--most RATIO]

Each row has one step that does nothing, so that only the overhead of a scenario is measured. The cost of a row with the
last number of rows is divided by that with the first: if it does not depend on other rows, the ratio is 1. Exits with 1
if the ratio is above `--most`. Not part of any gate.
"""

from __future__ import annotations

import argparse
import http.server
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HOOKS = "from gonogo.suite import after_all, after_scenario, after_step, before_all, before_scenario\n"
STEPS = "from behave import given\n\n@given('row {number:d}')\ndef row(context, number):\n    pass\n"
SETTINGS = "[behave]\nrunner = gonogo.suite:Runner\npaths = features\n"


class _Answering(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def project(root: Path, rows: int, url: str) -> None:
    feature = ("Feature: Rows\n  @read-only\n  Scenario Outline: a row\n    Given row <number>\n"
               "    Examples:\n      | number |\n")
    files = {"features/rows.feature": feature + "".join(f"      | {number} |\n" for number in range(rows)),
             "steps/row_steps.py": STEPS, "environment.py": HOOKS, "behave.ini": SETTINGS,
             "environments.yml": f"environments:\n  preprod:\n    url: {url}\n    stages: [behaviour]\n"
                                 "    silent_scenarios: ignore\n"}
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def seconds(command: list[str], root: Path) -> float:
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", *command], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} did not end well:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[500, 1500, 5000])
    parser.add_argument("--most", type=float, default=1.5, help="the highest ratio that is good enough")
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
    cost_ms = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for rows in options.rows:
            with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as folder:
                project(Path(folder), rows, f"http://127.0.0.1:{server.server_port}")
                plain_s = seconds(["behave", "--runner", "behave.runner:Runner", "-D", "env=preprod", "-f", "null"],
                                  Path(folder))
                gate_s = seconds(["gonogo.cli", "run", "--env", "preprod"], Path(folder))
            cost_ms.append(gate_s / rows * 1000)
            sys.stdout.write(f"{rows:6} rows: plain behave with the hooks {plain_s:7.1f} s   gate {gate_s:7.1f} s   "
                             f"{cost_ms[-1]:6.2f} ms a row\n")
            sys.stdout.flush()
    ratio = cost_ms[-1] / cost_ms[0]
    sys.stdout.write(f"ratio  {ratio:.2f}  of the costs of a row (at most {options.most:.2f} is good)\n")
    return 0 if ratio <= options.most else 1


if __name__ == "__main__":
    sys.exit(main())
