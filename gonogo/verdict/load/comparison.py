"""What is told of load that was compared with the last promoted run: regressions, and what would not have been seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gonogo.config import Environment
from gonogo.config.load_model import Load
from gonogo.model.findings import EndpointSubject, Finding, Severity
from gonogo.model.not_checked import (
    LoadNotComparable,
    NoBaselineLoad,
    NoProbe,
    NotChecked,
    SmallerRegressions,
    TooFewToCompare,
    TooShortToCompare,
)
from gonogo.model.rules.load import Regressed
from gonogo.model.run import RunEvidence
from gonogo.verdict.load.regression import Regression, compare
from gonogo.verdict.load.validity import doubts_of, prove_nothing

_SEVERITIES = {"warn": Severity.WARN, "block": Severity.BLOCK}


def compared(run: RunEvidence, environment: Environment) -> dict[str, Regression]:
    """Profile → its comparison, for those that left requests and have a promoted run to be compared with."""
    load = environment.load
    if load is None or load.regression == "ignore" or "load" not in run.stages:
        return {}
    found: dict[str, Regression] = {}
    for evidence in run.load:
        baseline, profile = run.load_baselines.get(evidence.profile), load.profiles.get(evidence.profile)
        if baseline is None or profile is None or not evidence.requests:
            continue
        if evidence.aborted:
            found[evidence.profile] = Regression(baseline.run, why_not="aborted")
        elif prove_nothing(doubts_of(evidence, profile)):
            found[evidence.profile] = Regression(baseline.run, why_not="generator")
        else:
            found[evidence.profile] = compare(evidence, baseline, load.regression_from)
    return found


def regression_findings(profile: str, found: Regression | None, load: Load) -> Iterator[Finding]:
    """One for each endpoint that became slower by more than chance and enough to matter, as the policy says."""
    severity = _SEVERITIES.get(load.regression)
    if found is None or severity is None:
        return
    named: set[str] = set()
    for change in found.regressions:
        if change.endpoint not in named:
            named.add(change.endpoint)
            yield Finding("load", "regression", severity, EndpointSubject(change.endpoint, part=profile),
                          Regressed(change.percent, change.was_ms, change.now_ms, change.ratio, change.low,
                                    change.chance, found.baseline, found.probe_ratio),
                          evidence=(f"load/{profile}/samples.ndjson",))


def not_compared(run: RunEvidence, environment: Environment, found: Mapping[str, Regression]) -> Iterator[NotChecked]:
    """What was not compared, and what a comparison would not have shown."""
    load = environment.load
    if load is None or load.regression == "ignore" or "load" not in run.stages or not run.load:
        return
    if not run.load_baselines:
        yield NoBaselineLoad()
        return
    for evidence in run.load:
        if evidence.profile in found:
            yield from _not_shown(evidence.profile, found[evidence.profile])
        elif evidence.requests:
            yield NoBaselineLoad(evidence.profile)


def _not_shown(profile: str, found: Regression) -> Iterator[NotChecked]:
    if found.why_not:
        yield LoadNotComparable(profile, found.why_not, found.baseline, found.probe_ratio)
        return
    if found.too_few:
        yield TooFewToCompare(profile, found.baseline, found.too_few)
    if found.changes and found.probe_ratio is None:
        yield NoProbe(profile)
    blind = tuple(change.name for change in found.changes if change.would_show is None)
    if blind:
        yield TooShortToCompare(profile, blind)
    shown = sorted((change.would_show, change.name) for change in found.changes if change.would_show is not None)
    if shown:
        yield SmallerRegressions(profile, found.baseline, *shown[0], *shown[-1])
