"""Joins the exchanges and spans of a run to calls between components, and compares them with the baseline."""

from gonogo.traffic.analysis.baseline import TrafficBaseline
from gonogo.traffic.analysis.context import AnalysisContext
from gonogo.traffic.analysis.join import Recorded, join

__all__ = ["AnalysisContext", "Recorded", "TrafficBaseline", "join"]
