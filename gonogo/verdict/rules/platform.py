"""What the environment itself said, before and after: is it up, and does it run what is to be promoted?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gonogo.model.run import PlatformEvidence, Probe, RunEvidence
from gonogo.model.verdict import Reason, Severity

STAGE = "platform"
_EVIDENCE = ("platform.json",)


def judge_platform(run: RunEvidence) -> Iterator[Reason]:
    """Reasons from the gate's own probes. Whether there was a platform stage of scenarios is not asked here."""
    if run.provision_error:
        yield Reason(STAGE, "environment-not-up", Severity.INCONCLUSIVE, run.provision_error)
    evidence = run.platform
    if evidence is None or not evidence.before:
        yield Reason(STAGE, "environment-not-probed", Severity.INCONCLUSIVE,
                     "the environment was not looked at before the run")
        return
    for probe in evidence.before:
        yield from _judge_health(probe)
        yield from _judge_digests(probe, run.release, run.release_configs)
    yield from _judge_stability(evidence)


def _judge_health(probe: Probe, when: str = "") -> Iterator[Reason]:
    answered = f"answered {probe.status}" if probe.status is not None else "did not answer"
    said = f"{probe.component} {answered}{when} at {probe.url}" + (f": {probe.detail}" if probe.detail else "")
    if probe.third_party:
        if probe.status is None or probe.status >= 500:
            yield Reason(STAGE, "test-gateway-down", Severity.INCONCLUSIVE, f"the test gateway {said}",
                         component=probe.component, evidence=_EVIDENCE)
    elif probe.status is None:
        yield Reason(STAGE, "component-down", Severity.INCONCLUSIVE, said, component=probe.component,
                     evidence=_EVIDENCE)
    elif 300 <= probe.status < 400:  # followed, it may lead to a sign-in page, which is always well
        yield Reason(STAGE, "health-not-told", Severity.INCONCLUSIVE, f"{said}: a redirect does not say how it is; "
                     "correct its `health`", component=probe.component, evidence=_EVIDENCE)
    elif probe.status >= 400:
        yield Reason(STAGE, "component-unhealthy", Severity.BLOCK, said, component=probe.component,
                     evidence=_EVIDENCE)


def _judge_digests(probe: Probe, images: Mapping[str, str], configs: Mapping[str, str]) -> Iterator[Reason]:
    for what, rule, running, released in (
        ("image", "wrong-image", probe.image, images.get(probe.component)),
        ("settings", "wrong-settings", probe.config, configs.get(probe.component)),
    ):
        if released is None or not probe.tells_version or probe.status is None:
            continue
        if running is None:
            yield Reason(STAGE, "version-not-told", Severity.INCONCLUSIVE,
                         f"{probe.component} does not tell the digest of its {what}", component=probe.component,
                         evidence=_EVIDENCE)
        elif running != released:
            yield Reason(STAGE, rule, Severity.BLOCK,
                         f"{probe.component} runs {what} {_short(running)}, the release names {_short(released)}",
                         component=probe.component, evidence=_EVIDENCE)


def _judge_stability(evidence: PlatformEvidence) -> Iterator[Reason]:
    """What ran at the end must be what ran at the beginning, and be as well: a deployment in between voids the run."""
    if not evidence.after:
        yield Reason(STAGE, "environment-not-probed-after", Severity.INCONCLUSIVE,
                     "the environment was not looked at again after the run")
        return
    after = {probe.component: probe for probe in evidence.after}
    for probe in evidence.before:
        yield from _judge_change(probe, after.get(probe.component))


def _judge_change(probe: Probe, later: Probe | None) -> Iterator[Reason]:
    if later is None or (later.status is None and probe.status is not None and not probe.third_party):
        yield Reason(STAGE, "component-lost", Severity.BLOCK, f"{probe.component} answered before the run "
                     "and not after it", component=probe.component, evidence=_EVIDENCE)
        return
    if later.status != probe.status:
        yield from _judge_health(later, " after the run")
    if (later.image, later.config) != (probe.image, probe.config):
        yield Reason(STAGE, "deployed-during-run", Severity.VOID,
                     f"{probe.component} was {_short(probe.image)} before the run and {_short(later.image)} after "
                     "it: what was tried is not one release", component=probe.component, evidence=_EVIDENCE)


def _short(digest: str | None) -> str:
    return digest[:19] + "…" if digest and len(digest) > 19 else str(digest)
