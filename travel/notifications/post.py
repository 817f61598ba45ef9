"""Hand a mail to the mail server, over SMTP."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage

from travel.chassis import NeighbourUnreachable
from travel.chassis.trace_context import asking


class PostOffice:
    """Raises NeighbourUnreachable where trying later may help, and smtplib's own errors where the mail is refused."""

    def __init__(self, host: str, port: int, timeout_s: float) -> None:
        self._host = host
        self._port = port
        self._timeout_s = timeout_s

    def send(self, message: EmailMessage) -> None:
        try:
            # Without a name of ours given, smtplib asks DNS for it.
            with (asking("mailbox", system="smtp", operation="send", port=self._port),
                  smtplib.SMTP(self._host, self._port, local_hostname="localhost", timeout=self._timeout_s) as smtp):
                smtp.send_message(message)
        except smtplib.SMTPRecipientsRefused:
            raise
        except smtplib.SMTPResponseException as error:
            if error.smtp_code >= 500:
                raise
            raise NeighbourUnreachable("mailbox", str(error)) from error
        except OSError as error:  # not reached, disconnected, timed out
            raise NeighbourUnreachable("mailbox", str(error)) from error
