"""book: a rush of buyers, ever more of them, as on the first day of a sale."""

from __future__ import annotations

from gonogo.load.suite import profile, ramp
from load._personas import HurriedBuyer

PROFILE = profile("book", personas={HurriedBuyer: 1}, shape=ramp)
