"""Charges: asked for, answered by the issuer, challenged, refunded, voided.

Each change of a charge's status puts its webhook in the same transaction. HTTP is `app`'s business.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
import time
import uuid
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from travel.bank import errors, issuer
from travel.bank.charge_request import ChargeRequest
from travel.bank.errors import BankError
from travel.chassis import Database
from travel.chassis.outbox import Outbox
from travel.chassis.trace_context import current_traceparent, resumed


class Charges:
    """`delays_s` gives the wait before an answer for each speed of an issuer."""

    def __init__(self, database: Database, outbox: Outbox, *, digest_key: str, public_url: str,
                 delays_s: dict[str, float]) -> None:
        self._database = database
        self._outbox = outbox
        self._digest_key = digest_key.encode()
        self._public_url = public_url.rstrip("/")
        self._delays_s = delays_s

    def ask(self, request: ChargeRequest, idempotency_key: str) -> tuple[sqlite3.Row, bool]:
        """A charge, PENDING, and whether it is new; the same key and request give the same charge again."""
        # Keyed, because a plain digest of a card number can be searched for.
        digest = hmac.new(self._digest_key, json.dumps(asdict(request)).encode(), hashlib.sha256).hexdigest()
        answer = issuer.answer_for(request.card.number)
        answer_at = None if answer.speed == "never" else time.time() + self._delays_s[answer.speed]
        with self._database.transaction() as connection:
            known = connection.execute("SELECT * FROM charge WHERE idempotency_key = ?", (idempotency_key,)).fetchone()
            if known is not None:
                if known["request_digest"] != digest:
                    raise BankError(errors.KEY_REUSED, "idempotency key was used for another request", 409)
                return self._get(known["charge_id"]), False
            try:
                charge_id = f"ch_{uuid.uuid4().hex}"
                connection.execute(
                    "INSERT INTO charge (charge_id, idempotency_key, request_digest, merchant_reference, amount,"
                    " currency, holder, card_last4, status, answer, answer_at, return_url, webhook_url, traceparent,"
                    " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'PENDING', ?, ?, ?, ?, ?, ?)",
                    (charge_id, idempotency_key, digest, request.merchant_reference, request.amount, request.currency,
                     request.card.holder, request.card.number[-4:], answer.says, answer_at, request.return_url,
                     request.webhook_url, current_traceparent(), datetime.now(UTC).isoformat()))
            except sqlite3.IntegrityError:
                raise BankError(errors.REFERENCE_USED, "merchant_reference was used for another charge", 409) from None
            return self._get(charge_id), True

    def find(self, charge_id: str) -> dict[str, Any]:
        return self._document(self._get(charge_id))

    def of_holder(self, holder: str) -> list[dict[str, Any]]:
        """Oldest first."""
        return [self._document(charge) for charge in self._database.all(
            "SELECT * FROM charge WHERE holder = ? ORDER BY created_at", (holder,))]

    def answer_next(self) -> bool:
        """Let the issuer answer the charge that is due first; False where none is."""
        due = self._database.one("SELECT charge_id, traceparent FROM charge WHERE answer_at <= ?"
                                 " ORDER BY answer_at LIMIT 1", (time.time(),))
        if due is None:
            return False
        with resumed(due["traceparent"]), self._database.transaction() as connection:
            charge = self._get(due["charge_id"])
            if charge["status"] != "PENDING":
                connection.execute("UPDATE charge SET answer_at = NULL WHERE charge_id = ?", (charge["charge_id"],))
            elif charge["answer"] == issuer.CHALLENGE:
                self._move(connection, charge, "CHALLENGE", challenge_token=secrets.token_urlsafe(24))
            elif charge["answer"] == issuer.APPROVE:
                self._move(connection, charge, "AUTHORISED")
            elif charge["answer"] == issuer.APPROVE_NOISILY:
                self._authorise_noisily(connection, charge)
            else:
                self._move(connection, charge, "DECLINED", decline_code=charge["answer"])
        return True

    def count_webhook_failure(self, charge_id: str) -> None:
        with self._database.transaction() as connection:
            connection.execute("UPDATE charge SET webhook_failures = webhook_failures + 1 WHERE charge_id = ?",
                               (charge_id,))

    def challenged(self, token: str) -> sqlite3.Row | None:
        return self._database.one("SELECT * FROM charge WHERE challenge_token = ?", (token,))

    def answer_challenge(self, token: str, passed: bool) -> None:
        """The first answer counts; a later one changes nothing."""
        charge = self.challenged(token)
        if charge is None:
            return
        # The cardholder's browser is not traced here: the webhook belongs to the request that made the charge.
        with resumed(charge["traceparent"]), self._database.transaction() as connection:
            charge = self._get(charge["charge_id"])
            if charge["status"] != "CHALLENGE":
                return
            if passed:
                self._move(connection, charge, "AUTHORISED")
            else:
                self._move(connection, charge, "DECLINED", decline_code=issuer.FAILED_CHALLENGE)

    def refund(self, charge_id: str, amount: int, idempotency_key: str) -> dict[str, Any]:
        """Pay back a part or all of an authorised charge; REFUNDED once all is paid back."""
        with self._database.transaction() as connection:
            charge = self._get(charge_id)
            known = connection.execute("SELECT * FROM refund WHERE idempotency_key = ?", (idempotency_key,)).fetchone()
            if known is not None:
                if (known["charge_id"], known["amount"]) != (charge_id, amount):
                    raise BankError(errors.KEY_REUSED, "idempotency key was used for another request", 409)
                return dict(known)
            if charge["status"] != "AUTHORISED":
                raise BankError(errors.WRONG_STATE, f"a {charge['status']} charge cannot be refunded", 409)
            refunded = charge["refunded_amount"] + amount
            if refunded > charge["amount"]:
                raise BankError(errors.REFUND_TOO_HIGH, "more than the charge would be paid back", 409)
            refund = {"refund_id": f"re_{uuid.uuid4().hex}", "idempotency_key": idempotency_key,
                      "charge_id": charge_id, "amount": amount}
            connection.execute("INSERT INTO refund VALUES (:refund_id, :idempotency_key, :charge_id, :amount)", refund)
            connection.execute("UPDATE charge SET refunded_amount = ? WHERE charge_id = ?", (refunded, charge_id))
            if refunded == charge["amount"]:
                self._move(connection, charge, "REFUNDED")
            return refund

    def void(self, charge_id: str) -> dict[str, Any]:
        """Give up a charge; again is harmless."""
        with self._database.transaction() as connection:
            charge = self._get(charge_id)
            if charge["status"] in ("PENDING", "CHALLENGE", "AUTHORISED"):
                self._move(connection, charge, "VOIDED")
            elif charge["status"] != "VOIDED":
                raise BankError(errors.WRONG_STATE, f"a {charge['status']} charge cannot be voided", 409)
            return self.find(charge_id)

    def _challenge_url(self, charge: sqlite3.Row) -> str | None:
        return f"{self._public_url}/challenge/{charge['challenge_token']}" if charge["status"] == "CHALLENGE" else None

    def _document(self, charge: sqlite3.Row) -> dict[str, Any]:
        shown = ("charge_id", "merchant_reference", "amount", "currency", "refunded_amount", "status", "decline_code",
                 "card_last4", "holder", "webhook_failures", "created_at")
        return {name: charge[name] for name in shown} | {"challenge_url": self._challenge_url(charge)}

    def _get(self, charge_id: str) -> sqlite3.Row:
        charge = self._database.one("SELECT * FROM charge WHERE charge_id = ?", (charge_id,))
        if charge is None:
            raise BankError(errors.NOT_FOUND, "no such charge", 404)
        return charge

    def _authorise_noisily(self, connection: sqlite3.Connection, charge: sqlite3.Row) -> None:
        """As networks deliver: a word may come twice, and an older one last."""
        event = self._move(connection, charge, "AUTHORISED")
        self._tell(connection, charge, event)
        self._tell(connection, charge, event | {"event_id": _event_id(), "status": "CHALLENGE",
                                                "challenge_url": f"{self._public_url}/challenge/passed"})

    def _move(self, connection: sqlite3.Connection, charge: sqlite3.Row, status: str, *,
              decline_code: str | None = None, challenge_token: str | None = None) -> dict[str, Any]:
        """The event that tells of it, which is on its way."""
        connection.execute(
            "UPDATE charge SET status = ?, answer_at = NULL, decline_code = COALESCE(?, decline_code),"
            " challenge_token = COALESCE(?, challenge_token) WHERE charge_id = ?",
            (status, decline_code, challenge_token, charge["charge_id"]))
        moved = self._get(charge["charge_id"])
        event = {"event_id": _event_id(), "charge_id": moved["charge_id"],
                 "merchant_reference": moved["merchant_reference"], "status": status,
                 "amount": moved["amount"], "currency": moved["currency"]}
        if decline_code:
            event["decline_code"] = decline_code
        if url := self._challenge_url(moved):
            event["challenge_url"] = url
        self._tell(connection, charge, event)
        return event

    def _tell(self, connection: sqlite3.Connection, charge: sqlite3.Row, event: dict[str, Any]) -> None:
        self._outbox.put(connection, "webhook", charge["charge_id"], {"url": charge["webhook_url"], "event": event})


def _event_id() -> str:
    return f"ev_{uuid.uuid4().hex}"
