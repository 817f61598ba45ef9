"""steady: a working day's visitors, as many a second from the start to the end."""

from __future__ import annotations

from gonogo.load.suite import profile
from load._personas import DAY

PROFILE = profile("steady", personas=DAY)
