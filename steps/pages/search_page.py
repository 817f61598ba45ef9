"""The search form: where from, where to, when, how many."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import Locator

from gonogo.steps.keyboard import tab_to
from steps.pages.shop_page import ShopPage
from steps.parties.reservations import Flight


class SearchPage(ShopPage):
    def open(self) -> None:
        self.visit("/")
        self.assert_heading("Search flights")

    def search_for(self, flight: Flight, passengers: int = 1) -> None:
        self.open()
        self.page.get_by_label("Passengers").select_option(str(passengers))
        self.search(flight.origin.city, flight.destination.city, flight.date)

    def search(self, origin: str, destination: str, day: str) -> None:
        """`day` as YYYY-MM-DD."""
        self._choose("From", origin)
        self._choose("To", destination)
        self.page.get_by_label("Date").fill(day)
        self._button.click()

    def search_by_keyboard(self, flight: Flight) -> None:
        """Lists are chosen from by typing."""
        self._type_into("From", flight.origin.city)
        self._type_into("To", flight.destination.city)
        self._type_date(flight.departure)
        tab_to(self.page, self._button)
        self.page.keyboard.press("Enter")

    def _type_into(self, label: str, text: str) -> None:
        tab_to(self.page, self.page.get_by_label(label, exact=True))
        self.page.keyboard.type(text)

    def _type_date(self, day: date) -> None:
        """Day or month first: that is the browser's own choice, whatever language its pages ask for."""
        field = self.page.get_by_label("Date")
        self._type_into("Date", f"{day:%d%m%Y}")
        if field.input_value() != f"{day:%Y-%m-%d}":
            self.page.keyboard.press("ArrowLeft")
            self.page.keyboard.press("ArrowLeft")
            self.page.keyboard.type(f"{day:%m%d%Y}")

    def _choose(self, label: str, city: str) -> None:
        choice = self.page.get_by_label(label, exact=True)
        value = choice.get_by_role("option").filter(has_text=f"{city} (").get_attribute("value")
        choice.select_option(value)

    @property
    def _button(self) -> Locator:
        return self.page.get_by_role("main").get_by_role("button", name="Search")
