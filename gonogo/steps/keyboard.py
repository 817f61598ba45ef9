"""Using a page with the keyboard alone: what cannot be reached by Tab is out of reach for many.

Which keys a page's own widgets want is the page objects' business.
"""

from __future__ import annotations

from playwright.sync_api import Locator, Page

FURTHEST_TABS = 60


def tab_to(page: Page, target: Locator, *, at_most: int = FURTHEST_TABS) -> None:
    """Press Tab until `target` has the focus; an AssertionError tells where the focus went instead."""
    passed: list[str] = []
    for _ in range(at_most):
        page.keyboard.press("Tab")
        if has_focus(target):
            return
        passed.append(focused(page))
    raise AssertionError(f"{at_most} times Tab never reached {target}; passed: {', '.join(passed)}")


def has_focus(target: Locator) -> bool:
    return bool(target.count()) and bool(target.evaluate("element => element === document.activeElement"))


def focused(page: Page) -> str:
    """What has the focus, in a few words, such as `a "My bookings"`."""
    return str(page.evaluate(
        "() => { const e = document.activeElement;"
        " return e ? `${e.tagName.toLowerCase()} \"${(e.innerText || e.id).trim().slice(0, 40)}\"` : 'nothing'; }"
    ))
