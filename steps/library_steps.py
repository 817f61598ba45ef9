"""What this suite takes from the step library."""

from __future__ import annotations

from gonogo.steps import accessibility, clock, health, locale, mail, wording  # noqa: F401
