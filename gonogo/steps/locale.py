"""People who read another language or live in another time zone than the environment's default."""

from __future__ import annotations

from behave import given
from behave.runner import Context

import gonogo.steps.wording  # noqa: F401  (the types Name and Text)


@given('{name:Name} reads "{language:Text}" in the time zone "{zone:Text}"')
def reads(context: Context, name: str, language: str, zone: str) -> None:
    """The person's browser asks for `language` (BCP 47) and lives in `zone` (IANA). Say so before they act."""
    context.world.person(name, locale=language, timezone=zone)
