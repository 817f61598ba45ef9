"""The summary that is printed after Locust ends: a table of figures, the findings, and the verdict as the last line."""

from __future__ import annotations

from collections.abc import Sequence

from gonogo.config import LoadProfile, Objective
from gonogo.model.findings import Finding, Severity
from gonogo.model.load import EndpointSamples, LoadEvidence
from gonogo.model.verdict import Answer
from gonogo.report.wording.findings import words_of
from gonogo.report.wording.load import knee_words
from gonogo.verdict.load.profile import knee

_HEAD = ("endpoint", "requests", "failed", "p50 ms", "p95 ms", "p99 ms", "max ms", "objective")


def answer_of(findings: Sequence[Finding]) -> Answer:
    """The answer for one profile."""
    severities = {finding.severity for finding in findings}
    if Severity.BLOCK in severities:
        return Answer.NO_GO
    return Answer.INCONCLUSIVE if severities - {Severity.WARN} else Answer.GO


def table(evidence: LoadEvidence, profile: LoadProfile) -> str:
    """The figures as text, one line for each endpoint."""
    rows = [_HEAD, *(_row(samples, profile.objectives.get(samples.endpoint)) for samples in evidence.endpoints)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return "\n".join("  ".join(cell.ljust(width) if column in (0, len(_HEAD) - 1) else cell.rjust(width)
                               for column, (cell, width) in enumerate(zip(row, widths, strict=True))).rstrip()
                     for row in rows)


def knee_line(evidence: LoadEvidence, profile: LoadProfile) -> str:
    """The rate up to which the objectives were met; "" if the profile has no steps."""
    if profile.arrivals is None or profile.arrivals.steps is None:
        return ""
    return f"knee: {knee_words(knee(evidence, profile))}"


def last_line(profile: str, findings: Sequence[Finding]) -> str:
    """`load steady: NO-GO  /api/flights p95 412 ms > 300 ms`."""
    answer = answer_of(findings)
    decisive = Severity.BLOCK if answer is Answer.NO_GO else Severity.INCONCLUSIVE
    why = next((words_of(finding) for finding in findings if finding.severity is decisive), "")
    return f"load {profile}: {answer}  {why}".rstrip()


def _row(samples: EndpointSamples, objective: Objective | None) -> tuple[str, ...]:
    times = [f"{time_ms:.1f}" for time_ms in samples.latencies.percentiles(50, 95, 99, 100)] or ["-"] * 4
    return (samples.endpoint, str(samples.requests), str(samples.failed), *times, _bounds(objective))


def _bounds(objective: Objective | None) -> str:
    if objective is None:
        return "-"
    bounds = [f"p{percent:g} ≤ {bound_ms:g} ms" for percent, bound_ms in objective.percentiles.items()]
    return ", ".join([*bounds, f"failed ≤ {objective.error_ratio:.1%}", f"requests ≥ {objective.min_requests}"])
