"""soak: a quiet day, long enough for what leaks to show."""

from __future__ import annotations

from gonogo.load.suite import profile
from load._personas import DAY

PROFILE = profile("soak", personas=DAY)
