"""The SMTP side: takes every message for everybody, and puts it among the caught ones."""

from __future__ import annotations

from datetime import UTC, datetime

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from travel.mailbox.messages import Messages
from travel.mailbox.parsing import message_document


class Catcher:
    """The handler that aiosmtpd calls for each message."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        raw = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        self._messages.add(message_document(raw, envelope.mail_from or "", envelope.rcpt_tos, datetime.now(UTC)))
        return "250 Ok: caught"


def start_smtp(messages: Messages, port: int) -> Controller:
    """Listen on loopback, in a thread of its own; raises OSError where the port is taken."""
    controller = Controller(Catcher(messages), hostname="127.0.0.1", port=port, ident="travel mailbox")
    controller.start()
    return controller
