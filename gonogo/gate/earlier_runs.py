"""What the gate learns from the history before a run, and what it keeps of the run: no fault of the history ends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from gonogo.core.errors import HistoryError
from gonogo.core.runtime import Runtime
from gonogo.history import History, KeptRun, with_history
from gonogo.model.baseline import Baseline
from gonogo.model.not_checked import HistoryDamaged, HistoryPart, HistoryUnusable, NotChecked
from gonogo.model.run import RunEvidence
from gonogo.model.stages import LoadResults
from gonogo.model.verdict import Answer, Verdict
from gonogo.records.load_baseline import baseline_document
from gonogo.report.wording import not_checked_words, printable
from gonogo.traffic.analysis import TrafficBaseline

Warn = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recalled:
    """The `baseline`, and its `account` of what was exchanged; `problems` say what of the history cannot be read."""

    baseline: Baseline | None = None
    traffic_baseline: TrafficBaseline | None = None
    problems: tuple[NotChecked, ...] = ()


def recall(environment: str, runtime: Runtime, warn: Warn) -> Recalled:
    """What a run in `environment` is compared with. Each problem is a warning, and data for the verdict."""
    try:
        baseline, damage = with_history(runtime.root, runtime.environ, lambda history: _read(history, environment))
    except HistoryError as error:
        recalled = Recalled(problems=(HistoryUnusable(f"{error.what} ({error.where})"),))
    else:
        recalled = _with_account(Recalled(baseline, problems=damage))
    for problem in recalled.problems:
        warn(printable(not_checked_words(problem)))
    return recalled


def mask_key(runtime: Runtime) -> bytes | None:
    """The key that makes masks equal from run to run; None where the history cannot give it: `recall` warns."""
    try:
        return with_history(runtime.root, runtime.environ, lambda history: history.mask_key())
    except HistoryError:
        return None


def keep(kept: KeptRun, runtime: Runtime, warn: Warn) -> None:
    """Keep a run for later ones. Where that fails the verdict stands, and cannot be promoted."""
    try:
        with_history(runtime.root, runtime.environ, lambda history: history.record(kept))
    except HistoryError as error:
        warn(printable(f"history: this run is not kept, and cannot be promoted: {error.what} ({error.where})"))


def kept_run(evidence: RunEvidence, verdict: Verdict, traffic: TrafficBaseline | None, started: str) -> KeptRun:
    """What is kept of a run; `traffic` is None where nothing was exchanged."""
    passed = [scenario for scenario in evidence.scenarios if scenario.passed]
    kept = KeptRun(evidence.run, evidence.environment, verdict.answer.value, started, images_of(evidence),
                   seconds={scenario.key: scenario.attempts[-1].duration_s for scenario in passed})
    if verdict.answer is not Answer.GO:
        return kept
    if traffic is not None:
        traffic = traffic.without({scenario.key for scenario in evidence.scenarios if not scenario.passed})
        kept = replace(kept, traffic=traffic.as_document(), calls={
            scenario.key: traffic.coverage.get(scenario.key, frozenset()) for scenario in passed})
    return replace(kept, load={profile.profile: baseline_document(profile)
                               for _, found in evidence.evidence(LoadResults) for profile in found.profiles})


def images_of(evidence: RunEvidence) -> dict[str, str]:
    """Component → digest: what each reports that it runs; of one that reports none, what the release names."""
    probes = (evidence.platform.after or evidence.platform.before) if evidence.platform else ()
    return {**evidence.release, **{probe.component: probe.image for probe in probes if probe.image}}


def _read(history: History, environment: str) -> tuple[Baseline | None, tuple[HistoryDamaged, ...]]:
    baseline = history.baseline(environment)
    history.known_scenarios(environment)  # the stages use it: here it is read for what is damaged
    return baseline, history.damage


def _with_account(recalled: Recalled) -> Recalled:
    baseline = recalled.baseline
    if baseline is None or baseline.traffic is None:
        return recalled
    traffic_baseline = TrafficBaseline.from_document(baseline.traffic)
    if traffic_baseline is None:
        return replace(recalled, problems=(*recalled.problems, HistoryDamaged(HistoryPart.TRAFFIC, baseline.run)))
    return replace(recalled, traffic_baseline=traffic_baseline)
