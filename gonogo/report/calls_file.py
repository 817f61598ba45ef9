"""Writes calls.txt, the call tree of a scenario, next to its exchanges and attaches it. `call_tree` renders it.

A run that is judged again has the files, which are only attached.
"""

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
    for scenario in evidence.scenarios:
        calls, path = wire.calls.get(scenario.key), _path_of(scenario)
        if calls and path:
            write_whole(run_folder / path, render_calls(calls, wire.hops.get(scenario.key, ())), masker)
    return with_written_calls(evidence, run_folder)


def with_written_calls(evidence: ScenarioEvidence, run_folder: Path) -> ScenarioEvidence:
    """`evidence` with every calls.txt of the run folder attached."""
    return replace(evidence, scenarios=tuple(_attached(scenario, run_folder) for scenario in evidence.scenarios))


def _path_of(scenario: Scenario) -> str | None:
    exchanges = next((path for path in scenario.attachments if path.endswith(".har")), None)
    return PurePosixPath(exchanges).with_name(CALLS_FILE).as_posix() if exchanges else None


def _attached(scenario: Scenario, run_folder: Path) -> Scenario:
    path = _path_of(scenario)
    if path is None or not (run_folder / path).is_file():
        return scenario
    last = scenario.attempts[-1]
    return replace(scenario, attempts=(*scenario.attempts[:-1], replace(last, attachments=(*last.attachments, path))))
