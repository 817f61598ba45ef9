"""Compares load with the baseline: regressions, and what the comparison could not detect."""

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
from gonogo.verdict.load.regression import Change, Regression, can_be_felt, compare, objective_ms
from gonogo.verdict.load.validity import doubts_of, make_unusable

_SEVERITIES = {"warn": Severity.WARN, "block": Severity.BLOCK}


def compared(profiles: Sequence[LoadEvidence], load: Load, baseline: Baseline | None) -> dict[str, Regression]:
    """Profile → its comparison, for profiles with requests now and figures in the baseline."""
    if load.regression == "ignore" or baseline is None:
        return {}
    comparisons: dict[str, Regression] = {}
    for evidence in profiles:
        was, profile = baseline.load.get(evidence.profile), load.profiles.get(evidence.profile)
        if was is None or profile is None or not evidence.requests:
            continue
        if evidence.aborted:
            comparisons[evidence.profile] = Regression(was.run, why_not="aborted")
        elif make_unusable(doubts_of(evidence, profile)):
            comparisons[evidence.profile] = Regression(was.run, why_not="generator")
        else:
            comparisons[evidence.profile] = compare(evidence, was, load.regression_from)
    return comparisons


def regression_findings(profile: str, comparison: Regression | None, load: Load) -> Iterator[Finding]:
    """One finding per endpoint with a significant and relevant regression; the environment sets the severity.

    What nobody can feel, far below the objective, is a warning.
    """
    severity = _SEVERITIES.get(load.regression)
    if comparison is None or severity is None:
        return
    objectives = load.profiles[profile]
    worst: dict[str, Change] = {}
    for change in comparison.regressions:
        objective = objectives.objective_of(change.endpoint)
        before = worst.setdefault(change.endpoint, change)
        if can_be_felt(change, objective) and not can_be_felt(before, objective):
            worst[change.endpoint] = change
    for endpoint, change in worst.items():
        objective = objectives.objective_of(endpoint)
        felt = can_be_felt(change, objective)
        yield Finding("load", "regression", severity if felt else Severity.WARN,
                      EndpointSubject(endpoint, part=profile),
                      Regressed(change.percent, change.was_ms, change.now_ms, change.ratio, change.low,
                                change.chance, comparison.baseline, comparison.probe_ratio,
                                None if felt else objective_ms(change, objective)),
                      evidence=(f"load/{profile}/samples.ndjson",))


def not_compared(profiles: Sequence[LoadEvidence], load: Load, baseline: Baseline | None,
                 comparisons: Mapping[str, Regression]) -> Iterator[NotChecked]:
    """What was not compared, and what the comparisons could not detect."""
    if load.regression == "ignore" or not profiles or baseline is None:
        return
    if not baseline.load:
        yield NoBaselineLoad()
        return
    for evidence in profiles:
        if evidence.profile in comparisons:
            yield from _not_shown(evidence.profile, comparisons[evidence.profile])
        elif evidence.requests:
            yield NoBaselineLoad(evidence.profile)


def _not_shown(profile: str, comparison: Regression) -> Iterator[NotChecked]:
    if comparison.why_not:
        yield LoadNotComparable(profile, comparison.why_not, comparison.baseline, comparison.probe_ratio)
        return
    if comparison.too_few:
        yield TooFewToCompare(profile, comparison.baseline, comparison.too_few)
    if comparison.changes and comparison.probe_ratio is None:
        yield NoProbe(profile)
    undetectable = tuple(change.name for change in comparison.changes if change.detectable_ratio is None)
    if undetectable:
        yield TooShortToCompare(profile, undetectable)
    detectable = sorted((change.detectable_ratio, change.name) for change in comparison.changes
                        if change.detectable_ratio is not None)
    if detectable:
        yield SmallerRegressions(profile, comparison.baseline, *detectable[0], *detectable[-1])
