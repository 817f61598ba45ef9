"""behave's own features, run by gonogo's runner or by behave's.

    python bench/behave_selftest.py FOLDER [--runner stock] [--only NAME …] [--min N]

FOLDER is the unpacked source distribution of the behave that is installed (`pip download --no-binary behave --no-deps
behave==VERSION`), with the packages of its py.requirements/testing.txt importable. It is copied, not changed. The
behave commands that its scenarios start are run by behave's own runner. Prints the scenarios that did not pass, by
feature. Exits with 1 if fewer than `--min` passed. Not part of any gate.
"""

from __future__ import annotations

import argparse
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from pathlib import Path

from gonogo.records.messages import read_messages

FOLDERS = ("features", "issue.features")
RUNNERS = {"gonogo": "gonogo.suite:Runner", "stock": "behave.runner:Runner"}
ENVIRONMENTS = """\
environments:
  self:
    url: {url}
    permits: {{writes: true}}
    silent_scenarios: ignore
    budgets: {{scenario_s: 300, behaviour_s: 7200}}
"""


class _Answering(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


Ends = dict[str, list[tuple[str, str]]]  # feature → (scenario, status)


def recorded(record: Path) -> Ends:
    """What gonogo recorded."""
    found: Ends = defaultdict(list)
    for scenario in read_messages(record).scenarios:
        found[scenario.uri].append((scenario.name, str(scenario.attempts[-1].status) if scenario.attempts else "lost"))
    return found


def reported(report: Path) -> Ends:
    """What behave's json formatter wrote. The last scenario before a rule has no status there, but its steps have."""
    found: Ends = defaultdict(list)
    for feature in json.loads(report.read_text(encoding="utf-8")):
        for element in feature.get("elements", ()):
            steps = [step["result"]["status"] if "result" in step else "skipped" for step in element["steps"]]
            status = element.get("status") or next((status for status in steps if status != "passed"), "passed")
            if element["type"] == "scenario":
                found[feature["location"].rpartition(":")[0]].append((element["name"], status))
    return found


def run(folder: Path, part: str, runner: str, only: list[str]) -> Ends:
    report, run_folder = folder / f"{part}.json", folder / f"run-{part}"
    paths = [f"{part}/{name}" for name in only if (folder / part / name).exists()] if only else [part]
    if not paths:
        return {}
    done = subprocess.run(
        [sys.executable, "-m", "behave", "-r", RUNNERS[runner], "-D", "env=self", "--no-junit", "-f", "json",
         "-o", str(report), *paths], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "GONOGO_RUN_DIR": str(run_folder)})
    record = run_folder / "behaviour" / "messages.ndjson"
    if not (record if runner == "gonogo" else report).exists():
        raise SystemExit(f"{part} was not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return recorded(record) if runner == "gonogo" else reported(report)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runner", choices=RUNNERS, default="gonogo")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="such as fixture.feature")
    parser.add_argument("--min", type=int, default=0, help="how many scenarios have to pass")
    options = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="gonogo-selftest-") as name:
        folder = Path(name) / "behave"
        shutil.copytree(options.folder, folder)
        (folder / "environments.yml").write_text(
            ENVIRONMENTS.format(url=f"http://127.0.0.1:{server.server_port}"), encoding="utf-8")
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH", ""))))
        found = {feature: ends for part in FOLDERS
                 for feature, ends in run(folder, part, options.runner, options.only).items()}
    total = Counter(status for ends in found.values() for _, status in ends)
    for feature, ends in found.items():
        wrong = [f"{name}: {status}" for name, status in ends if status not in ("passed", "skipped")]
        if wrong:
            sys.stdout.write("\n    ".join([f"{feature}: {len(ends) - len(wrong)} of {len(ends)}", *wrong]) + "\n")
    sys.stdout.write(", ".join(f"{count} {status}" for status, count in total.most_common()) + "\n")
    return int(total["passed"] < options.min)


if __name__ == "__main__":
    sys.exit(main())
