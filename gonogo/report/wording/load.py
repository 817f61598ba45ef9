"""Words on load: doubts about a run, objectives missed, regressions, journeys and their pages."""

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

# key of environments.yml → what people call the vital, its unit
VITALS = {"lcp_ms": ("LCP", " ms"), "inp_ms": ("INP", " ms"), "cls": ("CLS", ""), "ttfb_ms": ("TTFB", " ms")}

BY_RULE |= {
    "nothing-sent": "no request was sent",
    "arrivals-not-counted": "the visits that were due and that began were not counted",
    "endpoint-not-reached": "{subject} has an objective, and was not requested",
    "recovery-not-observed": "nothing was sent after the spike and its recovery",
}


def lost_objective(lost: LostObjective) -> str:
    """`/api/flights p95 <= 300 ms: 45 of 400 took longer`."""
    name = "error_ratio" if lost.percent is None else f"p{lost.percent:g}"
    limit = f"{lost.bound:.1%}" if lost.percent is None else f"{lost.bound:g} ms"
    worse = "failed" if lost.percent is None else "took longer"
    return f"{lost.endpoint} {name} <= {limit}: {lost.bad} of {lost.count} {worse}"


def knee_words(found: Knee) -> str:
    """`the objectives are met up to 24 visits a second; at 28 a second /api/flights p95 412 ms > 300 ms`."""
    reached = f"the objectives are met up to {found.per_s:g} visits a second"
    step = found.beyond
    if step is None:
        return f"{reached}; {'no higher step was tried' if found.per_s else 'no step was tried'}"
    if step.worst is None:
        return f"{reached}; at {step.per_s:g} a second: the step was not tried to its end"
    worst = Finding("load", step.worst.rule, step.worst.severity, EndpointSubject(step.worst.endpoint))
    return f"{reached}; at {step.per_s:g} a second {step.worst.endpoint} {words_of(worst, step.worst.parameters)}"


def _subject(finding: Finding) -> str:
    """An endpoint is named before what is said of it; a profile stands before the whole line."""
    return f"{finding.subject.operation} " if isinstance(finding.subject, EndpointSubject) else ""


@words(Duration)
def _duration(parameters: Duration, finding: Finding) -> str:
    what = "the run ended" if finding.rule == "not-finished" else "requests were sent for"
    preposition = " after" if finding.rule == "not-finished" else ""
    return f"{what}{preposition} {parameters.sent_s:.1f} of {parameters.planned_s:g} s"


@words(OtherSize)
def _other_size(parameters: OtherSize, _: Finding) -> str:
    if parameters.arrivals_differ:
        return "it was run with other arrivals than the profile asks for"
    if parameters.tried_users is None:
        return f"it was run for {parameters.tried_s:g} s; the profile asks for {parameters.asked_s:g} s"
    tried = _size(parameters.tried_users, parameters.tried_spawn_rate, parameters.tried_s)
    asked = _size(parameters.asked_users, parameters.asked_spawn_rate, parameters.asked_s)
    return f"it was run with {tried}; the profile asks for {asked}"


def _size(users: int | None, spawn_rate: float | None, seconds: float) -> str:
    return f"{counted(users or 0, 'user')}, {spawn_rate or 0:g} started a second, for {seconds:g} s"


@words(Users)
def _users(parameters: Users, finding: Finding) -> str:
    if finding.rule == "users-left":
        return f"{parameters.missing} of {parameters.planned} users stopped before the end"
    return f"{parameters.planned - parameters.missing} of {parameters.planned} users ran at the peak"


@words(Count)
def _count(parameters: Count, finding: Finding) -> str:
    if finding.rule == "workers-lost":
        return f"{counted(parameters.count, 'Locust worker')} died, never connected or sent unreadable figures"
    return f"{_subject(finding)}{counted(parameters.count, 'invalid latencie')} (negative or infinite)".replace(
        "1 invalid latencie", "1 invalid latency")


@words(PersonaError)
def _persona_error(parameters: PersonaError, _: Finding) -> str:
    return f"a persona's own code raised {counted(parameters.times, 'time')}: {parameters.error}"


@words(GeneratorSaturated)
def _saturated(parameters: GeneratorSaturated, _: Finding) -> str:
    fewer = "visits" if parameters.open_loop else "users"
    return (f"generator CPU {parameters.cpu_ratio:.0%} of a core > {parameters.limit:.0%}: it was the bottleneck, and "
            f"latencies include its delay; use --processes, or fewer {fewer}")


@words(GeneratorLate)
def _late(parameters: GeneratorLate, _: Finding) -> str:
    return (f"generator lag p95 {parameters.lag_p95_ms:.0f} ms > {parameters.limit_ms:.0f} ms: it was the bottleneck, "
            "and latencies include its delay; give it a core of its own, or use --processes")


@words(NotMeasured)
def _not_measured(parameters: NotMeasured, _: Finding) -> str:
    return f"the generator's own {'CPU use' if parameters.what == 'cpu' else 'lag'} was not measured"


@words(VisitsDropped)
def _dropped(parameters: VisitsDropped, _: Finding) -> str:
    return (f"{parameters.dropped} of {parameters.due} visits could not start: {parameters.limit} were under way, the "
            "limit of `most_at_once`")


@words(VisitsMissed)
def _missed_visits(parameters: VisitsMissed, _: Finding) -> str:
    share = parameters.started / parameters.due if parameters.due else 0.0
    return (f"{parameters.started} of {parameters.due} visits that were due began ({share:.1%} < "
            f"{parameters.required:.0%})")


@words(ArrivalsFailed)
def _arrivals_failed(parameters: ArrivalsFailed, _: Finding) -> str:
    return (f"{parameters.dropped} of {parameters.due} visits could not start "
            f"({parameters.dropped / parameters.due:.1%} > {parameters.allowed:.0%}): earlier ones still waited for "
            "answers")


@words(AbortedFor)
def _aborted(parameters: AbortedFor, _: Finding) -> str:
    return f"it was ended early for an objective that the record does not show: {lost_objective(parameters.objective)}"


@words(FailuresTooMany)
def _failures(parameters: FailuresTooMany, finding: Finding) -> str:
    share = parameters.failed / max(parameters.requests, 1)
    known = "" if parameters.at_least is None else (
        f"; at least {near(100 * parameters.at_least, 100 * parameters.allowed)}% with 95% confidence")
    return (f"{_of(parameters, finding)}failed {parameters.failed} of {parameters.requests} ({share:.1%} > "
            f"{parameters.allowed:.1%}); most often ({parameters.cause_count}): {parameters.cause}{known}")


@words(LatencyTooHigh)
def _latency(parameters: LatencyTooHigh, finding: Finding) -> str:
    limit_ms = parameters.limit_ms
    return (f"{_of(parameters, finding)}p{parameters.percent:g} {near(parameters.latency_ms, limit_ms)} ms > "
            f"{limit_ms:g} ms (at least {near(parameters.at_least_ms, limit_ms)} ms with 95% confidence, of "
            f"{counted(parameters.requests, 'request')})")


@words(RequestsTooFew)
def _too_few(parameters: RequestsTooFew, finding: Finding) -> str:
    return (f"{_of(parameters, finding)}{counted(parameters.requests, 'request')} < {parameters.required} "
            "that are required")


@words(Undecided)
def _undecided(parameters: Undecided, finding: Finding) -> str:
    """`p95 is 240 to 330 ms, the limit is 300 ms: 410 requests would decide, there were 180`."""
    share = parameters.percent is None
    name, unit, scale = ("its error ratio", "%", 100.0) if share else (f"p{parameters.percent:g}", " ms", 1.0)
    limit = scale * parameters.limit
    low, high = (None if end is None else near(scale * end, limit) for end in (parameters.low, parameters.high))
    if high is None:
        lies = f"is {low}{unit} or more" if low else "is unknown"
    else:
        lies = f"is {low} to {high}{unit}" if low else f"is {high}{unit} or less"
    requests = f"there were {parameters.requests}"
    more = (f"{counted(parameters.needed, 'request')} would decide, {requests}" if parameters.needed
            else f"too close to decide by more requests, {requests}")
    extended = ", in twice the planned time" if parameters.extended else ""
    return f"{_of(parameters, finding)}{name} {lies}, the limit is {limit:g}{unit}: {more}{extended}"


def _of(parameters: Parameters, finding: Finding) -> str:
    """The endpoint, where these are the finding's own parameters and not a part of them."""
    return _subject(finding) if parameters is finding.parameters else ""


@words(NotRecovered)
def _not_recovered(parameters: NotRecovered, finding: Finding) -> str:
    return (f"{_subject(finding)}{words_of(finding, parameters.missed)}, still {parameters.within_s:g} s after the "
            "spike")


@words(KneeTooLow)
def _knee(parameters: KneeTooLow, finding: Finding) -> str:
    held = (f"the objectives are met up to {parameters.reached_per_s:g} visits a second; {parameters.required_per_s:g} "
            "are required")
    if not parameters.at_per_s:
        return f"{held}: no higher step was tried"
    if not parameters.cause_rule:
        return f"{held}: the step of {parameters.at_per_s:g} a second was not tried to its end"
    cause = Finding("load", parameters.cause_rule, finding.severity, EndpointSubject(parameters.endpoint))
    return f"{held}: at {parameters.at_per_s:g} a second {parameters.endpoint} {words_of(cause, parameters.cause)}"


@words(MemoryNotReported)
def _memory_not_reported(parameters: MemoryNotReported, finding: Finding) -> str:
    if finding.component is None:
        return "no component reported its memory"
    return (f"{finding.component} reported its memory {counted(parameters.reports, 'time')} after the warm-up; a trend "
            f"needs {parameters.required}")


@words(MemoryGrows)
def _memory(parameters: MemoryGrows, finding: Finding) -> str:
    limit = parameters.limit
    if finding.rule == "memory-grows":
        return (f"{finding.component} memory grows by {near(parameters.slope, limit)} MiB an hour > {limit:g} MiB (at "
                f"least {near(parameters.low or 0.0, limit)} MiB with 95% confidence)")
    known = ("an unknown number of" if parameters.low is None or parameters.high is None
             else f"{near(parameters.low, limit)} to {near(parameters.high, limit)}")
    return (f"{finding.component} memory grows by {known} MiB an hour, the limit is {limit:g} MiB: a longer run would "
            "decide")


@words(Regressed)
def _regressed(parameters: Regressed, finding: Finding) -> str:
    corrected = "" if parameters.probe_ratio is None else f", the probe {parameters.probe_ratio:.2f} times"
    return (f"{_subject(finding)}p{parameters.percent} {parameters.latency_ms:.0f} ms; was {parameters.was_ms:.0f} ms "
            f"in run {parameters.baseline}, the baseline: {parameters.ratio:.2f} times{corrected} (at least "
            f"{parameters.at_least:.2f} times with 95% confidence, by chance {parameters.chance:.2g})")


@words(JourneysNotRun)
def _journeys_not_run(parameters: JourneysNotRun, finding: Finding) -> str:
    title = title_of_scenario(parameters.name, finding.subject, parameters.line)
    match parameters.cause:
        case "no-evidence":
            text = "journeys are configured, and left no evidence"
        case "no-tag":
            text = "no scenario has the tag for journeys under load"
        case "not-closed":
            text = "; ".join(("the journeys' runner ended before it closed its record", *parameters.faults))
        case "fault":
            text = f"journeys: {'; '.join(parameters.faults)}"
        case "not-tried":
            text = f"{title} could not be tried ({parameters.status}){reason_of(parameters.step, parameters.message)}"
        case _:
            text = (f"{title} ran {counted(parameters.runs, 'time')} under load, and {parameters.required} are "
                    "required")
    return text if not parameters.profile or not title else f"{parameters.profile}: {text}"


@words(JourneyFailed)
def _journey_failed(parameters: JourneyFailed, finding: Finding) -> str:
    title = title_of_scenario(parameters.name, finding.subject, parameters.line)
    return (f"{parameters.profile}: {title} failed {parameters.failed} of {counted(parameters.runs, 'time')} under "
            f"load, first after {parameters.after_s:.0f} s{reason_of(parameters.step, parameters.message)}")


@words(VitalNotReported)
def _vital_not_reported(parameters: VitalNotReported, _: Finding) -> str:
    name, _unit = VITALS[parameters.vital]
    return f"{name} has an objective, and no page reported it ({counted(parameters.visits, 'visit')})"


@words(VitalTooHigh)
def _vital(parameters: VitalTooHigh, _: Finding) -> str:
    name, unit = VITALS[parameters.vital]
    return (f"{parameters.page} {name} p{PERCENT} {parameters.value:.4g}{unit} > {parameters.limit:g}{unit} "
            f"({counted(parameters.visits, 'visit')})")
