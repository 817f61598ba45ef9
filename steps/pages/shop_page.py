"""What all pages of the shop share: an address, one heading, errors and announcements."""

from __future__ import annotations

import re

from playwright.sync_api import Expect, Locator, Page, expect

SOMETHING = re.compile(r"\S")
# A view is shown whole: once there is one, and nothing is being loaded or sent, what it says is there or never comes.
_AT_REST = "body:not(:has([aria-busy=true])) h1"
_SHOWN_WITHIN_S = 3

_expect_soon = Expect()
_expect_soon.set_options(timeout=_SHOWN_WITHIN_S * 1000)


class ShopPage:
    """`url` is the shop's public address."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    def visit(self, path: str) -> None:
        self.page.goto(f"{self._url}{path}", wait_until="domcontentloaded")

    def heading(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("heading", level=1, name=name)

    @property
    def expect_shown(self) -> Expect:
        """`expect`, once the page has loaded or sent what it is busy with: of what it shows then, and not of what comes
        later by itself, as a bank's answer does.
        """
        self._await_rest()
        return _expect_soon

    def assert_heading(self, name: str) -> None:
        self.assert_shows(f"'{name}'", self.heading(name))

    def assert_shows(self, what: str, expected: Locator) -> None:
        """As `assert_comes`, once nothing is busy."""
        self._await_rest(what)
        self.assert_comes(what, expected, within_s=_SHOWN_WITHIN_S)

    def assert_comes(self, what: str, expected: Locator, *instead: Locator, within_s: float | None = None) -> None:
        """Waits for `expected`, but no longer than until an error or one of `instead` shows that it will not come."""
        alert = self.page.get_by_role("alert").filter(has_text=SOMETHING)
        settled = expected.or_(alert)
        for other in instead:
            settled = settled.or_(other)
        expect(settled.first, f"the page does not say {what}").to_be_visible(timeout=within_s and within_s * 1000)
        if not expected.is_visible():
            said = alert.or_(self.page.get_by_role("heading", level=1)).last.inner_text()
            raise AssertionError(f"the page does not say {what}; it says: {said}")

    def assert_told(self, text: str) -> None:
        """The page tells what is wrong, to everybody: as an alert."""
        alert = self.page.get_by_role("alert").filter(has_text=SOMETHING)
        self.expect_shown(alert.first, "the page tells nobody that anything is wrong").to_be_visible()
        told = " ".join(alert.all_inner_texts())
        assert text in told, f"the page does not tell {text!r}; it tells {told!r}"

    def assert_first_mistake_has_focus(self) -> None:
        first = self.page.locator("[aria-invalid=true]").first
        expect(first).to_be_focused()

    def assert_announced(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_role("status")).to_have_text(text)

    def assert_at_the_top(self) -> None:
        """The new page's heading has the focus, so that a screen reader starts to read there."""
        expect(self.page.get_by_role("heading", level=1)).to_be_focused()

    def _await_rest(self, until_it_says: str = "anything") -> None:
        expect(self.page.locator(_AT_REST), f"the page does not come to rest, to say {until_it_says}").to_be_visible()
