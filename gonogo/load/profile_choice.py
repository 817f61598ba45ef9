"""Chooses the profile and the environment, and makes every check that comes before the first request.

It reads environments.yml; it does not depend on Locust's runners or events.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from gonogo.config import (
    ENVIRONMENTS_FILE,
    OTHERS,
    Environment,
    LoadProfile,
    RunPlan,
    environment_names,
    load_environment,
)
from gonogo.config.exceptions import load_exceptions
from gonogo.core.errors import ConfigError, GonogoError, RefusedError, UsageError
from gonogo.load.endpoints import endpoints_of
from gonogo.load.profiles import Declaration, by_name
from gonogo.load.timetable import curve_of, expected_visits
from gonogo.model.exceptions import waived_objectives
from gonogo.model.reach import Reach
from gonogo.model.trace_ids import TraceIds


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of the command line; None if not given. `overrides` has the options that would override a profile.

    `shape` is a LoadTestShape that a file of load/ defines: Locust would let it decide on the load.
    """

    environment: str | None = None
    profile: str | None = None
    users: int | None = None
    spawn_rate: float | None = None
    run_time_s: float | None = None
    host: str | None = None
    overrides: Sequence[str] = ()
    shape: object = None


@dataclass(frozen=True, slots=True)
class Choice:
    """`profile` is that of environments.yml; `size` is the same with the overrides `-u`, `-r` and `-t`.

    `waived` has the objectives of the profile that exceptions.yml waives today, (rule, endpoint); `reach` is what its
    requests may reach, `trace_ids` are those of the traces that they begin.
    """

    environment_name: str
    environment: Environment
    declaration: Declaration
    profile: LoadProfile
    size: LoadProfile
    waived: frozenset[tuple[str, str]]
    reach: Reach
    trace_ids: TraceIds

    @property
    def name(self) -> str:
        return self.declaration.name

    @property
    def personas(self) -> Mapping[type[Any], int]:
        return self.declaration.personas

    @property
    def probe(self) -> str | None:
        return self.environment.load.probe if self.environment.load else None

    @property
    def metrics(self) -> Mapping[str, str]:
        """Component → the URL of its metrics; empty if the profile does not judge memory."""
        services = self.environment.services.items() if self.profile.memory else ()
        return {name: service.url.rstrip("/") + service.metrics for name, service in services if service.metrics}


def choose(declared: list[Declaration], requested: RunOptions, root: Path, environ: Mapping[str, str],
           plan: RunPlan | None = None) -> Choice:
    """The profile to run, in the environment of `plan` if the gate supplies one.

    Raises UsageError, ConfigError or RefusedError, before anything is sent.
    """
    profiles = by_name(declared)
    if plan is None:
        plan = _plan_without_gate(requested.environment or _only_environment_for_load(root, environ), root, environ)
    name, environment = plan.environment_name, plan.environment
    where = f"{ENVIRONMENTS_FILE}: {name} → load"
    if not environment.permits.load_users:
        raise RefusedError(f"The environment '{name}' permits no load.", where=f"{ENVIRONMENTS_FILE}: {name} → permits",
                           fix="choose another environment with --env, or agree `permits: load_users:` with the owner "
                               "of this one.")
    _refuse_overrides(requested, environment)
    default = environment.load.default if environment.load else None
    declaration = _declared(profiles, requested.profile or default, where)
    entries = environment.load.profiles if environment.load else {}
    if declaration.name not in entries:
        raise ConfigError(f"The load profile '{declaration.name}' has no size and no objectives in '{name}'.",
                          where=declaration.where,
                          fix=f"add it in {where} → profiles; profiles there: {', '.join(entries) or 'none'}.")
    entry = entries[declaration.name]
    size = _with_overrides(declaration.name, entry, requested)
    _refuse_size(declaration.name, size, environment, where)
    _refuse_no_visits(declaration, size)
    _refuse_unmatched_endpoints(declaration, size, where)
    waived = frozenset((rule, endpoint) for profile, rule, endpoint in plan.waived if profile == declaration.name)
    return Choice(name, environment, declaration, entry, size, waived, plan.reach, plan.trace_ids)


def _plan_without_gate(environment: str, root: Path, environ: Mapping[str, str]) -> RunPlan:
    """The plan as the gate makes it, except that expired exceptions are ignored here, while the gate raises an error.
    """
    today = datetime.now(UTC).date()
    entries = [entry for entry in load_exceptions(root, environment_names(root), date.min) if not entry.is_over(today)]
    return replace(RunPlan.make(environment, root, environ), waived=waived_objectives(entries, environment))


def _only_environment_for_load(root: Path, environ: Mapping[str, str]) -> str:
    """The default environment: the only one that permits load. Raises UsageError if there is not exactly one."""
    names = environment_names(root)
    permitting, first_error = [], None
    for name in names:
        try:
            if load_environment(name, root, environ).permits.load_users:
                permitting.append(name)
        except GonogoError as error:
            first_error = first_error or error
    if len(permitting) == 1:
        return permitting[0]
    if first_error is not None and not permitting:
        raise first_error
    raise UsageError("No environment is given." if permitting else "No environment permits load.",
                     where=ENVIRONMENTS_FILE,
                     fix=f"set one with --env or GONOGO_ENV: {', '.join(permitting or names)}.")


def _declared(profiles: Mapping[str, Declaration], name: str | None, where: str) -> Declaration:
    names = ", ".join(sorted(profiles)) or "none"
    if name is None:
        raise UsageError("No load profile is given, and the environment has no default.", where=where,
                         fix=f"set one with --profile or GONOGO_PROFILE, or set `default:`; profiles here: {names}.")
    if name not in profiles:
        raise UsageError(f"No file declares the load profile '{name}'.", where=where,
                         fix=f"declare it in a file of load/, or choose another profile; profiles here: {names}.")
    return profiles[name]


def _refuse_overrides(requested: RunOptions, environment: Environment) -> None:
    for option in requested.overrides:
        raise UsageError(f"{option} would override the profile: the load would differ from environments.yml.",
                         fix="remove the option; declare a separate profile for other personas or weights.")
    if requested.shape is not None:
        raise shape_error(requested.shape)
    if requested.host and requested.host.rstrip("/") != environment.url.rstrip("/"):
        raise RefusedError(f"The host {requested.host} is not that of the environment.", where=environment.url,
                           fix="remove --host and choose the environment with --env.")


def shape_error(shape: object, where: str = "load/") -> ConfigError:
    return ConfigError(f"The load shape {type(shape).__name__} would be ignored.", where=where,
                       fix="remove it; set the load with `users` or `arrivals` in environments.yml.")


def _with_overrides(name: str, profile: LoadProfile, requested: RunOptions) -> LoadProfile:
    options = {"users": requested.users, "spawn_rate": requested.spawn_rate, "duration_s": requested.run_time_s}
    overrides = {key: value for key, value in options.items() if value}
    if profile.arrivals and set(overrides) - {"duration_s"}:
        raise UsageError(f"The load profile '{name}' is an open loop: it has arrivals, not users.",
                         where="--users, --spawn-rate",
                         fix="remove these options; an open loop accepts --run-time only.")
    return LoadProfile.model_validate({**profile.model_dump(), **overrides})


def _refuse_size(name: str, size: LoadProfile, environment: Environment, where: str) -> None:
    permitted = environment.permits.load_users
    if size.most_at_once > permitted:
        raise RefusedError(
            f"The load profile '{name}' has up to {size.most_at_once} concurrent users; the environment permits "
            f"{permitted}.", where=where,
            fix="lower its users (or most_at_once), or agree a higher `permits: load_users:` with the environment's "
                "owner.")
    if size.users and size.users / size.spawn_rate >= size.duration_s:
        raise ConfigError(f"The load profile '{name}' ends before its {size.users} users have started.", where=where,
                          fix=f"raise spawn_rate ({size.spawn_rate:g}/s) or duration_s ({size.duration_s:g} s).")


def _refuse_no_visits(declaration: Declaration, size: LoadProfile) -> None:
    """Raise ConfigError for an open loop whose personas define no visit, or whose arrivals give less than one visit."""
    if size.arrivals is None:
        return
    for persona in declaration.personas:
        if not hasattr(persona, "arrive") or not _defines_visit(persona):
            raise ConfigError(f"The persona {persona.__name__} does not define a visit.", where=declaration.where,
                              fix="derive it from Persona and add `def visit(self)`, or make the profile a closed "
                                  "loop (`users` in place of `arrivals`).")
    expected = expected_visits(curve_of(size.arrivals, size.duration_s), size.duration_s)
    if expected < 1:
        raise ConfigError(f"The arrivals of '{declaration.name}' never start: {expected:.2g} visits in "
                          f"{size.duration_s:g} s.", where=declaration.where, fix="raise its rate or duration_s.")


def _refuse_unmatched_endpoints(declaration: Declaration, size: LoadProfile, where: str) -> None:
    """Raise ConfigError for an objective without requests, or requests without an objective: one may be misspelt."""
    endpoint_sets = [endpoints_of(persona, is_open=size.arrivals is not None) for persona in declaration.personas]
    requested = set[str]().union(*(each.endpoints for each in endpoint_sets))
    named = set(size.objectives) - {OTHERS}
    if any(each.unknown for each in endpoint_sets):
        return  # only a run can check computed names: rule `endpoint-not-reached`
    for endpoint in sorted(named - requested):
        close = difflib.get_close_matches(endpoint, requested, n=1)
        raise ConfigError(f"No persona of '{declaration.name}' requests '{endpoint}', which has objectives.",
                          where=f"{where} → profiles → {declaration.name} → objectives",
                          fix=(f"did you mean '{close[0]}'? " if close else "") +
                          f"endpoints requested: {', '.join(sorted(requested))}.")
    for endpoint in sorted(requested - named) if OTHERS not in size.objectives else ():
        raise ConfigError(f"'{declaration.name}' requests '{endpoint}', which has no objective.",
                          where=f"{where} → profiles → {declaration.name} → objectives",
                          fix=f"add an objective for it, or '{OTHERS}' for all endpoints without one.")


def _defines_visit(persona: type[Any]) -> bool:
    """Whether the persona overrides `visit`."""
    return next(each for each in persona.__mro__ if "visit" in vars(each)).__module__ != "gonogo.load.persona"
