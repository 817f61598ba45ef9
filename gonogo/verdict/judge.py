"""judge(evidence, policy) → verdict: the one place that decides.

It fails closed: GO is what is left when no rule has anything to say against it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gonogo.config import Environment, LoadProfile
from gonogo.model.load import LoadEvidence
from gonogo.model.run import RunEvidence, StageRun
from gonogo.model.verdict import NO_EVIDENCE, Answer, Reason, Severity, StageFigures, Verdict
from gonogo.verdict.blame.suspects import changed_components, rank_suspects, suspect_of, why_nobody
from gonogo.verdict.load.comparison import compared, not_compared, regression_reasons
from gonogo.verdict.load.journeys import PROVE_NOTHING, judge_journeys
from gonogo.verdict.load.profile import judge_load
from gonogo.verdict.load.regression import Regression
from gonogo.verdict.rules.not_checked import not_checked
from gonogo.verdict.rules.platform import judge_platform
from gonogo.verdict.rules.scenarios import (
    MANDATORY,
    figures_of,
    judge_mandatory_journeys,
    judge_scenarios,
    left_to_tags,
)
from gonogo.verdict.rules.traffic import judge_wire

_WORST_FIRST = list(Severity)
_STAGES_IN_ORDER = ["gate", "platform", "behaviour", "load"]


def judge(run: RunEvidence, environment: Environment) -> Verdict:
    """The verdict on a run: every rule is asked, and the worst severity found decides."""
    comparisons = compared(run, environment)
    by_profile = _judge_profiles(run, environment, comparisons)
    by_stage = {stage: _judge_stage(stage, run, environment, by_profile) for stage in run.stages}
    found = [*_judge_gate(run, environment), *judge_platform(run)]
    for reasons in by_stage.values():
        found += reasons
    found += judge_wire(run, environment, changed_components(run),
                        scenarios_stop=_stops(found, "platform", "behaviour"))
    found.sort(key=_rank)
    answer = _answer(found, partial=run.partial)
    suspects = rank_suspects(run, load_failed=_stops(found, "load"))
    return Verdict(
        answer=answer,
        reasons=tuple(found),
        suspects=suspects,
        nobody=why_nobody(run) if answer is Answer.NO_GO and not suspects else "",
        stages={stage: _figures(stage, run, by_profile) for stage in run.stages},
        not_checked=(*not_checked(run, environment), *not_compared(run, environment, comparisons)),
    )


def _stops(reasons: Sequence[Reason], *stages: str) -> bool:
    return any(reason.severity is Severity.BLOCK and reason.stage in stages for reason in reasons)


def _answer(reasons: Sequence[Reason], *, partial: bool) -> Answer:
    found = {reason.severity for reason in reasons}
    if Severity.VOID in found:
        return Answer.INCONCLUSIVE
    if Severity.BLOCK in found:
        return Answer.NO_GO
    if Severity.INCONCLUSIVE in found:
        return Answer.INCONCLUSIVE
    return Answer.PARTIAL if partial else Answer.GO


def _rank(reason: Reason) -> tuple[int, bool, int]:
    """Worst first; within a severity mandatory journeys first, then in the order of the stages."""
    return (_WORST_FIRST.index(reason.severity), not reason.title.startswith(MANDATORY),
            _STAGES_IN_ORDER.index(reason.stage))


def _judge_gate(run: RunEvidence, environment: Environment) -> Iterator[Reason]:
    if run.interrupted:
        yield Reason("gate", "interrupted", Severity.INCONCLUSIVE, "the gate was stopped before it was through")
    if not run.stages:
        yield Reason("gate", "no-stage", Severity.INCONCLUSIVE, "no stage was asked for")
    elif set(run.stages) == {"platform"} and not run.platform_features and not environment.services:
        yield Reason("gate", "nothing-tried", Severity.INCONCLUSIVE, "nothing but the url was asked: there is neither "
                     "a service in environments.yml nor a scenario in features/platform")


def _judge_stage(stage: str, run: RunEvidence, environment: Environment,
                 by_profile: Mapping[str, tuple[Reason, ...]]) -> list[Reason]:
    if stage in run.skipped:
        return [Reason(stage, "stage-skipped", Severity.INCONCLUSIVE, f"it was left out: {run.skipped[stage]}")]
    if stage == "platform" and not run.platform_features:
        return []  # the gate's own probes are all that there is; told under not_checked
    if left_to_tags(stage, run):
        return []
    children = [child for child in run.stage_runs if child.stage == stage]
    if not children:
        return [Reason(stage, "stage-not-run", Severity.INCONCLUSIVE, "it is asked for here, and was not run")]
    if stage == "load":
        reasons = [reason for reasons in by_profile.values() for reason in reasons]
    else:
        reasons = _judge_behave(stage, run, environment)
    explained = any(reason.severity is not Severity.WARN and reason.rule != NO_EVIDENCE for reason in reasons)
    return reasons + [reason for child in children for reason in _judge_child(child, explained=explained)]


def _judge_behave(stage: str, run: RunEvidence, environment: Environment) -> list[Reason]:
    evidence = run.scenarios_of(stage)
    if evidence is None:
        return [Reason(stage, NO_EVIDENCE, Severity.INCONCLUSIVE, "it left no evidence at all")]
    reasons = list(judge_scenarios(stage, evidence, environment, lambda scenario: suspect_of(scenario, run)))
    if stage == "behaviour" and not run.partial:
        reasons += judge_mandatory_journeys(evidence, environment)
    return reasons


def _judge_child(child: StageRun, *, explained: bool) -> Iterator[Reason]:
    """An exit code is never trusted to be good; where it is bad and nothing explains it, it is told."""
    said = f": {child.detail}" if child.detail else ""
    if child.ended != "exited":
        yield Reason(child.stage, "stage-" + child.ended.replace(" ", "-"), Severity.INCONCLUSIVE,
                     f"its process was {child.ended}{said}")
    elif child.exit_code != 0 and not explained:
        yield Reason(child.stage, "exit-code-unexplained", Severity.INCONCLUSIVE,
                     f"its process ended with {child.exit_code}, and no evidence says why{said}")


def _judge_profiles(run: RunEvidence, environment: Environment,
                    comparisons: Mapping[str, Regression]) -> Mapping[str, tuple[Reason, ...]]:
    load = environment.load
    if "load" not in run.stages or load is None:
        return {}
    left = {evidence.profile: evidence for evidence in run.load}
    return {name: (*_judge_profile(left.get(name, LoadEvidence(profile=name)), load.profiles[name]),
                   *regression_reasons(name, comparisons.get(name), load))
            for name in load.run}


def _judge_profile(evidence: LoadEvidence, profile: LoadProfile) -> tuple[Reason, ...]:
    found = tuple(judge_load(evidence, profile))
    if profile.journeys is None or any(reason.rule in PROVE_NOTHING for reason in found):
        return found
    return (*found, *judge_journeys(evidence.profile, evidence.journeys, profile.journeys))


def _figures(stage: str, run: RunEvidence, by_profile: Mapping[str, tuple[Reason, ...]]) -> StageFigures:
    duration_s = round(sum(child.duration_s for child in run.stage_runs if child.stage == stage), 1)
    if stage != "load":
        evidence = run.scenarios_of(stage)
        return figures_of(evidence, duration_s) if evidence else StageFigures(duration_s=duration_s)
    executed = {evidence.profile for evidence in run.load if evidence.requests}
    passed = {name for name in executed
              if all(reason.severity is Severity.WARN for reason in by_profile.get(name, ()))}
    return StageFigures(planned=len(by_profile), executed=len(executed), passed=len(passed),
                        failed=len(executed - passed), duration_s=duration_s)
