"""What speaks against the run of a load profile itself: each a named rule that makes it INCONCLUSIVE."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gonogo.config import LoadProfile
from gonogo.model.load import Arrived, LoadEvidence
from gonogo.model.verdict import Severity
from gonogo.verdict.load.objectives import Finding, most_first
from gonogo.verdict.load.steps import arrived_up_to_knee

HIGHEST_CPU_RATIO = 0.8  # above it a generator measures itself (Locust's documentation warns at 0.9)
HIGHEST_LAG_MS = 250.0  # an event loop that is later than this for 5 % of the time brings no load worth the name
LAG_OF_A_MISS_MS = 50.0  # one that is later than this adds it to times: none that is too long can be held against it
LEAST_ACHIEVED = 0.99  # visits begun, of those due
# What these say holds for every figure of the run: nothing is learnt about the release.
_PROVES_NOTHING = ("nothing-sent", "generator-saturated", "generator-late")

Said = Iterator[tuple[str, str]]
Rule = Callable[[LoadEvidence, LoadProfile], Said]


def doubts_of(evidence: LoadEvidence, profile: LoadProfile) -> list[Finding]:
    """Everything that lets the run be doubted."""
    return _ask((*_OF_ITS_COURSE, *_OF_ITS_GENERATOR), evidence, profile)


def doubts_so_far(evidence: LoadEvidence, profile: LoadProfile) -> list[Finding]:
    """The same in mid-run, when nothing is known yet of how it will end."""
    return _ask(_OF_ITS_GENERATOR, evidence, profile)


def prove_nothing(doubts: list[Finding]) -> bool:
    """Whether no objective can be judged at all."""
    return any(doubt.rule in _PROVES_NOTHING for doubt in doubts)


def _ask(rules: tuple[Rule, ...], evidence: LoadEvidence, profile: LoadProfile) -> list[Finding]:
    return [Finding(rule, Severity.INCONCLUSIVE, title) for ask in rules for rule, title in ask(evidence, profile)]


def _nothing_sent(evidence: LoadEvidence, _: LoadProfile) -> Said:
    if not evidence.requests:
        yield "nothing-sent", "not one request was sent"


def _not_finished(evidence: LoadEvidence, profile: LoadProfile) -> Said:
    if not evidence.finished and not _ended_early(evidence, profile):
        yield "not-finished", f"it ended after {evidence.sent_s:.1f} of {evidence.planned_s:g} s"


def _other_size(evidence: LoadEvidence, profile: LoadProfile) -> Said:
    """A trial with `-u`, `-r` or `-t`, or a record of another time, is no evidence for the profile as it stands."""
    arrivals = profile.arrivals.model_dump(mode="json") if profile.arrivals else None
    if evidence.planned_arrivals != arrivals:
        yield "other-size", "it was tried with other arrivals than the profile asks for"
    elif arrivals is not None and evidence.planned_s != profile.duration_s:
        yield "other-size", f"it was tried for {evidence.planned_s:g} s; the profile asks for {profile.duration_s:g} s"
    elif arrivals is None:
        tried = (evidence.planned_users, evidence.planned_spawn_rate, evidence.planned_s)
        asked = (profile.users, profile.spawn_rate, profile.duration_s)
        if tried != asked:
            size = "{} users, {:g} more a second, for {:g} s"
            yield "other-size", f"it was tried with {size.format(*tried)}; the profile asks for {size.format(*asked)}"


def _users_missing(evidence: LoadEvidence, profile: LoadProfile) -> Said:
    if profile.arrivals is not None or _ended_early(evidence, profile):
        return
    if evidence.peak_users < evidence.planned_users:
        yield "users-missing", f"{evidence.peak_users} of {evidence.planned_users} users ran at the peak"


def _users_left(evidence: LoadEvidence, profile: LoadProfile) -> Said:
    """The peak does not tell how long it lasted: a persona that stops itself leaves the system in peace."""
    if profile.arrivals is None and evidence.missing_users:
        yield "users-left", f"{evidence.missing_users} of {evidence.planned_users} users had left before the end"


def _too_short(evidence: LoadEvidence, profile: LoadProfile) -> Said:
    if evidence.finished and evidence.sent_s < evidence.planned_s and not _ended_early(evidence, profile):
        yield "too-short", f"it sent for {evidence.sent_s:.1f} of {evidence.planned_s:g} s"


def _workers_lost(evidence: LoadEvidence, _: LoadProfile) -> Said:
    if evidence.lost_workers:
        yield "workers-lost", (f"{evidence.lost_workers} of its Locust workers died, never came or could not be "
                               "understood")


def _persona_raised(evidence: LoadEvidence, _: LoadProfile) -> Said:
    for error, times in most_first(evidence.user_errors):
        yield "persona-raised", f"a persona's own code raised {times} times: {error}"


def _arrivals_untold(evidence: LoadEvidence, profile: LoadProfile) -> Said:
    if profile.arrivals is not None and evidence.requests and (evidence.arrived is None or not evidence.arrived.due):
        yield "arrivals-untold", "how many visits were due, and how many began, was not counted"


def _generator_saturated(evidence: LoadEvidence, profile: LoadProfile) -> Said:
    if evidence.cpu_ratio is not None and evidence.cpu_ratio > HIGHEST_CPU_RATIO:
        fewer = "fewer visits" if profile.arrivals else "fewer users"
        yield "generator-saturated", (f"the generator used {evidence.cpu_ratio:.0%} of a core and was the bottleneck, "
                                      f"so its times are its own; use --processes, or {fewer}")


def _generator_late(evidence: LoadEvidence, _: LoadProfile) -> Said:
    if evidence.lag_p95_ms is not None and evidence.lag_p95_ms > HIGHEST_LAG_MS:
        yield "generator-late", lateness(evidence.lag_p95_ms)


def lateness(lag_p95_ms: float) -> str:
    return (f"the generator itself was more than {lag_p95_ms:.0f} ms late for 5% of the time "
            f"({LAG_OF_A_MISS_MS:.0f} ms are sound) and was the bottleneck, so its times are its own; give it a core "
            "of its own, or use --processes")


def _generator_unwatched(evidence: LoadEvidence, _: LoadProfile) -> Said:
    if not evidence.requests:
        return
    if evidence.cpu_ratio is None:
        yield "generator-unwatched", "the generator's CPU use was not measured"
    if evidence.lag_p95_ms is None:
        yield "generator-unwatched", "how late the generator itself was, was not measured"


def _times_impossible(evidence: LoadEvidence, _: LoadProfile) -> Said:
    untimed: dict[str, int] = {}
    for samples in (*evidence.endpoints, *(each for phase in evidence.phases for each in phase.endpoints)):
        untimed[samples.endpoint] = max(untimed.get(samples.endpoint, 0), samples.untimed)
    for endpoint, times in untimed.items():
        if times:
            yield "times-impossible", f"{endpoint} has {times} times that no clock tells"


def _arrivals_dropped(evidence: LoadEvidence, profile: LoadProfile) -> Said:
    arrived = judged_arrivals(evidence, profile)
    if arrived and arrived.dropped:
        yield "arrivals-dropped", (f"{arrived.dropped} of {arrived.due} visits could not start: {profile.most_at_once} "
                                   f"were under way already, as many as `most_at_once` allows")


def _arrivals_missed(evidence: LoadEvidence, profile: LoadProfile) -> Said:
    arrived = judged_arrivals(evidence, profile)
    if arrived and arrived.started < LEAST_ACHIEVED * arrived.due:
        yield "arrivals-missed", (f"{arrived.started} of {arrived.due} visits that were due began "
                                  f"({arrived.started / arrived.due:.1%}; {LEAST_ACHIEVED:.0%} are asked for)")


def judged_arrivals(evidence: LoadEvidence, profile: LoadProfile) -> Arrived | None:
    """The visits that had to begin; None in a closed loop."""
    if profile.arrivals is None:
        return None
    return arrived_up_to_knee(evidence, profile) if profile.arrivals.steps else evidence.arrived


def _ended_early(evidence: LoadEvidence, profile: LoadProfile) -> bool:
    """By its own will: an objective was lost, which is never GO, or the knee was found, which the steps must show."""
    return bool(evidence.aborted) or (
        evidence.knee_passed and profile.arrivals is not None and profile.arrivals.steps is not None)


_OF_ITS_COURSE: tuple[Rule, ...] = (_not_finished, _other_size, _users_missing, _too_short, _workers_lost, _users_left,
                                    _persona_raised, _arrivals_untold)
_OF_ITS_GENERATOR: tuple[Rule, ...] = (_nothing_sent, _generator_saturated, _generator_late, _generator_unwatched,
                                       _times_impossible, _arrivals_dropped, _arrivals_missed)
