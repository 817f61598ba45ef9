"""Ask running components how they are: `/health`, `/version`, and whether a port is free.

Nothing is started or stopped here.
"""

from __future__ import annotations

import http.client
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psutil

from travel.environments import Environment
from travel.errors import TravelError
from travel.supervision import ProcessState

PROBE_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class ComponentStatus:
    """How one component is now; `image` and `config` are the digests that it reports of itself."""

    name: str
    url: str
    state: str
    pid: int
    healthy: bool
    image: str | None = None
    config: str | None = None
    settings_edited: bool = False
    rss_mib: float = 0.0
    ailing: list[str] = field(default_factory=list)


def answer_of(url: str, path: str) -> tuple[int, Any]:
    """GET a JSON document: its status and content; (0, None) where there is no answer or it is not JSON."""
    host = url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=PROBE_TIMEOUT_S)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError):
        return 0, None
    finally:
        connection.close()


def healthy_among(environment: Environment, components: list[str], *, itself: bool) -> set[str]:
    """Those that answer `ok`: about themselves alone (`itself`), or with all that they depend on."""
    path = "/health?self=1" if itself else "/health"

    def is_healthy(component: str) -> bool:
        status, document = answer_of(environment.url_of(component), path)
        return status == 200 and isinstance(document, dict) and document.get("component") == component

    with ThreadPoolExecutor(max_workers=len(components) or 1) as pool:
        return {component for component, ok in zip(components, pool.map(is_healthy, components), strict=True) if ok}


def status_of(environment: Environment, configs: dict[str, str],
              processes: dict[str, ProcessState]) -> list[ComponentStatus]:
    """The status of every component of `configs` (component → the digest of its settings as they were shipped)."""

    def one(component: str) -> ComponentStatus:
        process = processes.get(component) or ProcessState(component, "DOWN", 0, "")
        url = environment.url_of(component)
        status, health = answer_of(url, "/health") if process.pid else (0, None)
        _, version = answer_of(url, "/version") if status else (0, None)
        version = version if isinstance(version, dict) else {}
        dependencies = health.get("dependencies", {}) if isinstance(health, dict) else {}
        return ComponentStatus(
            name=component, url=url, state=process.state, pid=process.pid, healthy=status == 200,
            image=version.get("image"), config=version.get("config"),
            settings_edited=bool(version) and version.get("config") != configs[component],
            rss_mib=_rss_mib(process.pid),
            ailing=[name for name, check in dependencies.items() if check.get("status") != "ok"],
        )

    with ThreadPoolExecutor(max_workers=len(configs) or 1) as pool:
        return list(pool.map(one, configs))


def require_free_ports(environment: Environment, components: list[str]) -> None:
    """Raise where another process listens on a port that a component is to have."""
    for component in components:
        for port in environment.ports_of(component):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError as error:
                    variable = f"TRAVEL_{environment.name.upper()}_PORTS"
                    raise TravelError(
                        f"Port {port}, for {component} of {environment.name}, is taken{_holder_of(port)}.",
                        where=f"127.0.0.1:{port}",
                        fix=f"end that process, or move the environment: {variable}=95 means ports 9500 and up",
                    ) from error


def _holder_of(port: int) -> str:
    with suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,) and connection.pid:
                return f" by process {connection.pid} ({' '.join(psutil.Process(connection.pid).cmdline())[:80]})"
    return ""


def _rss_mib(pid: int) -> float:
    with suppress(psutil.Error):
        if pid:
            return round(psutil.Process(pid).memory_info().rss / 2**20, 1)
    return 0.0
