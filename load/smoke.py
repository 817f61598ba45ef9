"""smoke: a few visitors, to see that every endpoint answers at all."""

from __future__ import annotations

from gonogo.load.suite import profile
from load._personas import DAY

PROFILE = profile("smoke", personas=DAY)
