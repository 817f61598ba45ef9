"""The API for profile files: `profile`, the base class of personas, and the shapes. Its import registers gonogo's
listeners with Locust.
"""

from __future__ import annotations

from gonogo.load.listeners import register
from gonogo.load.persona import Persona
from gonogo.load.profiles import profile
from gonogo.load.shapes import ramp, steady

__all__ = ["Persona", "profile", "ramp", "steady"]

register()
