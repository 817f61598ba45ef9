"""notifications: how the answers of a mail server are understood."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from travel.chassis import NeighbourUnreachable
from travel.notifications.post import PostOffice


class Server:
    """A mail server that answers every message alike."""

    def __init__(self) -> None:
        self.answer = "250 Ok"
        self.received: list[bytes] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.received.append(envelope.content)
        return self.answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def post_office(server: Server) -> Iterator[PostOffice]:
    controller = Controller(server, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield PostOffice("127.0.0.1", controller.port, timeout_s=5)
    controller.stop()


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@x.example", "b@x.example", "Zoë"
    message.set_content("Łukasz")
    return message


def test_a_mail_is_handed_over(post_office: PostOffice, server: Server) -> None:
    """The server gets the mail whole, with its accents encoded as mail wants them."""
    post_office.send(mail())

    assert b"Subject: =?utf-8?" in server.received[0]


def test_a_server_that_is_busy_is_tried_later(post_office: PostOffice, server: Server) -> None:
    """A transient refusal (4xx) counts as not reached."""
    server.answer = "451 Try again"

    with pytest.raises(NeighbourUnreachable):
        post_office.send(mail())


def test_a_refusal_for_good_is_the_mails_fault(post_office: PostOffice, server: Server) -> None:
    """A permanent refusal (5xx) is told apart, so that the mail is not tried for ever."""
    server.answer = "554 No"

    with pytest.raises(smtplib.SMTPDataError):
        post_office.send(mail())


def test_a_server_that_is_away_is_named() -> None:
    """Nobody listening is a neighbour that was not reached."""
    with pytest.raises(NeighbourUnreachable, match="mailbox did not answer"):
        PostOffice("127.0.0.1", free_port(), timeout_s=1).send(mail())
