"""Reads the history before a run and records the run in it. An error of the history never ends the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from gonogo.core.errors import EvidenceError, HistoryError
from gonogo.core.runtime import Runtime
from gonogo.core.text import printable
from gonogo.history import History, RecordedRun, with_history
from gonogo.history.connecting import VARIABLE
from gonogo.invariants.baseline import KIND as RULES
from gonogo.invariants.baseline import RulesBaseline
from gonogo.model.baseline import Baseline
from gonogo.model.not_checked import HistoryDamaged, HistoryPart, HistoryUnusable, NotChecked
from gonogo.model.run import RunEvidence
from gonogo.model.stages import LoadResults, ScenarioResults
from gonogo.model.verdict import Answer, Verdict
from gonogo.outside.baseline import KIND as OUTSIDE
from gonogo.outside.baseline import OutsideBaseline
from gonogo.records.load_baseline import baseline_document
from gonogo.report.wording import not_checked_words
from gonogo.traffic.analysis import TrafficBaseline
from gonogo.traffic.analysis.documents import LOGS, READERS, SECRETS, document_of_logs, document_of_secrets

Warn = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class HistoryResult:
    """The `baseline`, the shapes and calls of its traffic, what people and partners saw in it, and what it kept of the
    rules for every system; `problems` are unreadable parts of the history.
    """

    baseline: Baseline | None = None
    traffic_baseline: TrafficBaseline | None = None
    outside_baseline: OutsideBaseline | None = None
    rules_baseline: RulesBaseline | None = None
    problems: tuple[NotChecked, ...] = ()


def read_history(environment: str, runtime: Runtime, warn: Warn) -> HistoryResult:
    """Return the baseline of `environment`. Each problem is a warning, and data for the verdict."""
    try:
        baseline, damage = with_history(runtime.root, runtime.environ, lambda history: _read(history, environment))
    except HistoryError as error:
        result = HistoryResult(problems=(HistoryUnusable(f"{error.what} ({error.where})"),))
    else:
        result = _with_baselines(HistoryResult(baseline, problems=damage))
    for problem in result.problems:
        warn(printable(not_checked_words(problem)))
    return result


def read_earlier(run: str, environment: str, runtime: Runtime, *, promoted: bool) -> HistoryResult:
    """Return the GO `run` as a baseline; `promoted` is whether it was when it was compared with.

    Raises HistoryError if the history cannot be used, EvidenceError if it has no such run.
    """
    def read(history: History) -> tuple[Baseline | None, tuple[HistoryDamaged, ...]]:
        return history.go(run, environment), history.damage

    baseline, damage = with_history(runtime.root, runtime.environ, read)
    if baseline is None:
        raise EvidenceError(f"The history does not have run {run}, with which the run was compared.",
                            where=VARIABLE, fix="set GONOGO_HISTORY to the database that was used for the run, "
                            "import that baseline, or use --without baseline.")
    return _with_baselines(HistoryResult(replace(baseline, promoted=promoted), problems=damage))


def mask_key(runtime: Runtime) -> bytes | None:
    """Return the key that makes masks equal between runs; None if the history has none: `read_history` warns."""
    try:
        return with_history(runtime.root, runtime.environ, lambda history: history.mask_key())
    except HistoryError:
        return None


def record_run(run: RecordedRun, runtime: Runtime, warn: Warn) -> None:
    """Record a run for later comparisons. If that fails, the verdict holds, but the run cannot be promoted."""
    try:
        with_history(runtime.root, runtime.environ, lambda history: history.record(run))
    except HistoryError as error:
        warn(printable(f"history: this run was not recorded and cannot be promoted: {error.what} ({error.where})"))


def learn(run: str, documents: Mapping[str, Mapping[str, object]], runtime: Runtime, warn: Warn) -> None:
    """Add what this run learnt to the baseline `run`: the documents replace those of their kinds."""
    def add_to(history: History) -> None:
        for kind, document in documents.items():
            history.learn(run, kind, document)

    if documents:
        try:
            with_history(runtime.root, runtime.environ, add_to)
        except HistoryError as error:
            warn(printable(f"history: what this run learnt was not kept: {error.what} ({error.where})"))


def recorded_run(evidence: RunEvidence, verdict: Verdict, traffic: TrafficBaseline | None, started: str,
                 documents: Mapping[str, Mapping[str, object]] | None = None) -> RecordedRun:
    """Return the record of a run; `traffic` is None without exchanges, `documents` are by kind of evidence."""
    passed = [scenario for scenario in evidence.scenarios if scenario.passed]
    record = RecordedRun(evidence.run, evidence.environment, verdict.answer.value, started, images_of(evidence),
                   seconds={scenario.key: scenario.attempts[-1].duration_s for scenario in passed})
    if verdict.answer is not Answer.GO:
        return record
    if traffic is not None:
        traffic = traffic.without({scenario.key for scenario in evidence.scenarios if not scenario.passed})
        record = replace(record, traffic=traffic.as_document(), calls={
            scenario.key: traffic.coverage.get(scenario.key, frozenset()) for scenario in passed})
    record = replace(record, documents={**(documents or {}), SECRETS: document_of_secrets(evidence.exposures),
                                        LOGS: document_of_logs(evidence.errors.kinds)})
    return replace(record, scenarios={stage: [each.key for each in results.scenarios.scenarios]
                                      for stage, results in evidence.evidence(ScenarioResults)},
                   load={profile.profile: baseline_document(profile)
                               for _, results in evidence.evidence(LoadResults) for profile in results.profiles})


def images_of(evidence: RunEvidence) -> dict[str, str]:
    """Return component → digest: the image that it reports, or else that of the release."""
    probes = (evidence.platform.after or evidence.platform.before) if evidence.platform else ()
    return {**evidence.release, **{probe.component: probe.image for probe in probes if probe.image}}


def has_images_of_baseline(evidence: RunEvidence) -> bool:
    """Whether the images of the baseline ran; False where it is not known what ran."""
    images = images_of(evidence)
    return evidence.baseline is not None and bool(images) and images == dict(evidence.baseline.images)


def _read(history: History, environment: str) -> tuple[Baseline | None, tuple[HistoryDamaged, ...]]:
    baseline = history.baseline(environment)
    history.known_scenarios(environment)  # only to report damage: the stages use the data
    return baseline, history.damage


def _with_baselines(history: HistoryResult) -> HistoryResult:
    return _with_documents(_with_rules(_with_outside(_with_traffic(history))))


def _with_documents(history: HistoryResult) -> HistoryResult:
    """`history`, with a problem for each document of secrets and logs that cannot be read."""
    baseline = history.baseline
    if baseline is None:
        return history
    damaged = [kind for kind, read in READERS.items() if read(baseline.documents) is None]
    return replace(history, problems=(*history.problems, *(
        HistoryDamaged(HistoryPart.DOCUMENT, baseline.run, kind) for kind in damaged)))


def _with_traffic(history: HistoryResult) -> HistoryResult:
    baseline = history.baseline
    if baseline is None or baseline.traffic is None:
        return history
    traffic_baseline = TrafficBaseline.from_document(baseline.traffic)
    if traffic_baseline is None:
        return replace(history, problems=(*history.problems, HistoryDamaged(HistoryPart.TRAFFIC, baseline.run)))
    return replace(history, traffic_baseline=traffic_baseline)


def _with_outside(history: HistoryResult) -> HistoryResult:
    document = history.baseline.documents.get(OUTSIDE) if history.baseline else None
    if history.baseline is None or document is None:
        return history
    known = OutsideBaseline.from_document(document)
    if known is None:
        damaged = HistoryDamaged(HistoryPart.DOCUMENT, history.baseline.run, OUTSIDE)
        return replace(history, problems=(*history.problems, damaged))
    return replace(history, outside_baseline=known)


def _with_rules(history: HistoryResult) -> HistoryResult:
    document = history.baseline.documents.get(RULES) if history.baseline else None
    if history.baseline is None or document is None:
        return history
    known = RulesBaseline.from_document(document)
    if known is None:
        damaged = HistoryDamaged(HistoryPart.DOCUMENT, history.baseline.run, RULES)
        return replace(history, problems=(*history.problems, damaged))
    return replace(history, rules_baseline=known)
