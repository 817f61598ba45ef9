"""Findings about the environment: whether it is up, and whether it runs what is to be promoted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gonogo.model.findings import NoParameters, Parameters
from gonogo.model.rules.gate import ErrorReported


@dataclass(frozen=True, slots=True)
class Health(Parameters):
    """What a component answered at `url`: `status` None where it did not, `detail` from its body or the error."""

    url: str
    status: int | None
    detail: str = ""
    third_party: bool = False
    after_run: bool = False


@dataclass(frozen=True, slots=True)
class VersionNotReported(Parameters):
    """`what` is "image" or "settings"."""

    what: str


@dataclass(frozen=True, slots=True)
class WrongVersion(Parameters):
    """Digests of what runs, and of what release.yml names; `what` is "image" or "settings"."""

    what: str
    running: str
    released: str


@dataclass(frozen=True, slots=True)
class Redeployed(Parameters):
    """Digests before and after the run; None where the component does not report them."""

    image_before: str | None
    image_after: str | None
    settings_before: str | None
    settings_after: str | None


@dataclass(frozen=True, slots=True)
class SeveralVersions(Parameters):
    """The digests that one component reported in one run, if they are several."""

    images: tuple[str, ...]
    settings: tuple[str, ...]


RULES: Mapping[str, type[Parameters]] = {
    "environment-not-up": ErrorReported, "environment-not-probed": NoParameters,
    "environment-not-probed-after": NoParameters, "component-down": Health, "component-unhealthy": Health,
    "test-gateway-down": Health, "health-redirected": Health, "component-lost": NoParameters,
    "version-not-reported": VersionNotReported, "wrong-image": WrongVersion, "wrong-settings": WrongVersion,
    "deployed-during-run": Redeployed, "several-versions": SeveralVersions, "release-not-compared": NoParameters,
}
