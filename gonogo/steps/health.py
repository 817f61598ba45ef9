"""Health and version of components, by their names in environments.yml and release.yml.

These steps are for scenarios; the gate's probes before and after a run belong to the platform stage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from behave import given, then, when
from behave.runner import Context

import gonogo.steps.wording  # noqa: F401  (the types Name and Text)
from gonogo.config import RELEASE_FILE, Release, load_release
from gonogo.config.model import Service, ThirdParty
from gonogo.steps.api import Api
from gonogo.steps.memory import memory

HEALTH_WITHIN_S = 2.0


def component(context: Context, name: str) -> Service:
    services: dict[str, Service] = context.world.environment.services
    assert name in services, f"environments.yml has no service {name!r}; services there: {', '.join(services)}"
    return services[name]


def test_gateway(context: Context, name: str) -> ThirdParty:
    gateways: dict[str, ThirdParty] = context.world.environment.third_parties
    assert name in gateways, (f"environments.yml has no third party {name!r}; "
                              f"third parties there: {', '.join(gateways)}")
    return gateways[name]


def release(context: Context) -> Release:
    """The release to promote: that of the gate or of `behave -D release=FILE`, else release.yml in the suite's folder.
    """
    given: Release | None = context.world.release
    return given or load_release(context.world.root / RELEASE_FILE)


def assert_well(context: Context, name: str) -> None:
    """Assert that its health path answered 2xx within HEALTH_WITHIN_S."""
    answer = memory(context).answers[name]
    assert answer.ok, f"{name} is not healthy: {answer.status_code} {answer.text[:500]}"
    took_s = answer.elapsed.total_seconds()
    assert took_s < HEALTH_WITHIN_S, f"{name}: health answered after {took_s:.1f} s; limit {HEALTH_WITHIN_S:g} s"


def assert_dependencies_well(name: str, document: Mapping[str, Any], calls: Sequence[str]) -> None:
    """Assert that each dependency in the health document is `ok`, and that a list has all components that `name` calls.
    """
    listed = document.get("dependencies", {})
    missing = sorted(set(calls) - set(listed)) if "dependencies" in document else []
    assert not missing, f"{name}: dependencies missing in the health document: {', '.join(missing)}"
    unhealthy = {peer: check for peer, check in listed.items() if check["status"] != "ok"}
    assert document["status"] == "ok" and not unhealthy, (
        f"{name}: status {document['status']!r}; unhealthy dependencies: {unhealthy}")


def assert_same_digest(name: str, what: str, running: object, released: object) -> None:
    assert released, f"release.yml has no {what} digest for {name}"
    assert running == released, f"{name}: running {what} is {running}; the release has {released}"


@given('"{name:Text}" is part of the environment')
def is_part_of_environment(context: Context, name: str) -> None:
    """environments.yml has a service with this name."""
    assert component(context, name)


@given('the test gateway "{name:Text}" is part of the environment')
def gateway_is_part_of_environment(context: Context, name: str) -> None:
    """environments.yml has a third party with this name."""
    assert test_gateway(context, name)


@given('"{name:Text}" is part of the release')
def is_part_of_release(context: Context, name: str) -> None:
    """release.yml has an image of this component."""
    images = release(context).images
    assert name in images, f"release.yml has no image of {name}; images there: {', '.join(images)}"


@given("the release names its components")
def release_names_components(context: Context) -> None:
    """release.yml is valid and has at least one image."""
    assert release(context).images, "release.yml has no images"


@when('the health of "{name:Text}" is asked')
def ask_health(context: Context, name: str) -> None:
    """One request to the component's health path."""
    service = component(context, name)
    memory(context).answers[name] = Api(service.url, context.world.http).send("GET", service.health)


@when('the health of the test gateway "{name:Text}" is asked')
def ask_gateway_health(context: Context, name: str) -> None:
    """One request to the test gateway's health path."""
    gateway = test_gateway(context, name)
    memory(context).answers[name] = Api(gateway.url, context.world.http).send("GET", gateway.health)


@when('the version of "{name:Text}" is asked')
def ask_version(context: Context, name: str) -> None:
    """One request to the component's version path."""
    service = component(context, name)
    memory(context).versions[name] = Api(service.url, context.world.http).get(service.version or "/version")


@when("the environment is compared with the release")
def compare(context: Context) -> None:
    """Collect the components of release.yml that are missing in environments.yml."""
    memory(context).missing = sorted(set(release(context).images) - set(_parts(context)))


@then('"{name:Text}" is well')
def is_well(context: Context, name: str) -> None:
    """Its health path answered 2xx within 2 s."""
    assert_well(context, name)


@then('the test gateway "{name:Text}" is well')
def gateway_is_well(context: Context, name: str) -> None:
    """Its health path answered 2xx within 2 s."""
    assert_well(context, name)


@then('everything that "{name:Text}" needs is well')
def needs_are_well(context: Context, name: str) -> None:
    """Every dependency in its health document is `ok`, and all components that it calls are listed."""
    assert_dependencies_well(name, memory(context).answers[name].json(), component(context, name).calls)


@then('"{name:Text}" runs the image of the release')
def runs_image(context: Context, name: str) -> None:
    """The image digest in its version document is the one in release.yml."""
    running = memory(context).versions[name].get(component(context, name).image_field)
    assert_same_digest(name, "image", running, release(context).images.get(name))


@then('"{name:Text}" runs with the settings of the release')
def runs_settings(context: Context, name: str) -> None:
    """The settings digest in its version document is the one in release.yml."""
    running = memory(context).versions[name].get(component(context, name).config_field or "config")
    assert_same_digest(name, "settings", running, release(context).configs.get(name))


@then('"{name:Text}" runs without debug mode')
def runs_without_debug(context: Context, name: str) -> None:
    """Its version document has `"debug": false`; a missing member fails."""
    debug: Any = memory(context).versions[name].get("debug")
    assert debug is False, f"{name}: debug is {debug!r}; must be false"


@then("every component of the release is part of the environment")
def nothing_missing(context: Context) -> None:
    """No component of release.yml is missing among the services and third parties of environments.yml."""
    missing = memory(context).missing
    assert not missing, f"environments.yml lacks components of the release: {', '.join(missing)}"


def _parts(context: Context) -> list[str]:
    environment = context.world.environment
    return [*environment.services, *environment.third_parties]
