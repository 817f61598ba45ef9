"""The flights that a search found."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from playwright.sync_api import Locator

from gonogo.steps.keyboard import tab_to
from steps.pages.shop_page import ShopPage
from steps.parties.reservations import Flight


class ResultsPage(ShopPage):
    def open(self, flight: Flight) -> None:
        """The results of a search for the flight's route and date."""
        search = {"from": flight.origin.code, "to": flight.destination.code, "date": flight.date}
        self.visit(f"/search?{urlencode(search)}")
        self.assert_found(flight)

    def assert_found(self, flight: Flight) -> None:
        self.assert_heading(f"Flights from {flight.route}")
        self.expect_shown(self._item(flight)).to_be_visible()

    def assert_not_offered(self, flight: Flight) -> None:
        """Whether it is shown as too full or not at all: it cannot be chosen."""
        self.assert_heading(f"Flights from {flight.route}")
        self.expect_shown(self.page.get_by_role("list", name="Flights")).to_be_visible()
        self.expect_shown(self._choice(flight)).to_have_count(0)

    def assert_nothing_found(self) -> None:
        self.expect_shown(self.page.get_by_role("main")).to_contain_text("No flights found for this date.")

    def assert_times(self, flight: Flight, departs: str, arrives: str) -> None:
        self.expect_shown(self._fact(flight, "Departs").get_by_role("time")).to_have_text(departs)
        self.expect_shown(self._fact(flight, "Arrives").get_by_role("time")).to_have_text(arrives)

    def assert_arrival_marked(self, flight: Flight, mark: str) -> None:
        self.expect_shown(self._fact(flight, "Arrives")).to_contain_text(mark)

    def assert_duration(self, flight: Flight, duration: str) -> None:
        self.expect_shown(self._fact(flight, "Duration")).to_have_text(duration)

    def assert_price(self, flight: Flight, price: str) -> None:
        self.expect_shown(self._fact(flight, "Price per passenger")).to_have_text(price)

    def assert_seats(self, flight: Flight, text: str) -> None:
        self.expect_shown(self._fact(flight, "Seats")).to_have_text(text)

    def assert_count_announced(self) -> None:
        shown = self.page.get_by_role("list", name="Flights").get_by_role("heading", level=2)
        self.expect_shown(shown).not_to_have_count(0)
        self.assert_announced(re.compile(rf"^{shown.count()} flights? found\.$"))

    def choose(self, flight: Flight) -> None:
        self.expect_shown(self._choice(flight)).to_be_visible()
        self._choice(flight).click()

    def choose_by_keyboard(self, flight: Flight) -> None:
        tab_to(self.page, self._choice(flight))
        self.page.keyboard.press("Enter")

    def _choice(self, flight: Flight) -> Locator:
        return self.page.get_by_role("link", name=f"Book {flight.number}", exact=True)

    def _item(self, flight: Flight) -> Locator:
        number = self.page.get_by_role("heading", level=2, name=flight.number, exact=True)
        return self.page.get_by_role("listitem").filter(has=number)

    def _fact(self, flight: Flight, term: str) -> Locator:
        """The description that follows `term`: Chromium gives both their roles."""
        terms = self._item(flight).get_by_role("term").filter(has_text=re.compile(f"^{term}$"))
        return terms.locator("xpath=following-sibling::dd")
