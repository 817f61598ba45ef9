"""Exchanges and spans of a run, joined to one account of who called whom, and compared with the last GO's."""

from gonogo.joining.account import Account
from gonogo.joining.join import Recorded, join
from gonogo.joining.means import Means

__all__ = ["Account", "Means", "Recorded", "join"]
