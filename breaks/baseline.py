"""The GO of the unaltered system, which every trial is compared with; and what an outcome depends on."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from breaks.catalogue import Break
from breaks.workshop import ROOT, Bench, Workshop, WorkshopError

# What the gate is made of and what it is run with: an outcome holds as long as none of it changes.
_GATE = ("gonogo", "features", "steps", "load", "environments.yml", "environment.py", "behave.ini", "breaks/*.py",
         "requirements.lock")
_SOURCES = (".py", ".feature", ".yml", ".ini", ".lock", ".js", ".j2")


@dataclass(frozen=True, slots=True)
class Baseline:
    """`history` is the database after its GO, `release` what ran, `digest` stands for all that it was made with."""

    history: Path
    release: Path
    digest: str

    def key(self, entry: Break) -> str:
        """What the outcome of `entry` depends on, as one digest."""
        return _digest(self.digest, *(path.read_bytes() for path in sorted(entry.folder.iterdir()) if path.is_file()))


def baseline_in(work: Path, bench: Bench) -> Baseline:
    """The GO that is kept in `work`, made anew where anything that it depends on has changed."""
    workshop = Workshop(work / "baseline", bench)
    history, release, kept = work / "baseline.sqlite", work / "baseline.release.yml", work / "baseline.digest"
    digest = _digest(*(path.read_bytes() for path in _sources()))
    if all(path.exists() for path in (history, release, kept)) and kept.read_text(encoding="utf-8") == digest:
        return Baseline(history, release, digest)
    print("first the unaltered system, for comparison …", file=sys.stderr, flush=True)  # noqa: T201
    verdict, run = _whole_gate(workshop)
    if verdict != "GO":
        raise WorkshopError(f"The unaltered system ends in {verdict}: nothing can be compared with it.\n"
                            f"  at {run}\n  mend: bring `make gate` to GO first.")
    workshop.promote(run)
    shutil.copy(workshop.history, history)
    shutil.copy(workshop.release, release)
    kept.write_text(digest, encoding="utf-8")
    return Baseline(history, release, digest)


def _whole_gate(workshop: Workshop) -> tuple[str, Path]:
    workshop.prepare(None)
    workshop.build()
    with workshop.preprod(workshop.release):
        run = workshop.gate(workshop.release, [])
    return json.loads((run / "verdict.json").read_text(encoding="utf-8"))["verdict"], run


def _sources() -> list[Path]:
    found = [path for pattern in _GATE for each in ROOT.glob(pattern)
             for path in ([each] if each.is_file() else each.rglob("*"))]
    found += (ROOT / "travel").rglob("*")
    return sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts
                  and path.suffix in (*_SOURCES, ".html", ".css", ".sql", ".txt"))


def _digest(*parts: bytes | str) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part.encode() if isinstance(part, str) else part).digest())
    return digest.hexdigest()
