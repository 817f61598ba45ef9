"""The shop as one person's browser shows it."""

from __future__ import annotations

from playwright.sync_api import Page

from steps.pages.account_pages import SignInPage, SignUpPage
from steps.pages.bank_page import BankPage
from steps.pages.booking_form import BookingForm
from steps.pages.booking_page import BookingPage
from steps.pages.bookings_page import BookingsPage
from steps.pages.header import Header
from steps.pages.results_page import ResultsPage
from steps.pages.search_page import SearchPage
from steps.pages.shop_page import ShopPage


class Shop:
    """Its pages; `here` is whichever of them is open."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.here = ShopPage(page, url)
        self.header = Header(page, url)
        self.sign_up = SignUpPage(page, url)
        self.sign_in = SignInPage(page, url)
        self.search = SearchPage(page, url)
        self.results = ResultsPage(page, url)
        self.booking_form = BookingForm(page, url)
        self.booking = BookingPage(page, url)
        self.bookings = BookingsPage(page, url)
        self.bank = BankPage(page)

    def go_back(self) -> None:
        self.page.go_back(wait_until="domcontentloaded")
