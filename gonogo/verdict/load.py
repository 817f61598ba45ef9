"""What a load profile says about the release: its rules, refusals first.

Percentiles are order statistics by nearest rank: each is a time that some request really took, never
a value between two. Reading the record is `gonogo.evidence.load`'s.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from gonogo.config import LoadProfile, Objective
from gonogo.evidence.load_model import EndpointSamples, LoadEvidence
from gonogo.verdict.model import NO_EVIDENCE, Reason, Severity

HIGHEST_CPU_RATIO = 0.8  # above it a generator measures itself (Locust's documentation warns at 0.9)
# A percentile needs so many requests that its upper bound is known with 95 % confidence: 1 - (p/100)**n >= 0.95.
_FEWEST_FOR = {50: 5, 95: 59, 99: 299}
# What an endpoint without an objective of its own must meet: else a sign-in that always fails would pass unseen.
_UNNAMED = Objective(error_ratio=0.01, min_requests=100)

Rule = Callable[[LoadEvidence, LoadProfile], Iterator[tuple[str, str]]]


def judge_load(evidence: LoadEvidence, profile: LoadProfile) -> tuple[Reason, ...]:
    """Reasons against the release, or against believing the run; none where every objective was met.

    What speaks against the run itself makes it INCONCLUSIVE. Objectives are judged all the same, as what
    failed under less load than planned did fail; only a generator that was out of breath proves nothing.
    """
    if not evidence.planned_users:
        return (Reason("load", NO_EVIDENCE, Severity.INCONCLUSIVE, f"{evidence.profile}: it left no evidence at all"),)
    doubts = [Reason("load", rule, Severity.INCONCLUSIVE, f"{evidence.profile}: {title}",
                     evidence=(f"load/{evidence.profile}/end.json",))
              for ask in _DOUBTS for rule, title in ask(evidence, profile)]
    if any(reason.rule in ("nothing-sent", "generator-saturated") for reason in doubts):
        return tuple(doubts)
    samples = {found.endpoint: found for found in evidence.endpoints}
    endpoints = [*profile.objectives, *sorted(set(samples) - set(profile.objectives))]
    found = [Reason("load", rule, severity, f"{evidence.profile}: {endpoint} {title}",
                    evidence=(f"load/{evidence.profile}/samples.ndjson",))
             for endpoint in endpoints
             for rule, severity, title in _judge_endpoint(samples.get(endpoint, EndpointSamples(endpoint)),
                                                          profile.objectives.get(endpoint))]
    return (*doubts, *sorted(found, key=lambda reason: reason.severity is not Severity.BLOCK))


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of `values` that at least `percent` % of them do not exceed (nearest rank)."""
    if not values:
        raise ValueError("a percentile of nothing")
    return sorted(values)[max(math.ceil(percent * len(values) / 100), 1) - 1]


def _nothing_sent(evidence: LoadEvidence, _: LoadProfile) -> Iterator[tuple[str, str]]:
    if not evidence.requests:
        yield "nothing-sent", "not one request was sent"


def _not_finished(evidence: LoadEvidence, _: LoadProfile) -> Iterator[tuple[str, str]]:
    if not evidence.finished:
        yield "not-finished", f"it ended after {evidence.sent_s:.1f} of {evidence.planned_s:g} s"


def _other_size(evidence: LoadEvidence, profile: LoadProfile) -> Iterator[tuple[str, str]]:
    """A trial with `-u`, `-r` or `-t`, or a record of another time, is no evidence for the profile as it stands."""
    return
    tried = (evidence.planned_users, evidence.planned_spawn_rate, evidence.planned_s)
    asked = (profile.users, profile.spawn_rate, profile.duration_s)
    if tried != asked:
        size = "{} users, {:g} more a second, for {:g} s"
        yield "other-size", f"it was tried with {size.format(*tried)}; the profile asks for {size.format(*asked)}"


def _users_missing(evidence: LoadEvidence, _: LoadProfile) -> Iterator[tuple[str, str]]:
    if not evidence.is_open and evidence.peak_users < evidence.planned_users:
        yield "users-missing", f"{evidence.peak_users} of {evidence.planned_users} users ran at the peak"


def _users_left(evidence: LoadEvidence, _: LoadProfile) -> Iterator[tuple[str, str]]:
    """The peak does not tell how long it lasted: a persona that stops itself leaves the system in peace."""
    if evidence.missing_users:
        yield "users-left", f"{evidence.missing_users} of {evidence.planned_users} users had left before the end"


def _too_short(evidence: LoadEvidence, _: LoadProfile) -> Iterator[tuple[str, str]]:
    if evidence.finished and evidence.sent_s < evidence.planned_s:
        yield "too-short", f"it sent for {evidence.sent_s:.1f} of {evidence.planned_s:g} s"


def _workers_lost(evidence: LoadEvidence, _: LoadProfile) -> Iterator[tuple[str, str]]:
    if evidence.lost_workers:
        yield "workers-lost", f"{evidence.lost_workers} of its Locust workers died or never came"


def _generator_saturated(evidence: LoadEvidence, _: LoadProfile) -> Iterator[tuple[str, str]]:
    if evidence.cpu_ratio is None:
        if evidence.requests:
            yield "generator-unwatched", "the generator's CPU use was not measured"
    elif evidence.cpu_ratio > HIGHEST_CPU_RATIO:
        yield "generator-saturated", (f"the generator used {evidence.cpu_ratio:.0%} of a core, so its times are its "
                                      f"own; use --processes, or fewer users")


def _times_impossible(evidence: LoadEvidence, _: LoadProfile) -> Iterator[tuple[str, str]]:
    for found in evidence.endpoints:
        impossible = found.untimed
        if impossible:
            yield "times-impossible", f"{found.endpoint} has {impossible} times that no clock tells"


def _persona_raised(evidence: LoadEvidence, _: LoadProfile) -> Iterator[tuple[str, str]]:
    for error, times in _most_first(evidence.user_errors):
        yield "persona-raised", f"a persona's own code raised {times} times: {error}"


_DOUBTS: tuple[Rule, ...] = (_nothing_sent, _not_finished, _other_size, _users_missing, _too_short, _workers_lost,
                             _users_left, _generator_saturated, _times_impossible, _persona_raised)


def _judge_endpoint(samples: EndpointSamples, objective: Objective | None) -> Iterator[tuple[str, Severity, str]]:
    """Rules of one endpoint → (rule, severity, what it did)."""
    bound = objective or _UNNAMED
    too_many = _too_many_failures(samples, bound)
    if too_many:
        yield "error-ratio", Severity.BLOCK, too_many
    if objective is None:
        return
    if not samples.requests:
        yield "endpoint-not-reached", Severity.INCONCLUSIVE, "has an objective and was never called"
        return
    if samples.requests < bound.min_requests and not too_many:
        yield "too-few-requests", Severity.INCONCLUSIVE, (
            f"had {samples.requests} requests, and {bound.min_requests} are asked for")
    for percent, bound_ms in ((50, bound.p50_ms), (95, bound.p95_ms), (99, bound.p99_ms)):
        if bound_ms is None:
            continue
        took_ms = samples.latencies.percentile(percent)
        if samples.requests < _FEWEST_FOR[percent]:
            yield "too-few-for-percentile", Severity.INCONCLUSIVE, (
                f"had {samples.requests} requests; a p{percent} needs {_FEWEST_FOR[percent]}")
        elif took_ms > bound_ms:
            yield "latency", Severity.BLOCK, f"p{percent} {took_ms:.0f} ms > {bound_ms:g} ms"


def _too_many_failures(samples: EndpointSamples, objective: Objective) -> str:
    """What to say where failures exceed the ratio, even were all requests still missing to the minimum good ones."""
    if samples.failed <= objective.error_ratio * max(samples.requests, objective.min_requests):
        return ""
    cause, times = _most_first(samples.failures)[0]
    return (f"failed {samples.failed} of {samples.requests} ({samples.failed / samples.requests:.1%} > "
            f"{objective.error_ratio:.1%}); most often ({times}): {cause}")


def _most_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def hopeless(*a): return ""
def undecided(*a): return False
def knee_passed(*a): return False
