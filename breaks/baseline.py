"""The GO of the unaltered system, with which every trial is compared, and what an outcome depends on."""

from __future__ import annotations

import hashlib
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from breaks.catalogue import Break
from breaks.workshop import ROOT, Bench, Workshop, WorkshopError, verdict_of
from gonogo.model.findings import Severity

# The sources of the gate and of its suite: an outcome is valid as long as none of them changes.
_GATE = ("gonogo", "features", "steps", "load", "environments.yml", "environment.py", "behave.ini", "breaks/*.py",
         "requirements.lock")
LEARN = 3  # runs of the scenarios, which show what varies, and how often a partner is called
_TRIES = 3  # of the unaltered system: a shared machine may be slow for a while
_SOURCES = (".py", ".feature", ".yml", ".ini", ".lock", ".js", ".j2")


@dataclass(frozen=True, slots=True)
class Baseline:
    """`history` is the database after the GO, `release` the release file of that run, `digest` covers all sources.

    `runs` is the folder of that run's folder.
    """

    history: Path
    release: Path
    digest: str
    runs: Path

    def key(self, entry: Break) -> str:
        """The digest of everything that the outcome of `entry` depends on."""
        return _digest(self.digest, *(path.read_bytes() for path in sorted(entry.folder.iterdir()) if path.is_file()))


def baseline_in(work: Path, bench: Bench, learn: int = LEARN) -> Baseline:
    """The GO kept in `work`, of `learn` runs; it is made again if anything that it depends on has changed."""
    workshop = Workshop(work / "baseline", bench)
    history, release, kept = work / "baseline.sqlite", work / "baseline.release.yml", work / "baseline.digest"
    digest = _digest(str(learn), *(path.read_bytes() for path in _sources()))
    if all(path.exists() for path in (history, release, kept)) and kept.read_text(encoding="utf-8") == digest:
        return Baseline(history, release, digest, workshop.folder / "runs")
    _say("first the unaltered system, for comparison …")
    workshop.promote(unaltered_go(workshop, learn))
    shutil.copy(workshop.history, history)
    shutil.copy(workshop.release, release)
    kept.write_text(digest, encoding="utf-8")
    return Baseline(history, release, digest, workshop.folder / "runs")


def unaltered_go(workshop: Workshop, learn: int = LEARN) -> Path:
    """The run folder of the unaltered system's GO. Raises WorkshopError, with the reasons, if it does not reach GO."""
    left = _TRIES
    while True:
        left -= 1
        run = _whole_gate(workshop, learn)
        verdict = verdict_of(run)
        if verdict["verdict"] == "GO":
            return run
        against = [reason for reason in verdict["reasons"] if reason["severity"] != Severity.WARN]
        why = "".join(f"  {reason['stage']}: {reason['title']}\n" for reason in against)
        if not left or {reason["stage"] for reason in against} != {"load"}:
            raise WorkshopError(f"The unaltered system ends in {verdict['verdict']}: nothing can be compared with it.\n"
                                f"{why}  at {run}\n  fix: bring `make gate` to GO first.")
        _say(f"{why}this machine does not bear now what it bears on other days; once more …")


def _whole_gate(workshop: Workshop, learn: int) -> Path:
    workshop.prepare(None)
    workshop.build()
    # No PreProd is up: the gate starts one for each run, so that none has the data of another, as in a trial.
    return workshop.gate(workshop.release, [], learn=learn)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201


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
