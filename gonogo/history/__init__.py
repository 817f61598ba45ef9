"""What earlier runs were: the baseline of each environment, how long each scenario took, the key for masks."""

from gonogo.history.baseline_file import BaselineContents, baseline_text, read_baseline
from gonogo.history.connecting import VARIABLE, default_file
from gonogo.history.store import History, KeptRun, KnownScenarios
from gonogo.history.use import with_history

__all__ = ["VARIABLE", "BaselineContents", "History", "KeptRun", "KnownScenarios", "baseline_text", "default_file",
           "read_baseline", "with_history"]
