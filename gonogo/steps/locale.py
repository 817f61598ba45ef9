"""People whose language or time zone differs from the environment's default."""

from __future__ import annotations

from behave import given
from behave.runner import Context

import gonogo.steps.wording  # noqa: F401  (the types Name and Text)


@given('{name:Name} reads "{language:Text}" in the time zone "{zone:Text}"')
def reads(context: Context, name: str, language: str, zone: str) -> None:
    """Open the person's browser with `language` (BCP 47) and `zone` (IANA); use it before other steps of the person."""
    context.world.person(name, locale=language, timezone=zone)
