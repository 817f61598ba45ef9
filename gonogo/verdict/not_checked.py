"""What a verdict does not speak of: told with it, so that nobody takes silence for health."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.config import Environment
from gonogo.evidence.model import RunEvidence


def not_checked(run: RunEvidence, environment: Environment) -> tuple[str, ...]:
    """One line for each thing that this run had no means to check."""
    return tuple(_lines(run, environment))


def _lines(run: RunEvidence, environment: Environment) -> Iterator[str]:
    for stage in environment.stages:
        if stage not in run.stages:
            yield f"{stage}: left out of this part of the gate"
    if "load" not in environment.stages:
        yield "load: this environment asks for none"
    if "platform" in run.stages and not run.platform_features:
        yield "platform: there is no features/platform; only the gate's own probes were made"
    if not run.release:
        yield "release: no release.yml, so that nothing says which images should be running"
    if not environment.services:
        yield "versions: no services are listed, so that a deployment during the run would not be seen"
    probed = run.platform.before if run.platform else ()
    for probe in probed:
        if not probe.third_party and not probe.tells_version and probe.component in environment.services:
            yield f"versions: {probe.component} has no version path"
        if probe.tells_version and run.release and probe.component not in run.release and not probe.third_party:
            yield f"release: release.yml does not name {probe.component}"
    for component in run.release:
        if environment.services and component not in environment.services \
                and component not in environment.third_parties:
            yield f"release: {component} is released, and environments.yml does not list it"
    if not environment.mandatory_journeys:
        yield "mandatory journeys: none are named, so that one that is deleted would not be missed"
    yield "contract: exchanges are recorded for failures, and not yet compared with OpenAPI documents"
