"""Exchanges and spans of a run, joined to one account of who called whom, and compared with the last GO's."""

from gonogo.traffic.analysis.baseline import Account
from gonogo.traffic.analysis.context import Means
from gonogo.traffic.analysis.join import Recorded, join

__all__ = ["Account", "Means", "Recorded", "join"]
