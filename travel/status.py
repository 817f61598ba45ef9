"""Show the status of an environment, for people and for programs."""

from __future__ import annotations

import dataclasses
import json

from travel.environments import Environment, deployment_in
from travel.health import ComponentStatus, status_of
from travel.images import short
from travel.supervision import Supervisor


def statuses_in(environment: Environment) -> list[ComponentStatus]:
    """The status of each component that was deployed; empty where the environment is down."""
    deployment = deployment_in(environment)
    processes = Supervisor(environment).processes()
    if deployment is None or not processes:
        return []
    # The ports that it was started with, whatever the caller's environment says now.
    started_as = dataclasses.replace(environment, first_port=deployment.first_port)
    return status_of(started_as, deployment.configs, processes)


def all_healthy(statuses: list[ComponentStatus]) -> bool:
    return bool(statuses) and all(status.healthy for status in statuses)


def as_json(environment: Environment, statuses: list[ComponentStatus]) -> str:
    gateway = [status.url for status in statuses if status.name == "gateway"]
    return json.dumps({
        "environment": environment.name,
        "url": gateway[0] if gateway else environment.url,
        "up": bool(statuses),
        "healthy": all_healthy(statuses),
        "components": [dataclasses.asdict(status) for status in statuses],
    }, indent=2)


def as_table(statuses: list[ComponentStatus]) -> str:
    lines = [f"{'component':<14}{'health':<9}{'process':<10}{'pid':>7}  {'MiB':>6}  {'url':<24}image"]
    for status in statuses:
        notes = (["settings edited"] if status.settings_edited else []) + [f"{peer} down" for peer in status.ailing]
        lines.append(f"{status.name:<14}{'ok' if status.healthy else 'NOT OK':<9}{status.state.lower():<10}"
                     f"{status.pid or '-':>7}  {status.rss_mib:>6}  {status.url:<24}{short(status.image or '-')}"
                     + (f"  ({', '.join(notes)})" if notes else ""))
    return "\n".join(lines)
