"""Compares what people and partners get to see in each scenario with the baseline, by values and not only by shapes."""

from gonogo.outside.join import compare_outside
from gonogo.outside.observed import Seen

__all__ = ["Seen", "compare_outside"]
