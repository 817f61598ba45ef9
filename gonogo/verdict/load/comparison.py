"""Load compared with the baseline: regressions, and what a comparison would not have shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gonogo.config.load_model import Load
from gonogo.model.baseline import Baseline
from gonogo.model.findings import EndpointSubject, Finding, Severity
from gonogo.model.load import LoadEvidence
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
from gonogo.verdict.load.regression import Regression, compare
from gonogo.verdict.load.validity import doubts_of, prove_nothing

_SEVERITIES = {"warn": Severity.WARN, "block": Severity.BLOCK}


def compared(found: Sequence[LoadEvidence], load: Load, baseline: Baseline | None) -> dict[str, Regression]:
    """Profile → its comparison, for those that left requests and have figures in the baseline."""
    if load.regression == "ignore" or baseline is None:
        return {}
    comparisons: dict[str, Regression] = {}
    for evidence in found:
        was, profile = baseline.load.get(evidence.profile), load.profiles.get(evidence.profile)
        if was is None or profile is None or not evidence.requests:
            continue
        if evidence.aborted:
            comparisons[evidence.profile] = Regression(was.run, why_not="aborted")
        elif prove_nothing(doubts_of(evidence, profile)):
            comparisons[evidence.profile] = Regression(was.run, why_not="generator")
        else:
            comparisons[evidence.profile] = compare(evidence, was, load.regression_from)
    return comparisons


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


def not_compared(found: Sequence[LoadEvidence], load: Load, baseline: Baseline | None,
                 comparisons: Mapping[str, Regression]) -> Iterator[NotChecked]:
    """What was not compared, and what a comparison would not have shown."""
    if load.regression == "ignore" or not found or baseline is None:
        return
    if not baseline.load:
        yield NoBaselineLoad()
        return
    for evidence in found:
        if evidence.profile in comparisons:
            yield from _not_shown(evidence.profile, comparisons[evidence.profile])
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
