"""Where an environment of travel lives: its ports, its folders, what its components are told.

Nothing is started here: see supervision.py and rollout.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from travel.errors import UsageError
from travel.images import Image, write_whole
from travel.tap import PROCESS as TAP
from travel.tap import THIRD_PARTIES, addresses_for, tapped_pairs

# Hundreds of the ports of each environment, in the order of promotion.
PORT_HUNDREDS = {"dev": 81, "test": 82, "preprod": 83, "prod": 84}

# A component's port, counted from its environment's first.
PORT_OFFSETS = {
    "gateway": 0, "web": 1, "customers": 2, "flights": 3, "bookings": 4, "payments": 5,
    "notifications": 6, "mailbox": 7, "gds": 8, "bank": 9,
}
SMTP_OFFSET = 25

# What a component may hold, as a container's limit: twice what it needs. A password takes 8 MiB while it is hashed.
MEMORY_MIB = 160
MEMORY_MIB_OF = {"customers": 384}
# PreProd is as full as production: what is slow there is slow here. Elsewhere each start is from nothing.
PAST_BOOKINGS = {"preprod": 20_000}
# Which calls are recorded there, unless it is told otherwise.
TAPPED = {"preprod": THIRD_PARTIES}
# Whose data is not all in its database: flights answers from what it has heard.
REMEMBERING = frozenset({"flights"})


@dataclass(frozen=True, slots=True)
class Environment:
    """`home` is TRAVEL_HOME; the environment keeps to `home/<name>/`.

    `tapped` is which calls of its components go through a tap: those of third parties, all, or "" for none.
    """

    name: str
    home: Path
    first_port: int
    tapped: str = ""

    @property
    def url(self) -> str:
        return self.url_of("gateway")

    @property
    def root(self) -> Path:
        return self.home / self.name

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def first_data(self) -> Path:
        return self.root / "first-data"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def components(self) -> Path:
        return self.root / "components"

    def copy_of(self, component: str) -> Path:
        return self.components / component

    def log_of(self, component: str) -> Path:
        return self.logs / f"{component}.log"

    def url_of(self, component: str) -> str:
        return f"http://127.0.0.1:{self.first_port + PORT_OFFSETS[component]}"

    def ports_of(self, component: str) -> list[int]:
        """What the component (or the tap) listens on, all on loopback."""
        if component == TAP:
            return [pair.port for pair in tapped_pairs(self)]
        ports = [self.first_port + PORT_OFFSETS[component]]
        return [*ports, self.first_port + SMTP_OFFSET] if component == "mailbox" else ports

    def variables_for(self, image: Image) -> dict[str, str]:
        """What a component is told through its process environment."""
        copy = str(self.copy_of(image.component))
        addresses = {component: self.url_of(component) for component in PORT_OFFSETS}
        addresses.update(addresses_for(self, image.component))
        return {
            "ENVIRONMENT": self.name,
            "PORT": str(self.ports_of(image.component)[0]),
            "SMTP_PORT": str(self.first_port + SMTP_OFFSET),
            "DATA_DIR": str(self.data),
            "PUBLIC_URL": self.url,
            **{f"{component.upper()}_URL": url for component, url in addresses.items()},
            "TRAVEL_COPY": copy,
            "TRAVEL_IMAGE_DIGEST": image.digest,
            "TRAVEL_IMAGE_BUILT": image.built,
            "TRAVEL_MEMORY_MIB": str(MEMORY_MIB_OF.get(image.component, MEMORY_MIB)),
            "PAST_BOOKINGS": str(PAST_BOOKINGS.get(self.name, 0)),
            "PYTHONPATH": copy,
            "PYTHONUNBUFFERED": "1",
            # Cached bytecode is dated to the second: an edit and a restart within one would run the old code.
            "PYTHONDONTWRITEBYTECODE": "1",
        }


def environment_named(name: str, environ: Mapping[str, str], cwd: Path) -> Environment:
    """The environment `name`, with TRAVEL_HOME and TRAVEL_<NAME>_PORTS as `environ` has them."""
    variable = f"TRAVEL_{name.upper()}_PORTS"
    hundreds = environ.get(variable) or str(PORT_HUNDREDS[name])
    if not hundreds.isascii() or not hundreds.isdigit() or not 11 <= int(hundreds) <= 654:
        raise UsageError(f"{variable} is '{hundreds}'.", where="the process environment",
                         fix="give the hundreds of its ports, 11 to 654: 95 means 9500 and up")
    return Environment(name, travel_home(environ, cwd), int(hundreds) * 100)


def travel_home(environ: Mapping[str, str], cwd: Path) -> Path:
    return (cwd / (environ.get("TRAVEL_HOME") or ".travel")).resolve()


@dataclass(frozen=True, slots=True)
class Deployment:
    """What was put into an environment by the last `up`: kept in its `deployment.json`.

    `configs` are the settings as they were in the images, `telemetry` the caller's OTEL_ variables, hashed; `tapped`
    says which of their calls go through a tap.
    """

    images: dict[str, str]
    configs: dict[str, str]
    first_port: int
    telemetry: str
    tapped: str = ""

    def write(self, environment: Environment) -> None:
        document = {"images": self.images, "configs": self.configs,
                    "first_port": self.first_port, "telemetry": self.telemetry, "tapped": self.tapped}
        write_whole(environment.root / "deployment.json", json.dumps(document, indent=2) + "\n")


def deployment_in(environment: Environment) -> Deployment | None:
    """What stands in the environment, or None where nothing was put there (or only half of it)."""
    try:
        document = json.loads((environment.root / "deployment.json").read_text(encoding="utf-8"))
        return Deployment(**document)
    except (OSError, ValueError, TypeError):
        return None
