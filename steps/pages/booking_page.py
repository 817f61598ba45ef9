"""One booking: what came of it, and cancelling it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from steps.pages.shop_page import ShopPage

LOCATOR = re.compile(r"^[A-Z2-9]{6}$")
OUTCOMES = re.compile("^(Booking confirmed|Payment declined|Your bank did not answer|Booking cancelled)$")
EXPIRY_WITHIN_S = 25  # the shop gives a bank 8 s, and looks for forgotten bookings every now and then


class BookingPage(ShopPage):
    def open(self, booking_id: str) -> None:
        self.visit(f"/bookings/{booking_id}")

    def assert_confirmed(self) -> None:
        self._assert_outcome("Booking confirmed")

    def assert_waiting(self) -> None:
        self.assert_heading("Waiting for your bank")

    def assert_declined(self) -> None:
        self._assert_outcome("Payment declined")
        self._assert_says("Your seat was given back. You were not charged.")

    def assert_expired(self) -> None:
        self._assert_outcome("Your bank did not answer", within_s=EXPIRY_WITHIN_S)
        self._assert_says("Your seat was given back. You were not charged.")

    def assert_refunded(self) -> None:
        self._assert_comes_to("Booking cancelled")
        expect(self.page.get_by_role("main")).to_contain_text("Refunded ")

    def assert_not_found(self) -> None:
        self.assert_heading("Page not found")
        self.expect_shown(self.page.get_by_test_id("locator")).to_have_count(0)

    def assert_reference(self) -> None:
        self.expect_shown(self.page.get_by_test_id("locator")).to_have_text(LOCATOR)

    def assert_reference_is(self, locator: str) -> None:
        self.expect_shown(self.page.get_by_test_id("locator")).to_have_text(locator)

    def assert_passengers(self, *passengers: str) -> None:
        """Each as "Ana Maria Lopez, seat 2A" to the letter, in this order, and nobody else."""
        listed = self.page.get_by_role("main").get_by_role("list").get_by_role("listitem")
        self.expect_shown(listed).to_have_text(list(passengers))
        names = listed.all_text_contents()  # `expect` takes several spaces for one
        assert names == list(passengers), f"the booking names {names} instead of {passengers}"

    def assert_price(self, price: str) -> None:
        """The price stands there as the traveller writes it, whichever kind of space it holds."""
        self._assert_says(price)

    def assert_asked_to_confirm(self) -> None:
        self._assert_comes_to("Your bank asks you to confirm")

    def continue_to_bank(self) -> None:
        self.page.get_by_role("link", name="Continue to your bank").click()

    def try_again(self) -> None:
        self.page.get_by_role("link", name="Try again").click()

    def cancel(self) -> None:
        self._ask_to_cancel().get_by_role("button", name="Yes, cancel and refund").click()

    def think_again(self) -> None:
        dialog = self._ask_to_cancel()
        dialog.get_by_role("button", name="Keep booking").click()
        expect(dialog).to_be_hidden()

    def _assert_comes_to(self, heading: str) -> None:
        """However long the bank takes: the page shows by itself what has become of the booking."""
        self.assert_comes(f"'{heading}'", self.heading(heading))

    def _assert_outcome(self, heading: str, within_s: float | None = None) -> None:
        self.assert_comes(f"'{heading}'", self.heading(heading), self.heading(OUTCOMES), within_s=within_s)

    def _ask_to_cancel(self) -> Locator:
        self.page.get_by_role("button", name="Cancel booking").click()
        return self.page.get_by_role("dialog", name="Cancel this booking?")

    def _assert_says(self, text: str) -> None:
        self.expect_shown(self.page.get_by_role("main")).to_contain_text(text)
