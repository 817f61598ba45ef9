"""Opening an account, and signing in."""

from __future__ import annotations

from playwright.sync_api import Locator, Route

from steps.pages.shop_page import ShopPage


class SignUpPage(ShopPage):
    def open(self) -> None:
        self.visit("/sign-up")
        self.assert_heading("Sign up")

    def open_account(self, name: str, email: str, password: str) -> None:
        self._fill(name, email, password)
        self._create.click()

    def ask_twice(self, name: str, email: str, password: str) -> None:
        """As somebody does who has heard nothing yet: the shop has taken the first, and its answer is on its way."""
        self._fill(name, email, password)
        self.page.route("**/api/customers", self._ask_again_before_the_answer, times=1)
        self._create.click()

    def _ask_again_before_the_answer(self, route: Route) -> None:
        answer = route.fetch()
        self._create.click(force=True)  # enabled or not: whoever is impatient presses it
        route.fulfill(response=answer)

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
