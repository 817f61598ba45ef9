"""What a mail about a booking says: its subject, its text and its HTML. Nothing is sent here."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

TITLES = {
    "booking-confirmed": "Booking confirmed",
    "payment-declined": "Payment declined",
    "booking-expired": "Booking expired",
    "booking-cancelled": "Booking cancelled",
}
# Digits after the point of each currency's major unit.
DECIMALS = {"EUR": 2, "GBP": 2, "USD": 2, "JPY": 0}

_templates = Environment(loader=FileSystemLoader(Path(__file__).with_name("templates")), undefined=StrictUndefined,
                         autoescape=select_autoescape(["html"]), trim_blocks=True, lstrip_blocks=True)


def compose(event: dict[str, Any], sender: str, public_url: str) -> EmailMessage:
    """The mail for a checked event, as text and as HTML."""
    booking = event["booking"]
    title = TITLES[event["type"]]
    facts = {
        "title": title,
        "type": event["type"],
        "booking": booking,
        "flight": booking["flight"],
        "departure": format_local_time(booking["flight"]["departure"]),
        "arrival": format_local_time(booking["flight"]["arrival"]),
        "price": format_money(booking["price"]),
        "refund": format_money(booking["refund"]) if booking.get("refund") else None,
        "link": f"{public_url}/bookings/{booking['id']}",
    }
    message = EmailMessage()
    message["From"] = sender
    message["To"] = event["to"]
    message["Subject"] = f"{title}: {booking['locator'] or booking['flight']['number']}"
    message["Date"] = format_datetime(datetime.now(UTC))
    # The same for a mail that is sent a second time, so that a mail program shows one.
    message["Message-ID"] = f"<{event['event_id']}@travel.example>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_templates.get_template("mail.txt").render(facts))
    message.add_alternative(_templates.get_template("mail.html").render(facts), subtype="html")
    return message


def format_money(money: dict[str, Any]) -> str:
    """`EUR 1,189.00`, `JPY 29,500`"""
    decimals = DECIMALS[money["currency"]]
    major, minor = divmod(int(money["amount"]), 10**decimals)
    return f"{money['currency']} {major:,}" + (f".{minor:0{decimals}d}" if decimals else "")


def format_local_time(text: str) -> str:
    """`Friday 15 January 2027, 09:40 (UTC+01:00)`: the clock at the airport, whatever the reader's own."""
    time = datetime.fromisoformat(text)
    return f"{time:%A} {time.day} {time:%B %Y, %H:%M} ({time.tzname()})"
