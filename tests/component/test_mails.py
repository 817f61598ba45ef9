"""Mails are read from a catcher over HTTP: those to the scenarios' addresses, up to the bounds, and why some are missing."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from types import SimpleNamespace
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from gonogo.outside import mails
from gonogo.outside.mails import await_mails, read_mails
from gonogo.secrets.known import Secrets
from gonogo.secrets.masking import Masker
from tests.serving import serving

NOW = datetime(2026, 11, 29, 20, tzinfo=UTC)
ANA = {"ana@example.com": Masker(Secrets({"hunter22": "password"}))}


def summary(number: int, *, to: str = "Ana@example.com", hour: int = 20) -> dict[str, Any]:
    return {"ID": f"m{number}", "From": {"Address": "shop@example.com"}, "To": [{"Address": to}], "Cc": [], "Bcc": [],
            "Subject": f"Order {number}", "Created": f"2026-11-29T{hour}:00:00Z"}


class Catcher(BaseHTTPRequestHandler):
    """Mailpit's part; `broken` maps a path to what it answers instead."""

    messages: ClassVar[list[dict[str, Any]]] = []
    broken: ClassVar[dict[str, tuple[int, bytes]]] = {}

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        start, limit = (int(parse_qs(parts.query).get(name, ["0"])[0]) for name in ("start", "limit"))
        found: object = None
        if parts.path == "/api/v1/messages":
            found = {"messages": self.messages[start:start + limit]}
        elif parts.path.endswith("/headers"):
            found = {"X-Kind": ["order"], "Subject": ["again"]} if parts.path.split("/")[-2] == "m1" else None
        else:
            each = next((each for each in self.messages if each["ID"] == parts.path.rpartition("/")[2]), None)
            found = each and {**each, "Text": "code hunter22", "HTML": "<p>Hi</p>"}
        status, body = self.broken.get(parts.path) or (200 if found else 404, json.dumps(found).encode())
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def read() -> Callable[..., mails.Caught]:
    def read(*messages: dict[str, Any], broken: dict[str, tuple[int, bytes]] | None = None) -> mails.Caught:
        class Fresh(Catcher):
            pass

        Fresh.messages, Fresh.broken = list(messages), broken or {}
        with serving(Fresh) as url:
            return read_mails(url, NOW.timestamp() - 1, to=ANA)
    return read


def test_mails_to_the_addresses_are_read_with_headers_and_bodies(read) -> None:
    caught = read(summary(2, to="ben@example.com"), summary(1), summary(0, hour=19))
    (mail,) = caught.mails
    assert (mail.id, mail.sender, mail.recipients, mail.subject) == ("m1", "shop@example.com", ("Ana@example.com",), "Order 1")
    assert mail.headers == (("To", "Ana@example.com"), ("X-Kind", "order"), ("Subject", "again"))
    assert (mail.html, caught.problem) == ("<p>Hi</p>", "")
    assert "hunter22" not in mail.text


def test_catcher_without_headers_is_read_too(read) -> None:
    (mail,) = read(summary(3)).mails
    assert mail.headers == (("To", "Ana@example.com"),)


def test_further_pages_of_the_list_are_read(read) -> None:
    assert len(read(*(summary(number) for number in range(5, 455))).mails) == 450


@pytest.mark.parametrize(("path", "answer", "problem"), [
    ("/api/v1/messages", (500, b""), "answered 500"), ("/api/v1/messages", (200, b"<html>"), "is not JSON"),
    ("/api/v1/messages", (200, b"[]"), "is not an object"), ("/api/v1/messages", (200, b"{}"), "no list `messages`"),
    ("/api/v1/messages", (200, b'{"messages": [{"To": []}]}'), "no time `Created`"),
    ("/api/v1/messages", (200, b" " * (mails.MAX_LIST_BYTES + 1)), "is larger than"),
    ("/api/v1/message/m1", (404, b""), "answered 404"),
    ("/api/v1/message/m1", (200, b" " * (mails.MAX_MAIL_BYTES + 1)), "is larger than")])
def test_unusable_catcher_is_a_problem(read, path: str, answer: tuple[int, bytes], problem: str) -> None:
    assert problem in read(summary(1), broken={path: answer}).problem


def test_catcher_that_does_not_answer_is_a_problem() -> None:
    caught = read_mails("http://127.0.0.1:1", 0.0, to=ANA)
    assert caught.mails == () and "gave no answer" in caught.problem


@pytest.mark.parametrize(("bound", "value", "problem"), [("MAX_MAILS", 2, "more than 2 mails"), ("MAX_S", 0.0, "within 0 s")])
def test_more_than_the_bounds_is_a_problem(read, monkeypatch: pytest.MonkeyPatch, bound: str, value: float, problem: str) -> None:
    monkeypatch.setattr(mails, bound, value)
    assert problem in read(*(summary(number) for number in range(5, 10))).problem


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Those between two looks: they pass at once, on the clock by which the mails are late."""
    passed: list[float] = []
    monkeypatch.setattr(mails, "time", SimpleNamespace(monotonic=lambda: sum(passed), sleep=passed.append))
    return passed


@pytest.fixture
def wait() -> Callable[..., mails.Caught]:
    def wait(*looks: list[dict[str, Any]], at_least: int, broken: dict[str, tuple[int, bytes]] | None = None) -> mails.Caught:
        """`looks` are the messages at each look; the last stay."""
        class Late(Catcher):
            pending = itertools.chain(looks, itertools.repeat(looks[-1]))

            def do_GET(self) -> None:
                if self.path.startswith("/api/v1/messages"):
                    type(self).messages = next(self.pending)
                super().do_GET()

        Late.broken = broken or {}
        with serving(Late) as url:
            return await_mails(url, NOW.timestamp() - 1, to=ANA, at_least=at_least)
    return wait


def test_mail_that_never_comes_is_waited_for_up_to_the_bound(wait, pauses: list[float]) -> None:
    caught = wait([summary(1)], at_least=2)
    assert (len(caught.mails), caught.problem) == (1, "")
    assert sum(pauses) == mails.LATE_S


def test_catcher_that_breaks_is_not_waited_for(wait, pauses: list[float]) -> None:
    caught = wait([summary(1)], at_least=2, broken={"/api/v1/message/m1": (500, b"")})
    assert ("answered 500" in caught.problem, pauses) == (True, [])


@pytest.mark.parametrize(("looks", "at_least", "count", "waits"), [
    ([[summary(1)]], 0, 1, 0), ([[summary(1)]], 1, 1, 0), ([[summary(2), summary(1)]], 1, 2, 0),
    ([[], [summary(1)]], 1, 1, 1), ([[summary(1)], [summary(1)], [summary(2), summary(1)]], 2, 2, 2),
    ([[summary(1, to="ben@example.com")], [summary(2), summary(1, to="ben@example.com")]], 1, 1, 1),
    ([[summary(0, hour=19)], [summary(1), summary(0, hour=19)]], 1, 1, 1)],
    ids=["none expected", "there already", "more than expected", "late", "the second is late", "another's is no substitute",
         "nor is one of an earlier run"])
def test_late_mail_is_read(wait, pauses: list[float], looks: list[list[dict[str, Any]]], at_least: int, count: int,
                           waits: int) -> None:
    caught = wait(*looks, at_least=at_least)
    assert (len(caught.mails), len(pauses), caught.problem) == (count, waits, "")
