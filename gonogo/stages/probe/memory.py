"""What the probe stage keeps for later runs: its requests, the classes of their answers, and what of them is unstable.

Pure. A request that was not sent in this run is kept as it was: a baseline forgets nothing because time was over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from gonogo.model.probing import KnownRequest, ProbeBaseline, ProbedRequest, ProbeEvidence
from gonogo.records.probe_baseline import KIND, probe_baseline, probe_document
from gonogo.stages.stage import Memory, Policy
from gonogo.traffic.shapes.answers import answer_difference, unstable_aspects

if TYPE_CHECKING:
    from gonogo.model.baseline import Baseline
    from gonogo.model.stages import StageResult

_ALWAYS_LEARNT = 3  # requests of a run
_LEARNT_SHARE = 0.1  # of those that were sent again


def known_requests(baseline: Baseline | None) -> ProbeBaseline | None:
    """What the baseline keeps; None if it keeps nothing, or nothing that can be read."""
    document = baseline.documents.get(KIND) if baseline is not None else None
    return probe_baseline(document) if document is not None else None


def is_same_system(known: ProbeBaseline | None, policy: Policy) -> bool:
    """Whether the very images and settings of the baseline ran: a different answer is then no change of theirs."""
    return known is not None and bool(known.versions) and known.versions == policy.versions


def memory_of(result: StageResult, policy: Policy, baseline: Baseline | None) -> Memory:
    evidence = result.evidence
    if not isinstance(evidence, ProbeEvidence):
        return Memory()
    known = known_requests(baseline)
    document = probe_document(ProbeBaseline(tuple(_kept(evidence.requests, known)), dict(policy.versions)))
    learnt = {}
    if known is not None and is_same_system(known, policy):
        merged = tuple(_learnt(known, evidence.requests))
        if merged != known.requests:
            learnt = {KIND: probe_document(replace(known, requests=merged))}
    return Memory({KIND: document}, learnt)


def _kept(probed: Iterable[ProbedRequest], known: ProbeBaseline | None) -> Iterator[KnownRequest]:
    before = {each.request.key: each for each in known.requests} if known else {}
    now = {each.request.key: each for each in probed if each.answers}
    for key, request in before.items():
        yield _of_now(now[key], request) if key in now else request
    for key, each in now.items():
        if key not in before:
            yield _of_now(each, None)


def _of_now(probed: ProbedRequest, before: KnownRequest | None) -> KnownRequest:
    """With the answer of this run. If the first answer was not confirmed, the one of the baseline stays."""
    first, *others = probed.answers
    unstable = before.unstable if before else frozenset()
    for other in others:
        unstable |= unstable_aspects(first, other)
    confirmed = before is None or not others or not _is_flicker(probed, before)
    answer = first if confirmed or before is None else before.answer
    failed = any(each.failed for each in probed.answers) or (before is not None and before.failed)
    return KnownRequest(probed.request, answer, unstable, failed, probed.ms)


def _is_flicker(probed: ProbedRequest, before: KnownRequest) -> bool:
    return answer_difference(probed.answers[-1], before.answer, before.unstable, failed_before=before.failed) is None


def _learnt(known: ProbeBaseline, probed: Iterable[ProbedRequest]) -> Iterator[KnownRequest]:
    """The baseline, with what differed although the same system answered.

    Server errors are not learnt: an outage would make the baseline blind to them. Nor is anything if much differs: then
    not the answers are unstable, the environment has changed.
    """
    now = {each.request.key: each for each in probed if each.known}
    unstable = {each.request.key: _unstable_now(each, now.get(each.request.key)) for each in known.requests}
    learns = is_little(sum(map(bool, unstable.values())), len(now))
    for each in known.requests:
        yield replace(each, unstable=each.unstable | unstable[each.request.key]) if learns else each


def is_little(differing: int, replayed: int) -> bool:
    """Whether so many of the baseline's requests can differ by themselves."""
    return differing <= max(_ALWAYS_LEARNT, replayed * _LEARNT_SHARE)


def _unstable_now(known: KnownRequest, probed: ProbedRequest | None) -> frozenset[str]:
    aspects: frozenset[str] = frozenset()
    for answer in probed.answers if probed else ():
        if not answer.failed and answer_difference(answer, known.answer, known.unstable) is not None:
            aspects |= unstable_aspects(answer, known.answer)
    return aspects
