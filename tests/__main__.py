"""Runs the tests: `python -m tests [ARGUMENTS]`; with arguments, pytest runs once with these.

Most tests run in parallel. Those marked `alone` follow one by one: they measure time, put on load, or use fixed ports.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

_MAX_WORKERS = 4
_OUTCOMES = {"failures": "failed", "errors": "errors", "skipped": "skipped"}


def main(arguments: list[str]) -> int:
    """Return pytest's exit code, of both parts the first that is not 0. The last line has the totals."""
    if arguments:
        return _pytest(arguments)
    began = time.monotonic()
    workers = min((os.cpu_count() or 1) + 1, _MAX_WORKERS)  # many tests wait for other processes
    with tempfile.TemporaryDirectory() as folder:
        reports = [Path(folder) / "parallel.xml", Path(folder) / "alone.xml"]
        codes = [_pytest(["-m", "not alone", "-n", str(workers), "--dist", "loadfile", "--max-worker-restart=0",
                         f"--junitxml={reports[0]}"]),
                 _pytest(["-m", "alone", f"--junitxml={reports[1]}"])]
        totals = Counter[str]()
        for report in reports:
            totals += _totals(report)
    seconds = time.monotonic() - began
    parts = [f"{totals[name]} {name}" for name in ("failed", "errors", "passed", "skipped") if totals[name]]
    sys.stdout.write(f"{', '.join(parts) or 'no tests ran'} in {seconds:.0f} s ({seconds / 60:.0f} min)\n")
    return next((code for code in codes if code), 0)


def _pytest(arguments: list[str]) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], check=False).returncode


def _totals(report: Path) -> Counter[str]:
    """The numbers of a JUnit file; none if pytest was ended before it wrote one."""
    totals = Counter[str]()
    if report.exists():
        for suite in ElementTree.parse(report).iter("testsuite"):
            counts = {name: int(suite.get(key, 0)) for key, name in _OUTCOMES.items()}
            totals.update(counts, passed=int(suite.get("tests", 0)) - sum(counts.values()))
    return totals


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
