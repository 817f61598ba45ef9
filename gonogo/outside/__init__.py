"""Compares what people and partners get to see in each scenario with the baseline, by values and not only by shapes."""

from gonogo.outside.join import Seen, compare_outside

__all__ = ["Seen", "compare_outside"]
