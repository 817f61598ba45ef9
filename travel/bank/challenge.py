"""The page on which a cardholder confirms a payment with a one-time code."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, make_response, redirect, render_template, request

from travel.bank.charges import Charges
from travel.bank.errors import NOT_FOUND, BankError

TEST_CODE = "123456"
_MINOR_DIGITS = {"JPY": 0}


def serve_challenges(app: Flask, charges: Charges) -> None:
    @app.get("/challenge/<token>")
    def show_challenge(token: str) -> Response:
        charge = charges.challenged(token)
        if charge is None:
            raise BankError(NOT_FOUND, "no such challenge", 404)
        page = make_response(render_template(
            "challenge.html", open=charge["status"] == "CHALLENGE", last4=charge["card_last4"],
            amount=_major(charge["amount"], charge["currency"]), currency=charge["currency"],
            return_url=charge["return_url"]))
        # Browsers hold the redirect after a form to form-action too, so the shop stands in it.
        shop = urlsplit(charge["return_url"])
        page.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; "
            f"form-action 'self' {shop.scheme}://{shop.netloc}")
        page.headers["Cache-Control"] = "no-store"
        return page

    @app.post("/challenge/<token>")
    def answer_challenge(token: str) -> Response:
        charge = charges.challenged(token)
        if charge is None:
            raise BankError(NOT_FOUND, "no such challenge", 404)
        approves = request.form.get("action", "approve") == "approve"
        charges.answer_challenge(token, approves and request.form.get("code", "").strip() == TEST_CODE)
        return make_response(redirect(charge["return_url"], code=303))


def _major(amount: int, currency: str) -> str:
    digits = _MINOR_DIGITS.get(currency, 2)
    return f"{amount / 10**digits:,.{digits}f}"
