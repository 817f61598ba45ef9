"""Writes calls.txt, the call tree of a scenario, next to its exchanges and attaches it. `call_tree` renders it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath

from gonogo.model.calls import WireEvidence
from gonogo.model.scenarios import Scenario, ScenarioEvidence
from gonogo.records.run_folder import write_whole
from gonogo.report.call_tree import render_calls
from gonogo.secrets.masking import Masker

CALLS_FILE = "calls.txt"


def with_calls(evidence: ScenarioEvidence, wire: WireEvidence, run_folder: Path, masker: Masker) -> ScenarioEvidence:
    """`evidence` with a calls.txt attached to the last attempt of every scenario that made calls."""
    return replace(evidence, scenarios=tuple(_with_calls(scenario, wire, run_folder, masker)
                                           for scenario in evidence.scenarios))


def _with_calls(scenario: Scenario, wire: WireEvidence, run_folder: Path, masker: Masker) -> Scenario:
    calls = wire.calls.get(scenario.key)
    last = scenario.attempts[-1] if scenario.attempts else None
    exchanges = next((path for path in last.attachments if path.endswith(".har")), None) if last else None
    if not calls or last is None or exchanges is None:
        return scenario
    path = PurePosixPath(exchanges).with_name(CALLS_FILE).as_posix()
    write_whole(run_folder / path, render_calls(calls, wire.hops.get(scenario.key, ())), masker)
    return replace(scenario, attempts=(*scenario.attempts[:-1], replace(last, attachments=(*last.attachments, path))))
