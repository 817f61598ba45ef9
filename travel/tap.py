"""The calls that go through the tap, where an environment is brought up with `--tap [third-parties|all]`.

The tap is a recording reverse proxy with a listener for each pair of caller and callee, run as a further process of
the environment; what it records is not travel's business.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from travel.environments import Environment

PROCESS = "tap"
RECORD = "tap.ndjson"
THIRD_PARTIES, ALL = "third-parties", "all"  # which calls are tapped
FIRST_OFFSET = 40  # of the listeners' ports, counted from the environment's first

# Who calls whom over HTTP. SMTP is not tapped, nor what the browser asks, nor a check of health alone.
PAIRS = (
    ("gateway", "web"), ("gateway", "customers"), ("gateway", "flights"), ("gateway", "bookings"),
    ("flights", "gds"), ("bookings", "flights"), ("bookings", "gds"), ("bookings", "payments"),
    ("bookings", "notifications"), ("payments", "bank"), ("payments", "bookings"), ("bank", "payments"),
)
_OF_THIRD_PARTIES = frozenset(("gds", "bank"))
# payments tells the bank its own address for webhooks: who comes that way is the bank.
_OWN_ADDRESS_IS_FOR = {"payments": "bank"}


@dataclass(frozen=True, slots=True)
class Tapped:
    """One pair in one environment: what comes in at `port` goes to `to`."""

    caller: str
    callee: str
    port: int
    to: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def told_to(self) -> str:
        """The component that hears this address as the callee's."""
        return self.callee if _OWN_ADDRESS_IS_FOR.get(self.callee) == self.caller else self.caller


def tapped_pairs(environment: Environment) -> tuple[Tapped, ...]:
    """Empty where the environment has no tap."""
    return tuple(Tapped(caller, callee, environment.first_port + FIRST_OFFSET + number, environment.url_of(callee))
                 for number, (caller, callee) in enumerate(PAIRS)
                 if environment.tapped == ALL or (environment.tapped == THIRD_PARTIES
                                                  and not _OF_THIRD_PARTIES.isdisjoint((caller, callee))))


def addresses_for(environment: Environment, component: str) -> dict[str, str]:
    """The addresses, by callee, that `component` is told instead of the callees' own."""
    return {pair.callee: pair.url for pair in tapped_pairs(environment) if pair.told_to == component}


def command_for(environment: Environment, components: Iterable[str]) -> str:
    """The command that runs the tap for those `components` that are there; "" where none of them calls another."""
    there = set(components)
    routes = [f"caller={pair.caller},callee={pair.callee},listen={pair.port},to={pair.to}"
              for pair in tapped_pairs(environment) if {pair.caller, pair.callee} <= there]
    if not routes:
        return ""
    return shlex.join([sys.executable, "-m", "gonogo.cli", "tap", "--out", str(record_of(environment)),
                       *(word for route in routes for word in ("--route", route))])


def record_of(environment: Environment) -> Path:
    return environment.root / RECORD
