"""The old name of `gonogo.suite.World`."""

from gonogo.scenarios.world import Person, World

__all__ = ["Person", "World"]
