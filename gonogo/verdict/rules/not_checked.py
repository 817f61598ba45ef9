"""What a verdict does not speak of: told with it, so that nobody takes silence for health."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.config import Environment
from gonogo.model.run import RunEvidence
from gonogo.verdict.rules.scenarios import left_to_tags
from gonogo.verdict.rules.undocumented import undocumented_in_short


def not_checked(run: RunEvidence, environment: Environment) -> tuple[str, ...]:
    """One line for each thing that this run had no means to check."""
    return (*_stages(run, environment), *_versions(run, environment), *_suite(environment), *_wire(run, environment))


def _stages(run: RunEvidence, environment: Environment) -> Iterator[str]:
    for stage in environment.stages:
        if stage not in run.stages:
            yield f"{stage}: left out of this part of the gate"
    for asked in run.stages:
        if left_to_tags(asked, run):
            yield f"{asked}: none of its scenarios bears the tags that were asked for"
    if "load" not in environment.stages:
        yield "load: this environment asks for none"
    if "platform" in run.stages and not run.platform_features:
        yield "platform: there is no features/platform; only the gate's own probes were made"


def _versions(run: RunEvidence, environment: Environment) -> Iterator[str]:
    if not run.release:
        yield "release: no release.yml, so that nothing says which images should be running"
    if not environment.services:
        yield "versions: no services are listed, so that a deployment during the run would not be seen"
    before = run.platform.before if run.platform else ()
    silent = {probe.component for probe in before if probe.tells_version and probe.image is None}
    for name, service in environment.services.items():
        if service.version is None:
            yield f"versions: {name} has no version path"
        elif name in silent:
            yield f"versions: {name} does not tell its image, so that a deployment during the run would not be seen"
        if run.release and name not in run.release:
            yield f"release: release.yml does not name {name}"
    for component in run.release:
        if component not in {**environment.services, **environment.third_parties}:
            yield f"release: {component} is released, and environments.yml does not list it: what runs is not known"


def _suite(environment: Environment) -> Iterator[str]:
    if "behaviour" in environment.stages and not environment.mandatory_journeys:
        yield "mandatory journeys: none are named, so that one that is deleted would not be missed"


def _wire(run: RunEvidence, environment: Environment) -> Iterator[str]:
    """Of what went over the wire: without the gate's own scenarios there is nothing to speak of."""
    wire = run.wire
    if wire is None:
        return
    if wire.without_contract:
        yield f"contract: no OpenAPI document for {', '.join(wire.without_contract)}"
    if undocumented := undocumented_in_short(wire):
        yield f"contract: not documented: {undocumented} (report.html lists all)"
    if not wire.compared:
        yield "shapes: there is no GO yet whose exchanges could be compared with"
    if environment.traces is None:
        yield "edges: no traces are configured, so that who called whom behind the front door is not known"
    elif not wire.traced:
        yield "edges: no traces came, so that who called whom behind the front door is not known"
    yield from (f"wire: {problem}" for problem in wire.problems)
