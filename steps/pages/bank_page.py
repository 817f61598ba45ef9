"""The bank's own page, on which the cardholder confirms a payment."""

from __future__ import annotations

from playwright.sync_api import Page, expect


class BankPage:
    RIGHT_CODE = "123456"  # the test gateway's
    WRONG_CODE = "654321"

    def __init__(self, page: Page) -> None:
        self.page = page

    def assert_open(self) -> None:
        expect(self.page.get_by_role("heading", level=1, name="Confirm your payment")).to_be_visible()

    def confirm(self, code: str) -> None:
        self.page.get_by_label("One-time code").fill(code)
        self.page.get_by_role("button", name="Confirm payment").click()
