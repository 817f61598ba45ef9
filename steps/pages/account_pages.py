"""Opening an account, and signing in."""

from __future__ import annotations

from playwright.sync_api import Locator

from steps.pages.shop_page import ShopPage

# Between two presses of a quick hand the first request has reached the shop, and its answer is not here yet.
_QUICK_HAND_MS = 50
_SLOW_CONNECTION = {"offline": False, "latency": 500, "downloadThroughput": -1, "uploadThroughput": -1}


class SignUpPage(ShopPage):
    def open(self) -> None:
        self.visit("/sign-up")
        self.assert_heading("Sign up")

    def open_account(self, name: str, email: str, password: str) -> None:
        self._fill(name, email, password)
        self._create.click()

    def ask_twice(self, name: str, email: str, password: str) -> None:
        """As somebody does who has heard nothing yet: answers take their time on this connection."""
        self._fill(name, email, password)
        browser = self.page.context.browser
        if browser and browser.browser_type.name == "chromium":  # others cannot be slowed down
            connection = self.page.context.new_cdp_session(self.page)
            connection.send("Network.enable")
            connection.send("Network.emulateNetworkConditions", _SLOW_CONNECTION)
        self._create.dblclick(delay=_QUICK_HAND_MS)

    def _fill(self, name: str, email: str, password: str) -> None:
        self.open()
        self.page.get_by_label("Full name").fill(name)
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password").fill(password)

    @property
    def _create(self) -> Locator:
        return self.page.get_by_role("button", name="Create account")


class SignInPage(ShopPage):
    def open(self) -> None:
        self.visit("/sign-in")
        self.assert_asked()

    def assert_asked(self) -> None:
        self.assert_heading("Sign in")

    def sign_in(self, email: str, password: str) -> None:
        """On the page as it is: whoever was asked to sign in is led on from here."""
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
