"""What earlier runs were: their verdicts, releases and exchanges, how long each scenario took."""

from gonogo.history.store import History, KnownScenarios, LastGo, LastPromoted, known_scenarios

__all__ = ["History", "KnownScenarios", "LastGo", "LastPromoted", "known_scenarios"]
