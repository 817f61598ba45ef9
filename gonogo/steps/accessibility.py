"""Pages judged by axe-core against WCAG 2.1 A and AA.

axe finds about half of what WCAG asks; the keyboard is `gonogo.steps.keyboard`'s.
"""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from behave import then
from behave.runner import Context
from playwright.sync_api import Page

import gonogo.steps.wording  # noqa: F401  (the types Name and Text)

WCAG_2_1_AA = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")


def assert_accessible(page: Page, rules: tuple[str, ...] = WCAG_2_1_AA) -> None:
    """Raise AssertionError with each broken rule, what it asks for, and the elements that break it."""
    options = {"runOnly": {"type": "tag", "values": list(rules)}, "resultTypes": ["violations"]}
    answer = Axe().run(page, options=options).response
    assert answer["passes"], f"axe found nothing to check on {page.url}"
    violations = [_in_words(violation) for violation in answer["violations"]]
    assert not violations, f"{page.url} breaks {len(violations)} rules:\n" + "\n".join(violations)


def _in_words(violation: dict[str, Any]) -> str:
    elements = "\n".join(f"    {node['html'][:160]}" for node in violation["nodes"])
    return f"  {violation['id']} ({violation['impact']}): {violation['help']}\n{elements}"


@then("the page that {name:Name} sees is accessible")
def page_is_accessible(context: Context, name: str) -> None:
    """axe-core finds no violation of WCAG 2.1 A or AA on the page that the person has open."""
    assert_accessible(context.world.person(name).page)
