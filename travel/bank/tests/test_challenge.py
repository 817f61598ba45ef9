"""bank: the cardholder's challenge."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from travel.bank.challenge import TEST_CODE
from travel.bank.tests.conftest import Merchant


@pytest.fixture
def charge_id(merchant: Merchant) -> str:
    """A charge whose cardholder is challenged."""
    charge_id = merchant.charge("4000000000003220")
    merchant.let_issuers_answer()
    return charge_id


@pytest.fixture
def page(merchant: Merchant, charge_id: str) -> str:
    """The path of its challenge."""
    url: str = merchant.show(charge_id)["challenge_url"]
    assert url.startswith("http://bank.test/challenge/")
    return url.removeprefix("http://bank.test")


def test_the_page_is_accessible(client: FlaskClient, page: str) -> None:
    """It has a language, a title, a heading, a labelled field, and tells what is paid; no key is needed."""
    answer = client.get(page, headers={"Authorization": ""})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    for part in ('<html lang="en">', "<title>Confirm your payment", "<h1>Confirm your payment</h1>",
                 '<label for="code">One-time code</label>', 'id="code"', "189.00 EUR", "3220"):
        assert part in html


def test_the_page_may_lead_back_to_the_shop_alone(client: FlaskClient, page: str) -> None:
    """Its policy lets the form redirect to the shop and loads nothing from elsewhere."""
    policy = client.get(page).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://shop.test" in policy


@pytest.mark.parametrize(("form", "status"), [
    ({"code": TEST_CODE}, "AUTHORISED"), ({"code": f" {TEST_CODE} ", "action": "approve"}, "AUTHORISED"),
    ({"code": "000000"}, "DECLINED"), ({}, "DECLINED"), ({"code": TEST_CODE, "action": "decline"}, "DECLINED")])
def test_the_code_decides(merchant: Merchant, charge_id: str, page: str, form: dict[str, str], status: str) -> None:
    """The right code approves; a wrong one, none, or the cardholder's wish declines. Either leads back."""
    answer = merchant.client.post(page, data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "http://shop.test/bookings/1")
    assert merchant.show(charge_id)["status"] == status


def test_the_first_answer_counts(merchant: Merchant, charge_id: str, page: str) -> None:
    """A second answer changes nothing, and the page says so."""
    merchant.client.post(page, data={"code": "000000"})
    assert merchant.client.post(page, data={"code": TEST_CODE}).status_code == 303
    assert merchant.show(charge_id)["status"] == "DECLINED"
    assert "answered already" in merchant.client.get(page).get_data(as_text=True)


def test_amounts_in_yen_have_no_decimals(merchant: Merchant) -> None:
    """30000 minor units of JPY are 30,000 yen."""
    charge_id = merchant.charge("4000000000003220", currency="JPY", amount=30000)
    merchant.let_issuers_answer()
    path = merchant.show(charge_id)["challenge_url"].removeprefix("http://bank.test")
    assert "30,000 JPY" in merchant.client.get(path).get_data(as_text=True)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_challenge_is_not_found(client: FlaskClient, method: str) -> None:
    """A guessed token leads nowhere."""
    assert client.open("/challenge/guessed", method=method).status_code == 404
