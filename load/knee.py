"""knee: ever more visitors, step by step, until the objectives are no longer met."""

from __future__ import annotations

from gonogo.load.suite import profile
from load._personas import DAY

PROFILE = profile("knee", personas=DAY)
