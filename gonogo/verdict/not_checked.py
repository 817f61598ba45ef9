"""What a verdict does not speak of: told with it, so that nobody takes silence for health."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.config import Environment
from gonogo.evidence.model import RunEvidence


def not_checked(run: RunEvidence, environment: Environment) -> tuple[str, ...]:
    """One line for each thing that this run had no means to check."""
    return (*_stages(run, environment), *_versions(run, environment), *_suite(environment))


def _stages(run: RunEvidence, environment: Environment) -> Iterator[str]:
    for stage in environment.stages:
        if stage not in run.stages:
            yield f"{stage}: left out of this part of the gate"
    if "load" not in environment.stages:
        yield "load: this environment asks for none"
    if "platform" in run.stages and not run.platform_features:
        yield "platform: there is no features/platform; only the gate's own probes were made"


def _versions(run: RunEvidence, environment: Environment) -> Iterator[str]:
    if not run.release:
        yield "release: no release.yml, so that nothing says which images should be running"
    if not environment.services:
        yield "versions: no services are listed, so that a deployment during the run would not be seen"
    for name, service in environment.services.items():
        if service.version is None:
            yield f"versions: {name} has no version path"
        if run.release and name not in run.release:
            yield f"release: release.yml does not name {name}"
    for component in run.release:
        if environment.services and component not in {**environment.services, **environment.third_parties}:
            yield f"release: {component} is released, and environments.yml does not list it"


def _suite(environment: Environment) -> Iterator[str]:
    if "behaviour" in environment.stages and not environment.mandatory_journeys:
        yield "mandatory journeys: none are named, so that one that is deleted would not be missed"
    yield "contract: exchanges are recorded for failures, and not yet compared with OpenAPI documents"
