"""customers: what may register, and who may sign in."""

from __future__ import annotations

import json
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from travel.chassis import Settings
from travel.chassis.contract import Contract
from travel.customers.app import create_app
from travel.customers.registration import InvalidCustomer, parse_registration

ANA = {"name": "Ana O’Brien", "email": "ana@example.com", "password": "correct horse"}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "customers.sqlite"


@pytest.fixture
def client(database: Path) -> FlaskClient:
    app = create_app(Settings("customers", {"database": str(database)}))
    Contract(Path(__file__).parents[1] / "openapi.yml").watch(app)
    return app.test_client()


def errors_of(**changed: Any) -> dict[str, str]:
    with pytest.raises(InvalidCustomer) as caught:
        parse_registration({**ANA, **changed})
    return caught.value.errors


def test_a_customer_registers(client: FlaskClient) -> None:
    """A sign-up is answered with the new customer: a uuid, the name and the email, and no password."""
    answer = client.post("/customers", json=ANA)

    assert answer.status_code == 201
    assert answer.json is not None
    assert set(answer.json) == {"id", "name", "email"}
    assert uuid.UUID(answer.json["id"]).version == 4
    assert (answer.json["name"], answer.json["email"]) == (ANA["name"], ANA["email"])


def test_a_customer_can_be_looked_up(client: FlaskClient) -> None:
    """What was registered is found by its id."""
    customer = client.post("/customers", json=ANA).json
    assert customer is not None

    answer = client.get(f"/customers/{customer['id']}")

    assert (answer.status_code, answer.json) == (200, customer)


def test_an_unknown_customer_is_not_found(client: FlaskClient) -> None:
    """An id that was never given out is answered 404."""
    answer = client.get(f"/customers/{uuid.uuid4()}")

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None and answer.json["code"] == "no-such-customer"


@pytest.mark.parametrize("name", ["Zoë", "O'Neil", "Jean-Luc", "李雷", "Ana María", "X", "n" * 80])
def test_names_of_all_kinds_are_welcome(name: str) -> None:
    """Accents, apostrophes, hyphens, other scripts, one letter and eighty are names."""
    assert parse_registration({**ANA, "name": name}).name == name


@pytest.mark.parametrize("name", [" Ana", "Ana ", "\tAna", "Ana\u00a0", "   "])
def test_a_name_with_white_space_around_it_is_refused(name: str) -> None:
    """White space around a name is the sender's mistake, and is not fixed silently."""
    assert errors_of(name=name) == {"name": "Must not start or end with a space."}


@pytest.mark.parametrize("name", ["", "n" * 81])
def test_a_name_has_1_to_80_characters(name: str) -> None:
    """An empty name and one of 81 characters are refused."""
    assert errors_of(name=name)["name"].startswith("Must have 1 to 80 characters")


@pytest.mark.parametrize("name", ["Ana\x00B", "Ana\nB", "Ana\u2028B", "Ana\x7fB", "Ana\ud800B"])
def test_a_name_has_no_control_characters(name: str) -> None:
    """Control characters, line separators and lone surrogates are refused."""
    assert errors_of(name=name) == {"name": "Must not contain control characters."}


def test_a_name_is_stored_in_nfc(client: FlaskClient) -> None:
    """A name that came decomposed is stored, and answered, composed."""
    answer = client.post("/customers", json={**ANA, "name": "Zoe\u0308"})

    assert answer.json is not None and answer.json["name"] == "Zo\u00eb"


@pytest.mark.parametrize("email", ["ana", "ana@", "@example.com", "ana@localhost", "a na@example.com",
                                   " ana@example.com", "ana@example.com ",
                                   "ana@@example.com", "ana@exa mple.com", "ana@-x.com",
                                   ".ana@example.com", "a" * 65 + "@example.com", "a@" + "b" * 250 + ".com"])
def test_what_is_no_email_is_refused(email: str) -> None:
    """An email needs one @, a local part and a domain of two labels."""
    assert set(errors_of(email=email)) == {"email"}


def test_an_email_is_stored_in_lower_case() -> None:
    """Letter case does not make another email."""
    assert parse_registration({**ANA, "email": "Ana@Example.COM"}).email == "ana@example.com"


def test_an_email_belongs_to_one_account(client: FlaskClient) -> None:
    """A second account for the same email, in whatever case, is answered 409."""
    client.post("/customers", json=ANA)

    answer = client.post("/customers", json={**ANA, "email": "ANA@example.com"})

    assert answer.status_code == 409
    assert answer.json is not None and answer.json["code"] == "email-taken"


@pytest.mark.parametrize("password", ["", "seven77", "p" * 129])
def test_a_password_has_8_to_128_characters(password: str) -> None:
    """Shorter and longer passwords are refused."""
    assert set(errors_of(password=password)) == {"password"}


def test_every_field_is_judged_at_once(client: FlaskClient) -> None:
    """The answer to a bad sign-up names all that is wrong with it."""
    answer = client.post("/customers", json={"name": " Ana", "email": "ana", "password": 12345678})

    assert answer.status_code == 422
    assert answer.json is not None and answer.json["code"] == "invalid-customer"
    assert set(answer.json["errors"]) == {"name", "email", "password"}


def test_unknown_fields_are_refused() -> None:
    """A field that customers does not know is an error, not ignored."""
    assert errors_of(nickname="An") == {"nickname": "Is not known here."}


@pytest.mark.parametrize("document", [None, [], "Ana", 7])
def test_a_sign_up_is_an_object(client: FlaskClient, document: Any) -> None:
    """JSON that is not an object is refused as such."""
    answer = client.post("/customers", data=json.dumps(document), content_type="application/json")

    assert answer.status_code == 422
    assert answer.json is not None and set(answer.json["errors"]) == {"body"}


@pytest.mark.parametrize(("body", "content_type", "status"), [("{", "application/json", 400), ("x", "text/plain", 415)])
def test_what_is_not_json_is_refused(client: FlaskClient, body: str, content_type: str, status: int) -> None:
    """Broken JSON is 400, another type of content 415; both are problem documents."""
    answer = client.post("/customers", data=body, content_type=content_type)

    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_a_customer_signs_in(client: FlaskClient) -> None:
    """The right password finds the customer, whatever the case of the email."""
    customer = client.post("/customers", json=ANA).json

    answer = client.post("/sign-in", json={"email": "Ana@Example.com", "password": ANA["password"]})

    assert (answer.status_code, answer.json) == (200, customer)


@pytest.mark.parametrize("credentials", [
    {"email": ANA["email"], "password": "wrong password"},
    {"email": "nobody@example.com", "password": ANA["password"]},
    {"email": ANA["email"]},
    {"email": ANA["email"], "password": None},
    {"email": "\ud800@example.com", "password": ANA["password"]},
    [],
])
def test_wrong_credentials_are_refused_alike(client: FlaskClient, credentials: Any) -> None:
    """A wrong password and an unknown email get the same answer, which does not tell who has an account."""
    client.post("/customers", json=ANA)

    answer = client.post("/sign-in", data=json.dumps(credentials), content_type="application/json")

    assert answer.status_code == 401
    assert answer.json is not None and answer.json["code"] == "wrong-credentials"
    assert answer.json["detail"] == "The email or the password is not right."


def test_passwords_are_stored_salted_and_hashed(client: FlaskClient, database: Path) -> None:
    """Two customers with one password have different hashes, and the password is nowhere in the database."""
    client.post("/customers", json=ANA)
    client.post("/customers", json={**ANA, "email": "zoe@example.com"})

    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT password_salt, password_hash FROM customers").fetchall()

    assert len({salt for salt, _ in rows}) == len({digest for _, digest in rows}) == 2
    assert ANA["password"].encode() not in b"".join(path.read_bytes() for path in database.parent.iterdir())
