"""Which profile runs against which environment, and whether it may: all that is refused before the first request.

Reads environments.yml; knows no Locust runner and no event.
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


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line says. None where it says nothing; `others` are options that would bend a profile."""

    environment: str | None = None
    profile: str | None = None
    users: int | None = None
    spawn_rate: float | None = None
    run_time_s: float | None = None
    host: str | None = None
    others: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """`profile` is what environments.yml asks for; `size` what is tried, which `-u`, `-r` and `-t` can change.

    `waived` are its objectives that exceptions.yml waives today, (rule, endpoint).
    """

    environment_name: str
    environment: Environment
    declaration: Declaration
    profile: LoadProfile
    size: LoadProfile
    waived: frozenset[tuple[str, str]] = frozenset()

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
        """Component → where it tells its memory, if the profile judges that."""
        services = self.environment.services.items() if self.profile.memory else ()
        return {name: service.url.rstrip("/") + service.metrics for name, service in services if service.metrics}


def choose(declared: list[Declaration], asked: RunOptions, root: Path, environ: Mapping[str, str],
           plan: RunPlan | None = None) -> Choice:
    """The profile to run, in the environment of `plan` where the gate handed one over.

    Raises UsageError, ConfigError or RefusedError; nothing has been sent then.
    """
    profiles = by_name(declared)
    if plan is None:
        plan = _plan_alone(asked.environment or _only_environment_for_load(root, environ), root, environ)
    name, environment = plan.environment_name, plan.environment
    where = f"{ENVIRONMENTS_FILE}: {name} → load"
    if not environment.permits.load_users:
        raise RefusedError(f"The environment '{name}' permits no load.", where=f"{ENVIRONMENTS_FILE}: {name} → permits",
                           fix="choose another with --env, or set `permits: load_users:` with the owner of this one.")
    _refuse_bending(asked, environment)
    declaration = _declared(profiles, asked.profile or (environment.load.default if environment.load else None), where)
    entries = environment.load.profiles if environment.load else {}
    if declaration.name not in entries:
        raise ConfigError(f"The load profile '{declaration.name}' has no size and no objectives in '{name}'.",
                          where=declaration.where,
                          fix=f"add it in {where} → profiles; there: {', '.join(entries) or 'none'}.")
    wanted = entries[declaration.name]
    size = _as_asked(declaration.name, wanted, asked)
    _refuse_size(declaration.name, size, environment, where)
    _refuse_no_visits(declaration, size)
    _refuse_unmatched_endpoints(declaration, size, where)
    waived = frozenset((rule, endpoint) for profile, rule, endpoint in plan.waived if profile == declaration.name)
    return Choice(name, environment, declaration, wanted, size, waived)


def _plan_alone(environment: str, root: Path, environ: Mapping[str, str]) -> RunPlan:
    """As the gate makes it, but that an expired exception, which is an error there, does not hold here."""
    today = datetime.now(UTC).date()
    entries = [entry for entry in load_exceptions(root, environment_names(root), date.min) if not entry.is_over(today)]
    return replace(RunPlan.make(environment, root, environ), waived=waived_objectives(entries, environment))


def _only_environment_for_load(root: Path, environ: Mapping[str, str]) -> str:
    """Where no environment is named: the only one that permits load."""
    names = environment_names(root)
    permitting, mistake = [], None
    for name in names:
        try:
            if load_environment(name, root, environ).permits.load_users:
                permitting.append(name)
        except GonogoError as error:
            mistake = mistake or error
    if len(permitting) == 1:
        return permitting[0]
    if mistake is not None and not permitting:
        raise mistake
    raise UsageError("No environment is named." if permitting else "No environment permits load.",
                     where=ENVIRONMENTS_FILE,
                     fix=f"name one with --env or GONOGO_ENV: {', '.join(permitting or names)}.")


def _declared(profiles: Mapping[str, Declaration], name: str | None, where: str) -> Declaration:
    names = ", ".join(sorted(profiles)) or "none"
    if name is None:
        raise UsageError("No load profile is named, and the environment has no default one.", where=where,
                         fix=f"name one with --profile or GONOGO_PROFILE, or set `default:`; profiles here: {names}.")
    if name not in profiles:
        raise UsageError(f"No file declares the load profile '{name}'.", where=where,
                         fix=f"declare it in a file of load/, or choose another; profiles here: {names}.")
    return profiles[name]


def _refuse_bending(asked: RunOptions, environment: Environment) -> None:
    for option in asked.others:
        raise UsageError(f"{option} would bend the profile: it would no longer be what environments.yml promises.",
                         fix="leave it out; put other personas or weights into a profile of their own.")
    if asked.host and asked.host.rstrip("/") != environment.url.rstrip("/"):
        raise RefusedError(f"The host {asked.host} is not the environment's.", where=environment.url,
                           fix="leave --host out and choose the environment with --env: it says what is permitted.")


def _as_asked(name: str, profile: LoadProfile, asked: RunOptions) -> LoadProfile:
    changes = {"users": asked.users, "spawn_rate": asked.spawn_rate, "duration_s": asked.run_time_s}
    wanted = {key: value for key, value in changes.items() if value}
    if profile.arrivals and set(wanted) - {"duration_s"}:
        raise UsageError(f"The load profile '{name}' is an open loop: visits come by its timetable, not by users.",
                         where="--users, --spawn-rate", fix="leave them out; only --run-time can be another.")
    return LoadProfile.model_validate({**profile.model_dump(), **wanted})


def _refuse_size(name: str, size: LoadProfile, environment: Environment, where: str) -> None:
    permitted = environment.permits.load_users
    if size.most_at_once > permitted:
        raise RefusedError(
            f"The load profile '{name}' may have {size.most_at_once} users at once; {permitted} are permitted here.",
            where=where, fix="lower its users (or most_at_once), or raise `permits: load_users:` with the "
                              "environment's owner.")
    if size.users and size.users / size.spawn_rate >= size.duration_s:
        raise ConfigError(f"The load profile '{name}' ends before its {size.users} users have come.", where=where,
                          fix=f"raise spawn_rate ({size.spawn_rate:g}/s) or duration_s ({size.duration_s:g} s).")


def _refuse_no_visits(declaration: Declaration, size: LoadProfile) -> None:
    """An open loop needs to know what one visit is, and that the system will ever be visited."""
    if size.arrivals is None:
        return
    for persona in declaration.personas:
        if not hasattr(persona, "arrive") or not _says_what_a_visit_is(persona):
            raise ConfigError(f"The persona {persona.__name__} does not say what a visit is.", where=declaration.where,
                              fix="give it `def visit(self)` and the base class Persona, or let the profile be a "
                                   "closed loop (`users` in place of `arrivals`).")
    expected = expected_visits(curve_of(size.arrivals, size.duration_s), size.duration_s)
    if expected < 1:
        raise ConfigError(f"The arrivals of '{declaration.name}' never start: {expected:.2g} visits in "
                          f"{size.duration_s:g} s.", where=declaration.where, fix="raise its rate, or duration_s.")


def _refuse_unmatched_endpoints(declaration: Declaration, size: LoadProfile, where: str) -> None:
    """An objective that nobody's requests can meet, and requests that no objective judges, are most often misspelt."""
    found = [endpoints_of(persona, is_open=size.arrivals is not None) for persona in declaration.personas]
    asked = set[str]().union(*(each.endpoints for each in found))
    named = set(size.objectives) - {OTHERS}
    if any(each.unknown for each in found):
        return  # only running it would tell, and a run does: `endpoint-not-reached`
    for endpoint in sorted(named - asked):
        close = difflib.get_close_matches(endpoint, asked, n=1)
        raise ConfigError(f"No persona of '{declaration.name}' asks for '{endpoint}', which has objectives.",
                          where=f"{where} → profiles → {declaration.name} → objectives",
                          fix=(f"did you mean '{close[0]}'? " if close else "") +
                          f"they ask for: {', '.join(sorted(asked))}.")
    for endpoint in sorted(asked - named) if OTHERS not in size.objectives else ():
        raise ConfigError(f"'{declaration.name}' asks for '{endpoint}', which has no objective.",
                          where=f"{where} → profiles → {declaration.name} → objectives",
                          fix=f"give it one, or '{OTHERS}' for every other endpoint.")


def _says_what_a_visit_is(persona: type[Any]) -> bool:
    """Whether `visit` is its own, and not only that of the base class that raises."""
    return next(each for each in persona.__mro__ if "visit" in vars(each)).__module__ != "gonogo.load.persona"
