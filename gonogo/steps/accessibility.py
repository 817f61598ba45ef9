"""Checks pages with axe-core against WCAG 2.1 A and AA.

axe finds about half of all violations; keyboard use is in `gonogo.steps.keyboard`.
"""

from __future__ import annotations

from behave import then
from behave.runner import Context
from playwright.sync_api import Page

import gonogo.steps.wording  # noqa: F401  (the types Name and Text)
from gonogo.scenarios.browser.axe import WCAG_2_1_AA, AxeViolation, NothingToCheck, violations_of


def assert_accessible(page: Page, rules: tuple[str, ...] = WCAG_2_1_AA) -> None:
    """Raise AssertionError with each broken rule, its description, and the elements that break it."""
    try:
        violations = [_in_words(violation) for violation in violations_of(page, rules)]
    except NothingToCheck as error:
        raise AssertionError(str(error)) from error
    assert not violations, f"{page.url} breaks {len(violations)} rules:\n" + "\n".join(violations)


def _in_words(violation: AxeViolation) -> str:
    elements = "\n".join(f"    {html[:160]}" for html in violation.elements)
    return f"  {violation.rule} ({violation.impact}): {violation.help}\n{elements}"


@then("the page that {name:Name} sees is accessible")
def page_is_accessible(context: Context, name: str) -> None:
    """axe-core finds no violation of WCAG 2.1 A or AA on the page that the person has open."""
    assert_accessible(context.world.person(name).page)
