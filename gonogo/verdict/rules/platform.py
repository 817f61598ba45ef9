"""Rules on the environment's probes before and after the run: health, images and settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gonogo.model.findings import ComponentSubject, Finding, GateSubject, NoParameters, Parameters, Severity
from gonogo.model.rules.gate import ErrorReported
from gonogo.model.rules.platform import Health, Redeployed, SeveralVersions, VersionNotReported, WrongVersion
from gonogo.model.run import PlatformEvidence, Probe, RunEvidence, Version

STAGE = "platform"
_EVIDENCE = ("platform.json",)


def judge_platform(run: RunEvidence) -> Iterator[Finding]:
    """Findings of the gate's own probes, with or without a platform stage."""
    if run.provision_error:
        yield _of_gate("environment-not-up", ErrorReported(run.provision_error))
    evidence = run.platform
    if evidence is None or not evidence.before:
        yield _of_gate("environment-not-probed")
        return
    for probe in evidence.before:
        yield from _judge_health(probe)
        yield from _judge_versions(probe, run.release, run.release_configs)
    if run.release and not any(probe.component in run.release and probe.reports_version for probe in evidence.before):
        yield _of_gate("release-not-compared")
    yield from _judge_stability(evidence)


def _of_gate(rule: str, parameters: Parameters = NoParameters()) -> Finding:
    return Finding(STAGE, rule, Severity.INCONCLUSIVE, GateSubject(), parameters)


def _of_component(probe: Probe, rule: str, severity: Severity, parameters: Parameters = NoParameters()) -> Finding:
    return Finding(STAGE, rule, severity, ComponentSubject(probe.component), parameters, component=probe.component,
                   evidence=_EVIDENCE)


def _judge_health(probe: Probe, *, after_run: bool = False) -> Iterator[Finding]:
    health = Health(probe.url, probe.status, probe.detail, probe.third_party, after_run)
    if probe.third_party:
        if probe.status is None or probe.status >= 500:
            yield _of_component(probe, "test-gateway-down", Severity.INCONCLUSIVE, health)
    elif probe.status is None:
        yield _of_component(probe, "component-down", Severity.INCONCLUSIVE, health)
    elif 300 <= probe.status < 400:  # the target may be a sign-in page, which always answers 200
        yield _of_component(probe, "health-redirected", Severity.INCONCLUSIVE, health)
    elif probe.status >= 400:
        yield _of_component(probe, "component-unhealthy", Severity.BLOCK, health)


def _judge_versions(probe: Probe, images: Mapping[str, str], configs: Mapping[str, str]) -> Iterator[Finding]:
    for what, rule, running, released in (
        ("image", "wrong-image", probe.image, images.get(probe.component)),
        ("settings", "wrong-settings", probe.config, configs.get(probe.component)),
    ):
        if released is None or not probe.reports_version or probe.status is None:
            continue
        if running is None:
            yield _of_component(probe, "version-not-reported", Severity.INCONCLUSIVE, VersionNotReported(what))
        elif running != released:
            yield _of_component(probe, rule, Severity.BLOCK, WrongVersion(what, running, released))


def _judge_stability(evidence: PlatformEvidence) -> Iterator[Finding]:
    """The environment must be the same and as healthy after the run: a deployment during the run voids it."""
    if not evidence.after:
        yield _of_gate("environment-not-probed-after")
        return
    after = {probe.component: probe for probe in evidence.after}
    for probe in evidence.before:
        yield from _judge_change(probe, after.get(probe.component), evidence.during)


def _judge_change(probe: Probe, later: Probe | None, during: Iterable[Version]) -> Iterator[Finding]:
    if later is None or (later.status is None and probe.status is not None and not probe.third_party):
        yield _of_component(probe, "component-lost", Severity.BLOCK)
        return
    if later.status != probe.status:
        yield from _judge_health(later, after_run=True)
    if (later.image, later.config) != (probe.image, probe.config):
        yield _of_component(probe, "deployed-during-run", Severity.VOID,
                            Redeployed(probe.image, later.image, probe.config, later.config))
        return
    seen = [Version(probe.component, probe.image, probe.config),
            *(version for version in during if version.component == probe.component)]
    several = SeveralVersions(_several(version.image for version in seen), _several(version.config for version in seen))
    if several.images or several.settings:
        yield _of_component(probe, "several-versions", Severity.VOID, several)


def _several(digests: Iterable[str | None]) -> tuple[str, ...]:
    """The different digests; () if there is only one."""
    different = tuple(dict.fromkeys(digest for digest in digests if digest is not None))
    return different if len(different) > 1 else ()
