"""The bank's own page, on which the cardholder confirms a payment."""

from __future__ import annotations

from playwright.sync_api import Page


class BankPage:
    RIGHT_CODE = "123456"  # the test gateway's
    WRONG_CODE = "654321"

    def __init__(self, page: Page) -> None:
        self.page = page

    def confirm(self, code: str) -> None:
        self.page.get_by_label("One-time code").fill(code)
        self.page.get_by_role("button", name="Confirm payment").click()
