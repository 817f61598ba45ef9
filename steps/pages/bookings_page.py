"""The traveller's own bookings, page by page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from playwright.sync_api import Locator

from steps.pages.shop_page import ShopPage


class BookingsPage(ShopPage):
    def open(self) -> None:
        self.visit("/bookings")
        self.assert_heading("My bookings")

    def visit_without_asking(self) -> None:
        """Wherever that leads: whoever is not signed in is asked to."""
        self.visit("/bookings")

    def next_page(self) -> None:
        self._pages.get_by_role("link", name="Next page").click()

    def open_booking(self, locator: str) -> None:
        self.page.get_by_role("link", name=re.compile(f"^{locator} – ")).click()

    def assert_none(self) -> None:
        self.expect_shown(self.page.get_by_role("main")).to_contain_text("You have no bookings yet.")

    def assert_page(self, number: int, of: int) -> None:
        self.expect_shown(self._pages).to_contain_text(f"Page {number} of {of}")

    def assert_listed(self, locators: Sequence[str]) -> None:
        """These bookings in this order, and no other."""
        expected = [re.compile(f"^{locator} – ") for locator in locators]
        self.expect_shown(self.page.get_by_role("list", name="Bookings").get_by_role("link")).to_have_text(expected)

    @property
    def _pages(self) -> Locator:
        return self.page.get_by_role("navigation", name="Pages")
