"""Exchanges and spans of a run, joined: who called whom, compared with the baseline."""

from gonogo.traffic.analysis.baseline import TrafficBaseline
from gonogo.traffic.analysis.context import AnalysisContext
from gonogo.traffic.analysis.join import Recorded, join

__all__ = ["AnalysisContext", "Recorded", "TrafficBaseline", "join"]
