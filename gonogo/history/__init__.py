"""What earlier runs were: their verdicts, their releases, how long each scenario took."""

from gonogo.history.store import History, known_durations

__all__ = ["History", "known_durations"]
