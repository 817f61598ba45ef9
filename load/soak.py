"""soak: a quiet day, long enough for what leaks to show."""

from __future__ import annotations

from gonogo.locust_plugin.suite import profile
from load._personas import DAY

PROFILE = profile("soak", personas=DAY)
