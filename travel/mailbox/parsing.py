"""Turn a message as it came over SMTP into the document that Mailpit's interface shows. No storage here."""

from __future__ import annotations

import email
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default as default_policy
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

SNIPPET_LENGTH = 250

Address = dict[str, str]


def message_document(raw: bytes, sender: str, recipients: Sequence[str], arrived: datetime) -> dict[str, Any]:
    """The whole message; who was addressed by the envelope alone is a Bcc."""
    message = email.message_from_bytes(raw, policy=default_policy)
    named = {field: _addresses(message, field) for field in ("To", "Cc", "Reply-To")}
    known = {address["Address"].lower() for field in ("To", "Cc") for address in named[field]}
    from_ = _addresses(message, "From") or [{"Name": "", "Address": sender}]
    return {
        "ID": secrets.token_urlsafe(16),
        "MessageID": str(message.get("Message-ID", "")).strip().strip("<>"),
        "From": from_[0],
        "To": named["To"],
        "Cc": named["Cc"],
        "Bcc": [{"Name": "", "Address": address} for address in recipients if address.lower() not in known],
        "ReplyTo": named["Reply-To"],
        "ReturnPath": sender,
        "Subject": str(message.get("Subject", "")),
        "Date": _date(message, arrived).isoformat(timespec="milliseconds"),
        "Created": arrived.isoformat(timespec="milliseconds"),
        "Tags": [],
        "Text": _content(message, "plain"),
        "HTML": _content(message, "html"),
        "Size": len(raw),
        "Inline": [],
        "Attachments": [
            {"FileName": part.get_filename() or "", "ContentType": part.get_content_type(), "Size": _size(part)}
            for part in message.iter_attachments()
        ] if message.is_multipart() else [],
    }


def summary_of(document: dict[str, Any]) -> dict[str, Any]:
    """A message as it stands in a list."""
    fields = ("ID", "MessageID", "From", "To", "Cc", "Bcc", "ReplyTo", "Subject", "Created", "Tags", "Size")
    return {**{field: document[field] for field in fields}, "Read": False,
            "Attachments": len(document["Attachments"]), "Snippet": _snippet(document)}


def _addresses(message: EmailMessage, field: str) -> list[Address]:
    values = [str(value) for value in message.get_all(field, [])]
    return [{"Name": name, "Address": address} for name, address in getaddresses(values) if address]


def _date(message: EmailMessage, arrived: datetime) -> datetime:
    try:
        date = parsedate_to_datetime(str(message["Date"]))
    except (TypeError, ValueError):
        return arrived
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _content(message: EmailMessage, subtype: str) -> str:
    part = message.get_body(preferencelist=(subtype,))
    if part is None:
        return ""
    try:
        return str(part.get_content()).replace("\r\n", "\n")
    except (LookupError, ValueError):  # a charset that nobody knows
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _size(part: Any) -> int:
    payload = part.get_payload(decode=True)
    return len(payload) if payload else 0


def _snippet(document: dict[str, Any]) -> str:
    text = document["Text"] or re.sub(r"<[^>]*>", " ", document["HTML"])
    return " ".join(text.split())[:SNIPPET_LENGTH]
