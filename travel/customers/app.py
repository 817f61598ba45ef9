"""customers over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from flask import Flask, Response, jsonify, request

from travel.chassis import Database, Problem, Settings, create_service
from travel.customers.accounts import Accounts, EmailTaken
from travel.customers.registration import InvalidCustomer, parse_registration


def create_app(settings: Settings) -> Flask:
    accounts = Accounts(Database(settings["database"], Path(__file__).with_name("schema.sql")))
    app = create_service(settings)

    @app.post("/customers")
    def register() -> tuple[Response, int]:
        try:
            customer = accounts.open(parse_registration(request.get_json()))
        except InvalidCustomer as error:
            raise Problem(422, "invalid-customer", "Some of what was entered cannot be accepted.",
                          errors=error.errors) from error
        except EmailTaken as error:
            raise Problem(409, "email-taken", "There is an account with that email already.") from error
        return jsonify(asdict(customer)), 201

    @app.post("/sign-in")
    def sign_in() -> Response:
        document = request.get_json()
        given = document if isinstance(document, dict) else {}
        email, password = given.get("email"), given.get("password")
        customer = accounts.sign_in(email, password) if isinstance(email, str) and isinstance(password, str) else None
        if customer is None:
            raise Problem(401, "wrong-credentials", "The email or the password is not right.")
        return jsonify(asdict(customer))

    @app.get("/customers/<customer_id>")
    def show(customer_id: str) -> Response:
        customer = accounts.find(customer_id)
        if customer is None:
            raise Problem(404, "no-such-customer", "There is no customer with that id.")
        return jsonify(asdict(customer))

    return app
