"""The old name of `gonogo.load.suite`."""

from gonogo.load.suite import Persona, profile, ramp, steady

__all__ = ["Persona", "profile", "ramp", "steady"]
