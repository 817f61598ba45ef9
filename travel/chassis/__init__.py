"""What every component of travel is built on: settings, database, HTTP in and out, telemetry.

A copy of this package is baked into each component's image. No business rule belongs here.
"""

from travel.chassis.database import Database
from travel.chassis.neighbour import Neighbour, NeighbourRefused, NeighbourUnreachable
from travel.chassis.problem import Problem
from travel.chassis.service import create_service
from travel.chassis.settings import Settings, load_settings
from travel.chassis.worker import start_worker

__all__ = [
    "Database",
    "Neighbour",
    "NeighbourRefused",
    "NeighbourUnreachable",
    "Problem",
    "Settings",
    "create_service",
    "load_settings",
    "start_worker",
]
