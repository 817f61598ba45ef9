"""Observes what must hold in every system, whatever it is for: each module one rule, on what scenarios recorded."""

from gonogo.invariants.observation import Watched, observe

__all__ = ["Watched", "observe"]
