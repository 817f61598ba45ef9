"""The result of a behave run without the gate: one line and an exit code.

Pure. The gate's further rules (such as mandatory journeys) are in `gonogo.verdict`.
"""

from __future__ import annotations

from collections import Counter

from gonogo.core.exit_codes import ExitCode
from gonogo.model.scenarios import Scenario, ScenarioEvidence, Status

NOT_EXECUTED = "not executed"


def exit_code_of(evidence: ScenarioEvidence, *, flaky_blocks: bool = False) -> ExitCode:
    """USAGE if no scenario was selected; GO only if all planned scenarios were executed and passed."""
    if not evidence.scenarios and not evidence.faults:
        return ExitCode.USAGE
    failed = any(scenario.attempts and scenario.attempts[-1].status is Status.FAILED for scenario in evidence.scenarios)
    if failed or (flaky_blocks and any(scenario.flaky for scenario in evidence.scenarios)):
        return ExitCode.NO_GO
    if evidence.faults or not all(scenario.passed for scenario in evidence.scenarios):
        return ExitCode.INCONCLUSIVE
    return ExitCode.GO


def closing_line(evidence: ScenarioEvidence, folder: str) -> str:
    """"34 scenarios: 33 passed, 1 failed (evidence: runs/…/behaviour)"."""
    counts = Counter(map(_in_words, evidence.scenarios))
    order = ["passed", *(str(status) for status in Status if status is not Status.PASSED), NOT_EXECUTED]
    parts = [f"{counts[word]} {word}" for word in order if counts[word]]
    flaky = sum(scenario.flaky for scenario in evidence.scenarios)
    if flaky:
        parts.append(f"{flaky} of them only on retry")
    if evidence.faults:
        errors = len(evidence.faults)
        parts.append(f"{errors} error{'s' if errors != 1 else ''} of the run itself")
    total = len(evidence.scenarios)
    return f"{total} scenario{'s' if total != 1 else ''}: {', '.join(parts) or 'none'} (evidence: {folder})"


def _in_words(scenario: Scenario) -> str:
    return str(scenario.attempts[-1].status) if scenario.attempts else NOT_EXECUTED
