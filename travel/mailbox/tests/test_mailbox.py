"""mailbox: what is sent over SMTP is found over HTTP."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from travel.chassis import Settings
from travel.chassis.contract import Contract
from travel.mailbox.app import create_app
from travel.mailbox.parsing import message_document
from travel.mailbox.search import Term, parse_query


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    values = {"database": str(tmp_path / "mailbox.sqlite"), "smtp_port": free_port(), "max_messages": 5}
    app = create_app(Settings("mailbox", values))
    Contract(Path(__file__).parents[1] / "openapi.yml").watch(app)
    yield app
    app.extensions["smtp"].stop()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def mail(to: str = "Ana María <ana@example.com>", subject: str = "Booking confirmed: K7PQ2M",
         text: str = "Dear Ana María, your seat is 1A.", html: str = "<p>Dear Ana María</p>") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Travel <bookings@travel.example>"
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = "<e1@travel.example>"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message


def send(app: Flask, message: EmailMessage, **options: Any) -> None:
    with smtplib.SMTP("127.0.0.1", app.extensions["smtp"].port, local_hostname="localhost", timeout=5) as smtp:
        smtp.send_message(message, **options)


def listed(client: FlaskClient, query: str | None = None, **options: Any) -> dict[str, Any]:
    answer = client.get("/api/v1/search", query_string={"query": query, **options}) if query else \
        client.get("/api/v1/messages", query_string=options)
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json
    return document


def test_a_message_is_caught_whole(app: Flask, client: FlaskClient) -> None:
    """Names with accents, both bodies and the identity of a message survive the way."""
    send(app, mail())

    summary = listed(client)["messages"][0]
    document = client.get(f"/api/v1/message/{summary['ID']}").json

    assert summary["Subject"] == "Booking confirmed: K7PQ2M"
    assert summary["To"] == [{"Name": "Ana María", "Address": "ana@example.com"}]
    assert summary["Snippet"] == "Dear Ana María, your seat is 1A."
    assert document is not None
    assert document["From"] == {"Name": "Travel", "Address": "bookings@travel.example"}
    assert document["MessageID"] == "e1@travel.example"
    assert document["Text"] == "Dear Ana María, your seat is 1A.\n"
    assert document["HTML"] == "<p>Dear Ana María</p>\n"


def test_messages_are_listed_newest_first_by_pages(app: Flask, client: FlaskClient) -> None:
    """`start` and `limit` cut a page out of the list; the counts are of the whole."""
    for number in range(3):
        send(app, mail(subject=f"Number {number}"))

    page = listed(client, start=1, limit=1)

    assert [message["Subject"] for message in page["messages"]] == ["Number 1"]
    assert (page["total"], page["messages_count"], page["count"], page["start"]) == (3, 3, 1, 1)


def test_the_search_finds_by_recipient_and_subject(app: Flask, client: FlaskClient) -> None:
    """Only messages for which all terms hold are found, whatever their case."""
    send(app, mail())
    send(app, mail(subject="Payment declined: K7PQ2M"))
    send(app, mail(to="zoe@example.com"))

    found = listed(client, 'to:"ANA@example.com" subject:"booking confirmed"')

    assert (found["messages_count"], found["total"]) == (1, 3)
    assert found["messages"][0]["Subject"] == "Booking confirmed: K7PQ2M"
    assert listed(client, 'to:"nobody@example.com"')["messages"] == []


def test_the_latest_message_can_be_asked_for(app: Flask, client: FlaskClient) -> None:
    """`latest` stands for the newest message."""
    send(app, mail(subject="First"))
    send(app, mail(subject="Second"))

    answer = client.get("/api/v1/message/latest")

    assert answer.json is not None and answer.json["Subject"] == "Second"


def test_the_oldest_messages_make_room(app: Flask, client: FlaskClient) -> None:
    """No more than max_messages are kept."""
    for number in range(7):
        send(app, mail(subject=f"Number {number}"))

    assert [message["Subject"] for message in listed(client)["messages"]] == [f"Number {n}" for n in (6, 5, 4, 3, 2)]


def test_messages_are_deleted_by_id_or_all(app: Flask, client: FlaskClient) -> None:
    """With IDs those go; without, all."""
    for subject in ("First", "Second", "Third"):
        send(app, mail(subject=subject))
    newest = listed(client)["messages"][0]["ID"]

    client.delete("/api/v1/messages", json={"IDs": [newest]})
    assert [message["Subject"] for message in listed(client)["messages"]] == ["Second", "First"]
    assert client.delete("/api/v1/messages").text == "ok"
    assert listed(client)["total"] == 0


def test_an_envelope_recipient_without_a_header_is_a_bcc(app: Flask, client: FlaskClient) -> None:
    """Who got the mail without being named in it is shown, and found."""
    send(app, mail(), to_addrs=["ana@example.com", "hidden@example.com"])

    message = listed(client, "to:hidden@example.com")["messages"][0]

    assert message["Bcc"] == [{"Name": "", "Address": "hidden@example.com"}]


@pytest.mark.parametrize(("path", "status"), [("/api/v1/message/nothing", 404), ("/api/v1/messages?limit=-1", 400),
                                              ("/api/v1/messages?start=x", 400), ("/api/v1/search", 400)])
def test_bad_requests_are_refused(client: FlaskClient, path: str, status: int) -> None:
    """What cannot be answered is a problem document."""
    answer = client.get(path)

    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_it_says_that_it_lives(client: FlaskClient) -> None:
    """Mailpit's own health check is answered too."""
    assert client.get("/livez").text == "ok"


@pytest.mark.parametrize(("query", "terms"), [
    ("to:ana@example.com", [Term("recipients", "ana@example.com", False)]),
    ('SUBJECT:"Booking Confirmed"', [Term("subject", "booking confirmed", False)]),
    ("-from:bank K7PQ2M", [Term("sender", "bank", True), Term("content", "k7pq2m", False)]),
    ('!"two words"', [Term("content", "two words", True)]),
    ("message-id:e1@x", [Term("message_id", "e1@x", False)]),
    ('subject:""', []),
    ("   ", []),
])
def test_the_search_language(query: str, terms: list[Term]) -> None:
    """Fields, quotes and negation are understood; empty terms are not terms."""
    assert parse_query(query) == terms


def test_a_message_without_headers_is_taken_too() -> None:
    """A catcher takes what comes: sender and recipients are then the envelope's."""
    document = message_document(b"just text\r\n", "a@example.com", ["b@example.com"], datetime.now(UTC))

    assert (document["From"]["Address"], document["Subject"]) == ("a@example.com", "")
    assert document["Bcc"] == [{"Name": "", "Address": "b@example.com"}]
    assert document["Text"].strip() == "just text"


def test_an_unknown_charset_does_not_lose_the_message() -> None:
    """What cannot be decoded is shown as far as it can."""
    raw = b"Subject: x\r\nContent-Type: text/plain; charset=klingon\r\n\r\nplain part\r\n"

    assert "plain part" in message_document(raw, "a@x.example", [], datetime.now(UTC))["Text"]
