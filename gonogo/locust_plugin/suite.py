"""What a profile file imports: `profile`, the personas' base class, and the shapes. It makes Locust listen to us."""

from __future__ import annotations

from gonogo.locust_plugin.listeners import listen
from gonogo.locust_plugin.persona import Persona
from gonogo.locust_plugin.profiles import profile
from gonogo.locust_plugin.shapes import ramp, steady

__all__ = ["Persona", "profile", "ramp", "steady"]

listen()
