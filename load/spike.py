"""spike: a newsletter was sent: many more visitors at once, for some seconds, and then as before."""

from __future__ import annotations

from gonogo.load.suite import profile
from load._personas import DAY

PROFILE = profile("spike", personas=DAY)
