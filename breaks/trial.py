"""Try one break: whether the gate catches it and names its suspect."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any

from breaks.baseline import Baseline
from breaks.catalogue import Break
from breaks.workshop import Workshop, WorkshopError, verdict_of

RED = "UNIT TESTS RED"
FAILED = "NOT TRIED"
NOT_JUDGED = "NOT JUDGED"  # of a kept trial whose evidence is damaged
# One failing scenario stops a release; scenarios that run at the same time finish and add evidence for the suspect.
_ENOUGH_FAILURES = 1
_LAST_FIRST = ("probe", "load", "behaviour", "platform")
_LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one break; `--json` has all members except `problem` and `kept`."""

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
    kept: bool = False

    @property
    def is_judged(self) -> bool:
        """Whether there is a verdict; without one, a kept trial counts neither as caught nor as missed."""
        return self.verdict != NOT_JUDGED

    @property
    def line(self) -> str:
        if not self.is_judged:
            return f"{self.id:<40} {self.verdict:<14} {self.problem}"
        healthy = self.expected == "GO"
        caught = ("let through" if self.caught else "STOPPED") if healthy else ("caught" if self.caught else "MISSED")
        named = "" if healthy or not self.caught else ("named" if self.named else self._misnamed)
        note = f"  {self.problem}" if self.problem else "  (of an earlier run)" if self.kept else ""
        return f"{self.id:<40} {self.verdict:<14} {caught:<12} {named:<9} {self.seconds:5.1f} s{note}"

    @property
    def _misnamed(self) -> str:
        if not self.suspects:
            return f"MISNAMED (nobody, is {self.component} → {self.peer})"
        first = self.suspects[0]
        return f"MISNAMED ({first['component']} → {first['peer']}, is {self.component} → {self.peer})"

    def as_json(self) -> dict[str, object]:
        document = asdict(self)
        del document["problem"], document["kept"]
        return document


def try_break(entry: Break, workshop: Workshop, baseline: Baseline) -> Outcome:
    """Alter the system, build it, start it and run gate and unit tests; a failed trial is an outcome too."""
    start = time.monotonic()

    def outcome(verdict: str, **found: object) -> Outcome:
        return Outcome(entry.id, entry.component, entry.peer, entry.expect.verdict, verdict,
                       seconds=round(time.monotonic() - start, 1),
                       **{"caught": False, "named": False, **found})  # type: ignore[arg-type]

    try:
        workshop.prepare(entry.patch)
        shutil.copy(baseline.history, workshop.history)
        run = _gate(entry, workshop, baseline)
        if run is None:
            return outcome(RED, problem=f"see {workshop.folder / 'unit-tests.log'}")
        verdict = verdict_of(run)
    except (WorkshopError, OSError, ValueError) as error:
        return outcome(FAILED, problem=str(error))
    return judged_outcome(entry.id, entry.component, entry.peer, entry.expect.verdict, verdict, run=str(run),
                          seconds=time.monotonic() - start)


def judged_outcome(name: str, component: str, peer: str | None, expected: str, verdict: Mapping[str, Any], *,
                   run: str, seconds: float) -> Outcome:
    """What the document of a verdict says on the break `name`, whose unit tests have passed."""
    first = verdict["suspects"][0] if verdict["suspects"] else {}
    return Outcome(name, component, peer, expected, verdict["verdict"], caught=verdict["verdict"] == expected,
                   named=(first.get("component"), first.get("peer")) == (component, peer),
                   suspects=verdict["suspects"], unit_tests=True, seconds=round(seconds, 1), run=run)


def _gate(entry: Break, workshop: Workshop, baseline: Baseline) -> Path | None:
    """The run folder of the gate against a PreProd with the change, applied as `runs_as` of the break states.

    None if the component's own unit tests fail. They run once a scenario has failed, or once all scenarios
    and the load are over: until then the gate needs all cores, afterwards only one, to analyse what it recorded.
    """
    tries = _stages(entry)
    workshop.build()
    started = baseline.release if entry.runs_as == "edited" else workshop.release
    released = workshop.release if entry.runs_as == "released" else baseline.release
    last = next(stage for stage in _LAST_FIRST if not tries[0] or stage in tries[0])
    decided, gate_over = workshop.decision(last), Event()

    def unit_tests_pass() -> bool:
        while not decided() and not gate_over.wait(_LOOK_EVERY_S):
            pass
        return workshop.unit_tests_pass(entry.component)

    with ThreadPoolExecutor(1) as beside, workshop.preprod(started):
        unit_tests = beside.submit(unit_tests_pass)
        try:
            if entry.runs_as == "edited":
                workshop.edit_in_place(entry.component)
            for stages in tries:
                run = workshop.gate(released, stages, max_failures=_ENOUGH_FAILURES if stages else None)
                if verdict_of(run)["verdict"] != "PARTIAL":
                    break  # any other verdict is final: a break is not tried until the result suits
        finally:
            gate_over.set()
    return run if unit_tests.result() else None


def _stages(entry: Break) -> list[list[str]]:
    """The stages of each try, in order, until one finds the break.

    The first try has only the stage that the break needs, the second also those before it, as the break's author may
    be wrong. A healthy change has one try with the whole gate (an empty list), as only that can end in GO. If an image
    runs that was not released, only the platform stage notices it: such a break has only the second try.
    """
    if entry.expect.verdict == "GO":
        return [[]]
    needed: str = entry.expect.stage or "behaviour"
    all_of_them = list(dict.fromkeys(["platform", needed, "behaviour"]))
    return [[needed], all_of_them] if entry.runs_as == "released" else [all_of_them]


def keep(outcome: Outcome, folder: Path, key: str) -> None:
    """Store an outcome, so that an interrupted catalogue continues where it stopped; failed trials are not stored."""
    if outcome.verdict in ("GO", "PARTIAL", "NO-GO"):
        (folder / "outcome.json").write_text(json.dumps({"key": key, **outcome.as_json()}, indent=2), encoding="utf-8")


def kept(folder: Path, key: str) -> Outcome | None:
    """The outcome of an earlier run, or None if anything that it depends on has changed since."""
    with suppress(OSError, ValueError, TypeError):
        document = json.loads((folder / "outcome.json").read_text(encoding="utf-8"))
        if document.pop("key") == key:
            return replace(Outcome(**document), kept=True)
    return None
