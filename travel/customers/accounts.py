"""Customer accounts in the database."""

from __future__ import annotations

import sqlite3
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from travel.chassis import Database
from travel.customers.passwords import hash_password, is_password, new_salt
from travel.customers.registration import Registration


class EmailTaken(Exception):
    """There is an account with that email already."""


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    name: str
    email: str


class Accounts:
    def __init__(self, database: Database) -> None:
        self._database = database
        # Compared with where no account has that email, so that the time taken does not tell.
        self._nobody = (new_salt(), bytes(32))

    def open(self, registration: Registration) -> Customer:
        """Store a new customer; raises EmailTaken."""
        customer = Customer(str(uuid.uuid4()), registration.name, registration.email)
        salt = new_salt()
        password_hash = hash_password(registration.password, salt)
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            with self._database.transaction() as connection:
                connection.execute("INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?)",
                                   (customer.id, customer.name, customer.email, salt, password_hash, now))
        except sqlite3.IntegrityError as error:
            raise EmailTaken(registration.email) from error
        return customer

    def find(self, customer_id: str) -> Customer | None:
        row = self._database.one("SELECT id, name, email FROM customers WHERE id = ?", (customer_id,))
        return Customer(**row) if row else None

    def sign_in(self, email: str, password: str) -> Customer | None:
        """The customer with that email, if the password is theirs."""
        stored_as = email.lower().encode(errors="replace").decode()  # SQLite takes no lone surrogates
        row = self._database.one("SELECT * FROM customers WHERE email = ?", (stored_as,))
        salt, expected = (row["password_salt"], row["password_hash"]) if row else self._nobody
        matches = is_password(password, salt, expected)
        return Customer(row["id"], row["name"], row["email"]) if row and matches else None
