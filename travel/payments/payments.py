"""Payments: asked for once, moved by the bank's webhooks, given up or paid back.

Every change that bookings must know of is put into the outbox in the same transaction.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from datetime import UTC, datetime
from typing import Any

from travel.chassis import Database, NeighbourRefused, Problem
from travel.chassis.outbox import Outbox
from travel.payments import lifecycle
from travel.payments.acquirer import Acquirer
from travel.payments.payment_request import PaymentRequest
from travel.payments.reference import next_reference


class Payments:
    def __init__(self, database: Database, outbox: Outbox, acquirer: Acquirer) -> None:
        self._database = database
        self._outbox = outbox
        self._acquirer = acquirer

    def ask(self, request: PaymentRequest, idempotency_key: str) -> dict[str, Any]:
        """Ask the bank for a charge. The same key gives the same payment, and never a second charge."""
        payment = self._registered(request, idempotency_key)
        if payment["refusal"]:
            raise _bank_refused(json.loads(payment["refusal"]))
        if payment["charge_id"] is None and payment["status"] == "pending":
            try:
                charge_id = self._acquirer.charge(request, payment["reference"], payment["id"])
            except NeighbourRefused as refusal:
                self._record_refusal(payment["id"], refusal.body)
                raise _bank_refused(refusal.body) from refusal
            with self._database.transaction() as connection:
                connection.execute("UPDATE payment SET charge_id = ? WHERE id = ?", (charge_id, payment["id"]))
        return self.find(payment["id"])

    def find(self, payment_id: str) -> dict[str, Any]:
        return _document(self._get(payment_id))

    def void(self, payment_id: str) -> dict[str, Any]:
        """Give up a payment; harmless where there is nothing to give up."""
        payment = self._get(payment_id)
        if payment["status"] in lifecycle.VOIDABLE:
            # Without a charge there is nothing to void yet: should the bank authorise it after all,
            # `hear` sees that the payment was given up.
            voided = payment["charge_id"] is None or self._acquirer.void(payment["charge_id"])
            if voided and not self._record_void(payment):
                return self.void(payment_id)  # it got its charge, or the bank's word, in the meantime
        return self.find(payment_id)

    def refund(self, payment_id: str) -> dict[str, Any]:
        """Pay back an authorised payment; it is `refunded` when the bank says so. Again is harmless."""
        payment = self._get(payment_id)
        if payment["status"] == "authorised":
            self._acquirer.refund(payment["charge_id"], payment["amount"], payment["id"])
        elif payment["status"] not in ("refunded", "voided"):
            raise Problem(409, "not-refundable", f"A payment that is {payment['status']} cannot be paid back.")
        return self.find(payment_id)

    def hear(self, event: dict[str, Any]) -> None:
        """Apply a webhook of the bank, once; what comes twice, too late or out of order changes nothing."""
        with self._database.transaction() as connection:
            payment = connection.execute("SELECT * FROM payment WHERE reference = ?",
                                         (event["merchant_reference"],)).fetchone()
            if payment is None:
                raise Problem(404, "no-such-payment", "No payment has this merchant reference.")
            if (event["amount"], event["currency"]) != (payment["amount"], payment["currency"]):
                raise Problem(409, "amount-mismatch", "The bank speaks of another amount than was asked for.")
            new = connection.execute("INSERT OR IGNORE INTO bank_event VALUES (?)", (event["event_id"],)).rowcount
            if not new:
                return
            if lifecycle.is_unwanted_money(payment["status"], event["status"]):
                self._outbox.put(connection, "bank-void", payment["id"], {"charge_id": event["charge_id"]})
            status = lifecycle.after(payment["status"], event["status"])
            if status is None:
                return
            url = event.get("challenge_url")
            connection.execute("UPDATE payment SET status = ?, charge_id = ?, challenge_url = ? WHERE id = ?",
                               (status, event["charge_id"], url, payment["id"]))
            if status in lifecycle.TOLD_TO_BOOKINGS:
                self._tell_bookings(connection, payment, status, url)

    def _registered(self, request: PaymentRequest, idempotency_key: str) -> sqlite3.Row:
        with self._database.transaction() as connection:
            known: sqlite3.Row | None = connection.execute(
                "SELECT * FROM payment WHERE idempotency_key = ?", (idempotency_key,)).fetchone()
            if known is not None:
                if (known["booking_id"], known["amount"], known["currency"], known["card_last4"]) != (
                        request.booking_id, request.amount, request.currency, request.card.last4):
                    raise Problem(409, "idempotency-key-reused", "This key was used for another payment.")
                return known
            now = datetime.now(UTC)
            payment_id = f"pay_{uuid.uuid4().hex}"
            connection.execute(
                "INSERT INTO payment (id, idempotency_key, booking_id, reference, amount, currency, card_brand,"
                " card_last4, status, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?)",
                (payment_id, idempotency_key, request.booking_id, next_reference(connection, now.date()),
                 request.amount, request.currency, request.card.brand, request.card.last4, now.isoformat()))
            return self._get(payment_id)

    def _record_refusal(self, payment_id: str, answer: object) -> None:
        with self._database.transaction() as connection:
            connection.execute("UPDATE payment SET status = 'declined', refusal = ? WHERE id = ?",
                               (json.dumps(answer), payment_id))

    def _record_void(self, payment: sqlite3.Row) -> bool:
        with self._database.transaction() as connection:
            return connection.execute(
                "UPDATE payment SET status = 'voided', challenge_url = NULL WHERE id = ? AND charge_id IS ?"
                " AND status IN ('pending', 'challenge', 'authorised', 'voided')",
                (payment["id"], payment["charge_id"])).rowcount > 0

    def _tell_bookings(self, connection: sqlite3.Connection, payment: sqlite3.Row, status: str,
                       challenge_url: str | None) -> None:
        event = {"event_id": str(uuid.uuid4()), "booking_id": payment["booking_id"], "payment_id": payment["id"],
                 "status": status}
        if challenge_url:
            event["challenge_url"] = challenge_url
        self._outbox.put(connection, "booking-event", payment["id"], event)

    def _get(self, payment_id: str) -> sqlite3.Row:
        payment = self._database.one("SELECT * FROM payment WHERE id = ?", (payment_id,))
        if payment is None:
            raise Problem(404, "no-such-payment", "No payment has this id.")
        return payment


def _bank_refused(answer: object) -> Problem:
    return Problem(502, "bank-refused", "The bank refused to take the payment.", neighbour="bank", answer=answer)


def _document(payment: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": payment["id"],
        "booking_id": payment["booking_id"],
        "status": payment["status"],
        "reference": payment["reference"],
        "amount": payment["amount"],
        "currency": payment["currency"],
        "card": {"brand": payment["card_brand"], "last4": payment["card_last4"]},
        "challenge_url": payment["challenge_url"],
        "created_at": payment["created_at"],
    }
