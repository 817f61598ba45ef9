"""The history of runs: the baseline of each environment, durations of scenarios, the key for masks."""

from gonogo.history.baseline_file import BaselineContents, baseline_text, read_baseline
from gonogo.history.connecting import VARIABLE, default_file
from gonogo.history.store import History, KnownScenarios, RecordedRun
from gonogo.history.use import with_history

__all__ = ["VARIABLE", "BaselineContents", "History", "KnownScenarios", "RecordedRun", "baseline_text", "default_file",
           "read_baseline", "with_history"]
