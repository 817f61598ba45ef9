"""Messages on load: invalid runs, missed objectives, regressions, journeys and their pages."""

from __future__ import annotations

from gonogo.model.findings import EndpointSubject, Finding, Parameters
from gonogo.model.load import LostObjective
from gonogo.model.rules.load import (
    AbortedFor,
    ArrivalsFailed,
    Count,
    Duration,
    FailuresTooMany,
    GeneratorLate,
    GeneratorSaturated,
    JourneyFailed,
    JourneysNotRun,
    KneeTooLow,
    LatencyTooHigh,
    MemoryGrows,
    MemoryNotReported,
    NotMeasured,
    NotPermitted,
    NotRecovered,
    OtherSize,
    PersonaError,
    Regressed,
    RequestsTooFew,
    Undecided,
    Users,
    VisitsDropped,
    VisitsMissed,
    VitalNotReported,
    VitalTooHigh,
)
from gonogo.report.wording.findings import BY_RULE, words, words_of
from gonogo.report.wording.scenarios import reason_of, title_of_scenario
from gonogo.report.wording.text import counted, near
from gonogo.verdict.load.journeys import PERCENT
from gonogo.verdict.load.steps import Knee

# key of environments.yml → the display name of the vital, its unit
VITALS = {"lcp_ms": ("LCP", " ms"), "inp_ms": ("INP", " ms"), "cls": ("CLS", ""), "ttfb_ms": ("TTFB", " ms")}

BY_RULE |= {
    "nothing-sent": "no request was sent",
    "arrivals-not-counted": "visits due and visits started were not counted",
    "endpoint-not-reached": "{subject} has an objective but was not requested",
    "recovery-not-observed": "no request was sent after the spike and its recovery time",
}


def lost_objective(lost: LostObjective) -> str:
    """`/api/flights p95 <= 300 ms: 45 of 400 took longer`."""
    name = "error_ratio" if lost.percent is None else f"p{lost.percent:g}"
    limit = f"{lost.bound:.1%}" if lost.percent is None else f"{lost.bound:g} ms"
    worse = "failed" if lost.percent is None else "took longer"
    return f"{lost.endpoint} {name} <= {limit}: {lost.bad} of {lost.count} {worse}"


def knee_words(knee: Knee) -> str:
    """`objectives met up to 24 visits/s; at 28 visits/s: /api/flights p95 412 ms > 300 ms`."""
    reached = f"objectives met up to {knee.per_s:g} visits/s"
    step = knee.beyond
    if step is None:
        return f"{reached}; {'no higher step was run' if knee.per_s else 'no step was run'}"
    if step.worst is None:
        return f"{reached}; the step of {step.per_s:g} visits/s was not completed"
    worst = Finding("load", step.worst.rule, step.worst.severity, EndpointSubject(step.worst.endpoint))
    return f"{reached}; at {step.per_s:g} visits/s: {step.worst.endpoint} {words_of(worst, step.worst.parameters)}"


def _subject(finding: Finding) -> str:
    """The endpoint with a space after it; "" for a profile, whose name precedes the whole line."""
    return f"{finding.subject.operation} " if isinstance(finding.subject, EndpointSubject) else ""


@words(NotPermitted)
def _not_permitted(parameters: NotPermitted, _: Finding) -> str:
    return f"the environment does not permit {', '.join(parameters.requests)}: the load was stopped"


@words(Duration)
def _duration(parameters: Duration, finding: Finding) -> str:
    what = "the run ended" if finding.rule == "not-finished" else "requests were sent for"
    preposition = " after" if finding.rule == "not-finished" else ""
    return f"{what}{preposition} {parameters.sent_s:.1f} of {parameters.planned_s:g} s"


@words(OtherSize)
def _other_size(parameters: OtherSize, _: Finding) -> str:
    if parameters.arrivals_differ:
        return "the arrivals of the run differ from the profile"
    if parameters.tried_users is None:
        return f"the run was planned for {parameters.tried_s:g} s; the profile has {parameters.profile_s:g} s"
    tried = _size(parameters.tried_users, parameters.tried_spawn_rate, parameters.tried_s)
    required = _size(parameters.profile_users, parameters.profile_spawn_rate, parameters.profile_s)
    return f"the run was planned with {tried}; the profile has {required}"


def _size(users: int | None, spawn_rate: float | None, seconds: float) -> str:
    return f"{counted(users or 0, 'user')}, {spawn_rate or 0:g} started per second, {seconds:g} s"


@words(Users)
def _users(parameters: Users, finding: Finding) -> str:
    if finding.rule == "users-left":
        return f"{parameters.missing} of {parameters.planned} users stopped before the end"
    return f"{parameters.planned - parameters.missing} of {parameters.planned} users were running at the peak"


@words(Count)
def _count(parameters: Count, finding: Finding) -> str:
    if finding.rule == "workers-lost":
        return f"{counted(parameters.count, 'Locust worker')} died, never connected or sent unreadable data"
    return f"{_subject(finding)}{counted(parameters.count, 'invalid latencie')} (negative or infinite)".replace(
        "1 invalid latencie", "1 invalid latency")


@words(PersonaError)
def _persona_error(parameters: PersonaError, _: Finding) -> str:
    return f"error of the suite's own code ({counted(parameters.times, 'time')}): {parameters.error}"


@words(GeneratorSaturated)
def _saturated(parameters: GeneratorSaturated, _: Finding) -> str:
    fewer = "visits" if parameters.open_loop else "users"
    return (f"generator CPU {parameters.cpu_ratio:.0%} of a core > {parameters.limit:.0%}: latencies include its "
            f"delay; use --processes or fewer {fewer}")


@words(GeneratorLate)
def _late(parameters: GeneratorLate, _: Finding) -> str:
    return (f"generator lag p95 {parameters.lag_p95_ms:.0f} ms > {parameters.limit_ms:.0f} ms: latencies include "
            "its delay; use --processes or a free CPU core")


@words(NotMeasured)
def _not_measured(parameters: NotMeasured, _: Finding) -> str:
    return f"generator {'CPU use' if parameters.what == 'cpu' else 'lag'} was not measured"


@words(VisitsDropped)
def _dropped(parameters: VisitsDropped, _: Finding) -> str:
    return (f"{parameters.dropped} of {parameters.due} visits could not start: {parameters.limit} were in progress, "
            "the limit (`most_at_once`)")


@words(VisitsMissed)
def _missed_visits(parameters: VisitsMissed, _: Finding) -> str:
    share = parameters.started / parameters.due if parameters.due else 0.0
    return f"{parameters.started} of {parameters.due} due visits started ({share:.1%} < {parameters.required:.0%})"


@words(ArrivalsFailed)
def _arrivals_failed(parameters: ArrivalsFailed, _: Finding) -> str:
    return (f"{parameters.dropped} of {parameters.due} visits could not start "
            f"({parameters.dropped / parameters.due:.1%} > {parameters.allowed:.0%}): earlier visits were still "
            "waiting for answers")


@words(AbortedFor)
def _aborted(parameters: AbortedFor, _: Finding) -> str:
    return f"the run stopped early, and its record shows no missed objective: {lost_objective(parameters.objective)}"


@words(FailuresTooMany)
def _failures(parameters: FailuresTooMany, finding: Finding) -> str:
    share = parameters.failed / max(parameters.requests, 1)
    bound = "" if parameters.at_least is None else (
        f"at least {near(100 * parameters.at_least, 100 * parameters.allowed)}% with 95% confidence, ")
    return (f"{_of(parameters, finding)}error ratio {share:.1%} > {parameters.allowed:.1%} ({bound}{parameters.failed} "
            f"of {counted(parameters.requests, 'request')}); most frequent ({parameters.cause_count}): "
            f"{parameters.cause}")


@words(LatencyTooHigh)
def _latency(parameters: LatencyTooHigh, finding: Finding) -> str:
    limit_ms = parameters.limit_ms
    return (f"{_of(parameters, finding)}p{parameters.percent:g} {near(parameters.latency_ms, limit_ms)} ms > "
            f"{limit_ms:g} ms (at least {near(parameters.at_least_ms, limit_ms)} ms with 95% confidence, "
            f"{counted(parameters.requests, 'request')})")


@words(RequestsTooFew)
def _too_few(parameters: RequestsTooFew, finding: Finding) -> str:
    return (f"{_of(parameters, finding)}{counted(parameters.requests, 'request')} < {parameters.required} "
            "required")


@words(Undecided)
def _undecided(parameters: Undecided, finding: Finding) -> str:
    """`p95 is 240 to 330 ms, the limit is 300 ms: 410 requests needed to decide, 180 sent`."""
    share = parameters.percent is None
    name, unit, scale = ("error ratio", "%", 100.0) if share else (f"p{parameters.percent:g}", " ms", 1.0)
    limit = scale * parameters.limit
    low, high = (None if end is None else near(scale * end, limit) for end in (parameters.low, parameters.high))
    if high is None:
        value = f"is {low}{unit} or more" if low else "is unknown"
    else:
        value = f"is {low} to {high}{unit}" if low else f"is {high}{unit} or less"
    needed = (f"{counted(parameters.needed, 'request')} needed to decide" if parameters.needed
              else "too close to the limit to decide")
    extended = " in twice the planned time" if parameters.extended else ""
    return (f"{_of(parameters, finding)}{name} {value}, the limit is {limit:g}{unit}: {needed}, {parameters.requests} "
            f"sent{extended}")


def _of(parameters: Parameters, finding: Finding) -> str:
    """The endpoint with a space after it; "" where `parameters` are only a part of the finding's."""
    return _subject(finding) if parameters is finding.parameters else ""


@words(NotRecovered)
def _not_recovered(parameters: NotRecovered, finding: Finding) -> str:
    return (f"{_subject(finding)}not recovered {parameters.within_s:g} s after the spike: "
            f"{words_of(finding, parameters.missed)}")


@words(KneeTooLow)
def _knee(parameters: KneeTooLow, finding: Finding) -> str:
    reached = f"objectives met up to {parameters.reached_per_s:g} visits/s, {parameters.required_per_s:g} required"
    if not parameters.at_per_s:
        return f"{reached}; no higher step was run"
    if not parameters.cause_rule:
        return f"{reached}; the step of {parameters.at_per_s:g} visits/s was not completed"
    cause = Finding("load", parameters.cause_rule, finding.severity, EndpointSubject(parameters.endpoint))
    return f"{reached}; at {parameters.at_per_s:g} visits/s: {parameters.endpoint} {words_of(cause, parameters.cause)}"


@words(MemoryNotReported)
def _memory_not_reported(parameters: MemoryNotReported, finding: Finding) -> str:
    if finding.component is None:
        return "no component reported its memory"
    return (f"{finding.component} reported its memory {counted(parameters.reports, 'time')} after the warm-up; a trend "
            f"needs {parameters.required} reports")


@words(MemoryGrows)
def _memory(parameters: MemoryGrows, finding: Finding) -> str:
    limit = parameters.limit
    if finding.rule == "memory-grows":
        return (f"{finding.component} memory grows by {near(parameters.slope, limit)} MiB/h > {limit:g} MiB/h "
                f"(at least {near(parameters.low or 0.0, limit)} MiB/h with 95% confidence)")
    known = ("an unknown number of" if parameters.low is None or parameters.high is None
             else f"{near(parameters.low, limit)} to {near(parameters.high, limit)}")
    return (f"{finding.component} memory grows by {known} MiB/h, the limit is {limit:g} MiB/h: a longer run is needed "
            "to decide")


@words(Regressed)
def _regressed(parameters: Regressed, finding: Finding) -> str:
    probe = "" if parameters.probe_ratio is None else f"; probe × {parameters.probe_ratio:.2f}"
    return (f"{_subject(finding)}p{parameters.percent} {parameters.latency_ms:.0f} ms; was {parameters.was_ms:.0f} ms "
            f"in the baseline: × {parameters.ratio:.2f} (at least × {parameters.at_least:.2f} with 95% confidence, "
            f"p-value {parameters.chance:.2g}{probe})"
            + ("" if parameters.unfelt_below_ms is None else
               f"; nobody feels it: the objective is {parameters.unfelt_below_ms:g} ms"))


@words(JourneysNotRun)
def _journeys_not_run(parameters: JourneysNotRun, finding: Finding) -> str:
    title = title_of_scenario(parameters.name, finding.subject, parameters.line)
    match parameters.cause:
        case "no-evidence":
            text = "journeys are configured but left no evidence"
        case "no-tag":
            text = "no scenario is tagged @under-load"
        case "not-closed":
            text = "; ".join(("the journey runner ended before it closed its record", *parameters.faults))
        case "fault":
            text = f"journeys: {'; '.join(parameters.faults)}"
        case "not-tried":
            text = f"{title} could not be run ({parameters.status}){reason_of(parameters.step, parameters.message)}"
        case _:
            text = f"{title} ran {counted(parameters.runs, 'time')} under load, {parameters.required} required"
    return text if not parameters.profile or not title else f"{parameters.profile}: {text}"


@words(JourneyFailed)
def _journey_failed(parameters: JourneyFailed, finding: Finding) -> str:
    title = title_of_scenario(parameters.name, finding.subject, parameters.line)
    return (f"{parameters.profile}: {title} failed {parameters.failed} of {counted(parameters.runs, 'time')} under "
            f"load, first after {parameters.after_s:.0f} s{reason_of(parameters.step, parameters.message)}")


@words(VitalNotReported)
def _vital_not_reported(parameters: VitalNotReported, _: Finding) -> str:
    name, _unit = VITALS[parameters.vital]
    return f"{name} has an objective but no page reported it ({counted(parameters.visits, 'visit')})"


@words(VitalTooHigh)
def _vital(parameters: VitalTooHigh, _: Finding) -> str:
    name, unit = VITALS[parameters.vital]
    return (f"{parameters.page} {name} p{PERCENT} {parameters.value:.4g}{unit} > {parameters.limit:g}{unit} "
            f"({counted(parameters.visits, 'visit')})")
