"""The statuses of a payment and what a word from the bank does to them: pure rules."""

from __future__ import annotations

NEXT = {
    "pending": {"CHALLENGE": "challenge", "AUTHORISED": "authorised", "DECLINED": "declined", "VOIDED": "voided"},
    "challenge": {"AUTHORISED": "authorised", "DECLINED": "declined", "VOIDED": "voided"},
    "authorised": {"REFUNDED": "refunded", "VOIDED": "voided"},
}
BANK_STATUSES = ("CHALLENGE", "AUTHORISED", "DECLINED", "REFUNDED", "VOIDED")
VOIDABLE = ("pending", "challenge", "authorised")
TOLD_TO_BOOKINGS = ("challenge", "authorised", "declined", "refunded")


def after(status: str, bank_status: str) -> str | None:
    """The status that follows, or None where the bank's word comes too late or out of order."""
    return NEXT.get(status, {}).get(bank_status)


def is_unwanted_money(status: str, bank_status: str) -> bool:
    """The bank authorised a payment that was given up (or that it refused before): it must be voided there."""
    return bank_status == "AUTHORISED" and status in ("voided", "declined")
