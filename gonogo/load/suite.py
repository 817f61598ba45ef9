"""What a profile file imports: `profile`, the personas' base class, and the shapes. It makes Locust listen to us."""

from __future__ import annotations

from gonogo.load.listeners import listen
from gonogo.load.persona import Persona
from gonogo.load.profiles import profile
from gonogo.load.shapes import ramp, steady

__all__ = ["Persona", "profile", "ramp", "steady"]

listen()
