"""The configuration of a run: environments.yml and release.yml as a typed model."""

from gonogo.config.load_model import OTHERS, Arrivals, Journeys, LoadProfile, Objective
from gonogo.config.model import Environment, Release, Rules
from gonogo.config.plan import RunPlan, release_in
from gonogo.config.reading import (
    ENVIRONMENTS_FILE,
    EXCEPTIONS_FILE,
    RELEASE_FILE,
    LocatedEnvironment,
    environment_names,
    load_environment,
    load_release,
    locate_environment,
)

__all__ = [
    "ENVIRONMENTS_FILE",
    "EXCEPTIONS_FILE",
    "OTHERS",
    "RELEASE_FILE",
    "Arrivals",
    "Environment",
    "Journeys",
    "LoadProfile",
    "LocatedEnvironment",
    "Objective",
    "Release",
    "Rules",
    "RunPlan",
    "environment_names",
    "load_environment",
    "load_release",
    "locate_environment",
    "release_in",
]
