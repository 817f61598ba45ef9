"""A client for Mailpit's HTTP API (https://mailpit.axllent.org/docs/api-v1/), as far as steps need it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from gonogo.steps.api import Api
from gonogo.steps.waiting import eventually

SETTLE_S = 0.3  # a duplicate is sent at once: long enough for it to arrive


@dataclass(frozen=True, slots=True)
class Mail:
    subject: str
    to: tuple[str, ...]
    text: str
    html: str


class Mailpit:
    """The mail that the environment has sent; `pause` waits (seconds), by default without serving a browser."""

    def __init__(self, url: str, session: requests.Session, pause: Callable[[float], None] = time.sleep) -> None:
        self._api = Api(url, session)
        self._pause = pause

    def assert_delivered(self, address: str, subject: str, *, within_s: float = 10) -> Mail:
        """The newest mail to `address` whose subject contains `subject`. Raises AssertionError if none arrives."""
        mails = eventually(
            lambda: self._search(address),
            lambda mails: _with_subject(mails, subject),
            what=f"a mail {subject!r} to {address}",
            within_s=within_s,
            pause=self._pause,
        )
        return self._open(_with_subject(mails, subject)[0]["ID"])

    def assert_delivered_once(self, address: str, subject: str, *, within_s: float = 10) -> Mail:
        """As `assert_delivered`; also raises AssertionError if a second such mail arrives."""
        mail = self.assert_delivered(address, subject, within_s=within_s)
        self._pause(SETTLE_S)
        subjects = [each["Subject"] for each in _with_subject(self._search(address), subject)]
        assert len(subjects) == 1, f"{address} got {len(subjects)} mails, expected 1: {subjects}"
        return mail

    def _search(self, address: str) -> list[dict[str, Any]]:
        answer = self._api.get("/api/v1/search", params={"query": f'to:"{address}"'})
        return list(answer["messages"])

    def _open(self, message_id: str) -> Mail:
        message = self._api.get(f"/api/v1/message/{message_id}")
        return Mail(
            subject=message["Subject"],
            to=tuple(each["Address"] for each in message["To"]),
            text=message["Text"],
            html=message["HTML"],
        )


def _with_subject(mails: list[dict[str, Any]], subject: str) -> list[dict[str, Any]]:
    return [mail for mail in mails if subject in mail["Subject"]]
