"""Reads the mails that the environment's catcher received during the run, by Mailpit's HTTP API.

https://mailpit.axllent.org/docs/api-v1/
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from gonogo.core.fetching import FetchError, fetch
from gonogo.core.text import printable, printable_lines
from gonogo.model.outside import Mail
from gonogo.secrets.masking import Masker

MAX_MAILS = 2_000
MAX_LIST_BYTES = 8 * 1024 * 1024
MAX_MAIL_BYTES = 1024 * 1024
MAX_S = 30.0  # for all mails
LATE_S = 10.0  # until the last mail that is expected
_RECIPIENTS = ("To", "Cc", "Bcc")
_PAGE = 200
_PAUSE_S = 0.5
_TIMEOUT_S = 5.0
_MAX_LINE = 2_000


@dataclass(frozen=True, slots=True)
class Caught:
    """The mails in the order in which they came; `problem` is why some are missing, "" if none is."""

    mails: tuple[Mail, ...] = ()
    problem: str = ""


class CatcherError(Exception):
    """The catcher gave no usable answer; the text is the reason."""


def await_mails(url: str, since_s: float, *, to: Mapping[str, Masker], at_least: int) -> Caught:
    """As `read_mails`, once more and again until there are `at_least` mails or LATE_S have passed: mail takes time."""
    until = time.monotonic() + LATE_S
    while True:
        caught = read_mails(url, since_s, to=to)
        if caught.problem or len(caught.mails) >= at_least or time.monotonic() >= until:
            return caught
        time.sleep(_PAUSE_S)


def read_mails(url: str, since_s: float, *, to: Mapping[str, Masker]) -> Caught:
    """The mails to one of the addresses `to` (lower case) that `url` received since then, bounded.

    Each address has the masker of what is sent there.
    """
    deadline = time.monotonic() + MAX_S
    mails: list[Mail] = []
    problem = ""
    try:
        for summary in _summaries(url, since_s, deadline):
            recipients = [address.lower() for name in _RECIPIENTS for address in _addresses(summary.get(name))]
            masker = next((to[address] for address in recipients if address in to), None)
            if masker is None:
                continue
            mails.append(_mail(url, summary, masker))
            if len(mails) >= MAX_MAILS:
                problem = f"there are more than {MAX_MAILS:,} mails"
                break
            if time.monotonic() > deadline:
                raise CatcherError(f"not all mails were read within {MAX_S:g} s")
    except CatcherError as error:
        problem = str(error)
    return Caught(tuple(sorted(mails, key=lambda mail: (mail.received_s, mail.id))), problem)


def _summaries(url: str, since_s: float, deadline: float) -> Iterator[Mapping[str, object]]:
    """Newest first, up to the first that is older than the run."""
    start = 0
    while True:
        if time.monotonic() > deadline:
            raise CatcherError(f"not all mails were read within {MAX_S:g} s")
        page = _json(f"{url.rstrip('/')}/api/v1/messages?start={start}&limit={_PAGE}", MAX_LIST_BYTES)
        messages = page.get("messages")
        if not isinstance(messages, list):
            raise CatcherError("the mail catcher's answer has no list `messages`")
        for summary in messages:
            if isinstance(summary, dict):
                if _received(summary) < since_s:
                    return
                yield summary
        if len(messages) < _PAGE:
            return
        start += _PAGE


def _mail(url: str, summary: Mapping[str, object], masker: Masker) -> Mail:
    place = f"{url.rstrip('/')}/api/v1/message/{quote(str(summary.get('ID', '')), safe='')}"
    message = _json(place, MAX_MAIL_BYTES)
    sender, subject = _addresses(message.get("From")), str(message.get("Subject") or "")
    named = {name: _addresses(message.get(name)) for name in _RECIPIENTS}
    text, html = str(message.get("Text") or ""), str(message.get("HTML") or "")
    return Mail(str(summary.get("ID", "")), _received(summary), masker.text(", ".join(sender)),
                tuple(masker.text(address) for addresses in named.values() for address in addresses),
                printable(masker.text(subject)),
                tuple((name, printable(masker.header(name, value))) for name, value in _headers(place, named)),
                printable_lines(masker.text(text)), masker.body(html, "text/html"))


def _headers(place: str, named: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    yield from ((name, ", ".join(addresses)) for name, addresses in named.items() if addresses)
    try:
        headers = _json(f"{place}/headers", MAX_MAIL_BYTES)
    except CatcherError:
        return  # not every catcher has them
    for name, values in headers.items():
        if name not in named and isinstance(values, list):
            yield from ((name, str(value)[:_MAX_LINE]) for value in values)


def _addresses(value: object) -> list[str]:
    entries = value if isinstance(value, list) else [value]
    return [str(each["Address"]) for each in entries if isinstance(each, dict) and each.get("Address")]


def _received(summary: Mapping[str, object]) -> float:
    try:
        return datetime.fromisoformat(str(summary.get("Created"))).timestamp()
    except ValueError:
        raise CatcherError("a mail of the mail catcher has no time `Created`") from None


def _json(url: str, max_bytes: int) -> dict[str, object]:
    try:
        answer = fetch(url, timeout_s=_TIMEOUT_S, max_bytes=max_bytes)
    except FetchError as error:
        raise CatcherError(f"the mail catcher gave no answer: {error}") from error
    if answer.status != 200 or answer.cut:
        raise CatcherError(f"the mail catcher answered {answer.status}" if answer.status != 200
                           else f"an answer of the mail catcher is larger than {max_bytes} bytes")
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise CatcherError("an answer of the mail catcher is not JSON") from error
    if not isinstance(document, dict):
        raise CatcherError("an answer of the mail catcher is not an object")
    return document
