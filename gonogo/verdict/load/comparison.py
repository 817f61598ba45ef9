"""What is told of load that was compared with the last promoted run: regressions, and what would not have been seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gonogo.config import Environment
from gonogo.config.load_model import Load
from gonogo.model.run import RunEvidence
from gonogo.model.verdict import Reason, Severity
from gonogo.verdict.load.regression import Change, Regression, compare
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
            found[evidence.profile] = Regression(baseline.run, why_not="it was ended early")
        elif prove_nothing(doubts_of(evidence, profile)):
            found[evidence.profile] = Regression(baseline.run, why_not="its generator was the bottleneck")
        else:
            found[evidence.profile] = compare(evidence, baseline, load.regression_from)
    return found


def regression_reasons(profile: str, found: Regression | None, load: Load) -> Iterator[Reason]:
    """One for each endpoint that became slower by more than chance and enough to matter, as the policy says."""
    severity = _SEVERITIES.get(load.regression)
    if found is None or severity is None:
        return
    named: set[str] = set()
    for change in found.regressions:
        if change.endpoint not in named:
            named.add(change.endpoint)
            yield Reason("load", "regression", severity, f"{profile}: {_grew(change, found)}",
                         evidence=(f"load/{profile}/samples.ndjson",))


def not_compared(run: RunEvidence, environment: Environment, found: Mapping[str, Regression]) -> Iterator[str]:
    """Lines for what was not compared, and for what a comparison would not have shown."""
    load = environment.load
    if load is None or load.regression == "ignore" or "load" not in run.stages or not run.load:
        return
    if not run.load_baselines:
        yield "load: no promoted run to compare with; `gonogo promoted` after a deployment keeps one"
        return
    for evidence in run.load:
        if evidence.profile in found:
            yield from (f"load: {evidence.profile}: {line}" for line in _unseen(found[evidence.profile]))
        elif evidence.requests:
            yield f"load: {evidence.profile}: the last promoted run left no figures of it to compare with"


def _grew(change: Change, found: Regression) -> str:
    corrected = f", the probe {found.probe_ratio:.2f} times" if found.probe_ratio is not None else ""
    return (f"{change.name} is {change.ratio:.2f} times what it was in run {found.baseline}, the promoted one "
            f"({change.was_ms:.0f} → {change.now_ms:.0f} ms{corrected}; at least {change.low:.2f} times with 95% "
            f"confidence, by chance {change.chance:.2g})")


def _unseen(found: Regression) -> Iterator[str]:
    if found.why_not:
        yield f"not compared with the promoted run: {found.why_not}"
        return
    if found.too_few:
        yield f"too few requests or buckets to compare with run {found.baseline}: {', '.join(found.too_few)}"
    if found.changes and found.probe_ratio is None:
        yield "no probe was asked alongside in both runs: a slower machine is not told from a slower release"
    blind = [change.name for change in found.changes if change.would_show is None]
    if blind:
        yield f"the run is too short for any regression to show in {', '.join(blind)}"
    shown = sorted((change.would_show, change.name) for change in found.changes if change.would_show is not None)
    if shown:
        (least, best), (most, worst) = shown[0], shown[-1]
        to = f" to {most:.2f} ({worst})" if worst != best else ""
        yield (f"against run {found.baseline} no regression below {least:.2f} ({best}){to} times "
               "would have been seen")
