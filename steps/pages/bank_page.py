"""The bank's own page, on which the cardholder confirms a payment."""

from __future__ import annotations

from playwright.sync_api import Page, expect

_SHOWN_WITHIN_S = 3  # it is sent whole: what its heading stands on is there


class BankPage:
    RIGHT_CODE = "123456"  # the test gateway's
    WRONG_CODE = "654321"

    def __init__(self, page: Page) -> None:
        self.page = page

    def confirm(self, code: str) -> None:
        expect(self.page.get_by_role("heading", name="Confirm your payment")).to_be_visible()
        field = self.page.get_by_label("One-time code")  # as a screen reader finds it
        expect(field, "the bank's page has no field that is called One-time code").to_be_visible(
            timeout=_SHOWN_WITHIN_S * 1000)
        field.fill(code)
        self.page.get_by_role("button", name="Confirm payment").click()
