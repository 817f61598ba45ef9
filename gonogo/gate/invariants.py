"""Observes in what the scenarios recorded whether the rules for every system hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from gonogo.config import RunPlan
from gonogo.invariants import Watched, observe
from gonogo.invariants.baseline import RulesBaseline
from gonogo.model.calls import Call
from gonogo.model.invariants import ConsoleMessage, InvariantEvidence
from gonogo.model.scenarios import Scenario
from gonogo.outside import Seen
from gonogo.records.console import CONSOLE_FILE, read_console
from gonogo.traffic.analysis import AnalysisContext


def invariants_of(seen: Seen, context: AnalysisContext, plan: RunPlan, *, run_folder: Path,
                  calls: Mapping[str, Sequence[Call]], baseline: RulesBaseline | None, same_images: bool,
                  ) -> tuple[InvariantEvidence, RulesBaseline]:
    """The faults of the run and its own baseline. `calls` are call trees by scenario."""
    console = _console(seen.scenarios, run_folder)
    watched = Watched(seen, context.endpoints, context.parties, plan.reach, console, calls, same_images)
    return observe(watched, baseline)


def _console(scenarios: Iterable[Scenario], run_folder: Path) -> dict[str, tuple[ConsoleMessage, ...]]:
    """By scenario key, of the last attempts."""
    return {scenario.key: read_console(run_folder / path) for scenario in scenarios
            for path in (scenario.attempts[-1].attachments if scenario.attempts else ())
            if path.endswith(f"/{CONSOLE_FILE}")}

