"""Use of a page with the keyboard alone: many people cannot reach an element that Tab does not reach.

The keys of a page's own widgets belong to its page object.
"""

from __future__ import annotations

from playwright.sync_api import Locator, Page

MAX_TABS = 60


def tab_to(page: Page, target: Locator, *, at_most: int = MAX_TABS) -> None:
    """Press Tab until `target` has the focus. Raises AssertionError with the elements that had it instead."""
    passed: list[str] = []
    for _ in range(at_most):
        page.keyboard.press("Tab")
        if has_focus(target):
            return
        passed.append(focused(page))
    raise AssertionError(f"{target} not reached after {at_most} Tab presses; focus went to: {', '.join(passed)}")


def has_focus(target: Locator) -> bool:
    return bool(target.count()) and bool(target.evaluate("element => element === document.activeElement"))


def focused(page: Page) -> str:
    """A short description of the element that has the focus, such as `a "My bookings"`."""
    return str(page.evaluate(
        "() => { const e = document.activeElement;"
        " return e ? `${e.tagName.toLowerCase()} \"${(e.innerText || e.id).trim().slice(0, 40)}\"` : 'nothing'; }"
    ))
