"""The bar on top of every page: who is signed in, and the ways through the shop."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from gonogo.steps.keyboard import has_focus
from steps.pages.shop_page import ShopPage


class Header(ShopPage):
    def assert_signed_in_as(self, name: str) -> None:
        """To the letter: no space more or less."""
        told = self.page.get_by_text("Signed in as")
        self.assert_shows("who is signed in", told)
        self.expect_shown(told).to_have_js_property("textContent", f"Signed in as {name}")

    def assert_not_signed_in(self) -> None:
        self.expect_shown(self._main.get_by_role("link", name="Sign in")).to_be_visible()
        self.expect_shown(self.page.get_by_role("button", name="Sign out")).to_be_hidden()

    def sign_out(self) -> None:
        self.page.get_by_role("button", name="Sign out").click()

    def open_my_bookings(self) -> None:
        self._main.get_by_role("link", name="My bookings").click()

    def skip_to_content(self) -> None:
        """With the keyboard: the link is the first thing that Tab reaches."""
        skip = self.page.get_by_role("link", name="Skip to content")
        expect(skip).to_be_attached()
        self.page.keyboard.press("Tab")
        assert has_focus(skip), "the first thing that Tab reaches does not skip to the content"
        self.page.keyboard.press("Enter")

    def assert_tab_reaches_content(self) -> None:
        self.page.keyboard.press("Tab")
        expect(self.page.get_by_role("main").locator(":focus")).to_be_visible()

    @property
    def _main(self) -> Locator:
        return self.page.get_by_role("navigation", name="Main")
