"""One break tried: was it caught, and was it named?"""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from breaks.catalogue import Break
from breaks.workshop import Workshop, WorkshopError

RED = "UNIT TESTS RED"
FAILED = "NOT TRIED"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one break; the members are those of `--json`."""

    id: str
    component: str
    peer: str | None
    expected: str
    verdict: str
    caught: bool
    named: bool
    suspects: list[dict[str, str]] = field(default_factory=list)
    unit_tests: bool = False
    seconds: float = 0.0
    run: str = ""
    problem: str = ""

    @property
    def line(self) -> str:
        healthy = self.expected == "GO"
        caught = ("let through" if self.caught else "STOPPED") if healthy else ("caught" if self.caught else "MISSED")
        named = "" if healthy or not self.caught else ("named" if self.named else "MISNAMED")
        problem = f"  {self.problem}" if self.problem else ""
        return f"{self.id:<40} {self.verdict:<14} {caught:<12} {named:<9} {self.seconds:5.1f} s{problem}"

    def as_json(self) -> dict[str, object]:
        document = asdict(self)
        del document["problem"]
        return document


def try_break(entry: Break, workshop: Workshop, baseline_history: Path) -> Outcome:
    """Build, test, start, gate. A healthy change goes through the whole gate: only that can end in GO."""
    start = time.monotonic()

    def outcome(verdict: str, **found: object) -> Outcome:
        return Outcome(entry.id, entry.component, entry.peer, entry.expect.verdict, verdict,
                       seconds=round(time.monotonic() - start, 1),
                       **{"caught": False, "named": False, **found})  # type: ignore[arg-type]

    try:
        workshop.prepare(entry.patch)
        if not workshop.unit_tests_pass(entry.component):
            return outcome(RED, problem=f"see {workshop.folder / 'unit-tests.log'}")
        shutil.copy(baseline_history, workshop.folder / "history.sqlite")
        workshop.build()
        with workshop.preprod():
            run = workshop.gate(_stages(entry))
        verdict = json.loads((run / "verdict.json").read_text(encoding="utf-8"))
    except (WorkshopError, OSError, ValueError) as error:
        return outcome(FAILED, problem=str(error))
    first = verdict["suspects"][0] if verdict["suspects"] else {}
    return outcome(verdict["verdict"], caught=verdict["verdict"] == entry.expect.verdict, unit_tests=True,
                   named=(first.get("component"), first.get("peer")) == (entry.component, entry.peer),
                   suspects=verdict["suspects"], run=str(run))


def _stages(entry: Break) -> list[str]:
    if entry.expect.verdict == "GO":
        return []
    return list(dict.fromkeys(["platform", entry.expect.stage or "behaviour"]))
