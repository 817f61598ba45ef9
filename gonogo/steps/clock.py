"""The clock of one person's browser. The clocks of services do not change."""

from __future__ import annotations

from behave import given
from behave.runner import Context

import gonogo.steps.wording  # noqa: F401  (the types Name and Text)


@given('it is "{moment:Text}" for {name:Name}')
def it_is(context: Context, moment: str, name: str) -> None:
    """Fix the clock of the person's browser at `moment` (ISO 8601, such as 2030-03-01T20:00:00Z); timers still run."""
    context.world.person(name).page.clock.set_fixed_time(moment)
