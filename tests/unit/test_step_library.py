"""The parts of the step library that need no browser: waiting, API clients, mail, health.

`test_gherkin_rules` covers the wording of its steps in scenarios.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
import requests
import responses

from gonogo.steps.api import Api, assert_refused
from gonogo.steps.health import assert_dependencies_well, assert_same_digest
from gonogo.steps.mail import assert_says
from gonogo.steps.mailpit import Mail, Mailpit
from gonogo.steps.memory import Memory
from gonogo.steps.waiting import MAX_PAUSE_S, eventually

MAILBOX = "http://mailbox.test"
ANA = "ana@example.com"


@dataclass
class Clock:
    """A clock that advances only during a pause."""

    now_s: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now_s += seconds


def test_eventually_returns_the_first_accepted_value() -> None:
    """It stops at the first value that is accepted; pauses grow up to a maximum."""
    clock, sights = Clock(), iter(range(20))
    seen = eventually(lambda: next(sights), lambda number: number == 9, what="nine", pause=clock.pause,
                      now=lambda: clock.now_s)
    assert seen == 9
    assert len(clock.pauses) == 9
    assert clock.pauses == sorted(clock.pauses)
    assert max(clock.pauses) == MAX_PAUSE_S


def test_eventually_times_out_and_reports_the_last_value() -> None:
    """The message names the awaited thing, the time limit and the last value."""
    clock = Clock()
    with pytest.raises(AssertionError, match=r"not within 2 s: a mail; last value: \['spam'\]"):
        eventually(lambda: ["spam"], lambda _: False, what="a mail", within_s=2, pause=clock.pause,
                   now=lambda: clock.now_s)
    assert clock.now_s == pytest.approx(2, abs=MAX_PAUSE_S)


def test_eventually_checks_at_least_once() -> None:
    """This also holds if no time is left to wait."""
    assert eventually(lambda: "here", lambda seen: seen == "here", what="it", within_s=0) == "here"


@responses.activate
def test_clients_that_share_a_session_keep_their_cookies_apart() -> None:
    """Ben's client never sends Ana's session cookie, although both clients use one recorded session."""
    responses.get("http://shop.test/me", json={}, headers={"Set-Cookie": "session=anas; Path=/"})
    responses.get("http://shop.test/me", json={})
    shared = requests.Session()
    ana, ben = Api("http://shop.test", shared), Api("http://shop.test/", shared)
    ana.get("/me")
    ben.get("/me")
    ana.get("/me")
    sent = [call.request.headers.get("Cookie") for call in responses.calls]
    assert sent == [None, None, "session=anas"]


@responses.activate
def test_refusal_is_reported_with_its_response() -> None:
    """The reader of the report sees the response without repeating the request."""
    responses.post("http://shop.test/orders", status=422, body='{"code": "no-seat"}')
    with pytest.raises(AssertionError, match=r'POST http://shop.test/orders answered 422: {"code": "no-seat"}'):
        Api("http://shop.test", requests.Session()).post("/orders", {})


@responses.activate
def test_api_that_does_not_answer_fails_the_step() -> None:
    """A component that is down is a failure of the system, not of the suite."""
    responses.get("http://shop.test/", body=requests.ConnectionError("refused"))
    with pytest.raises(AssertionError, match="refused"):
        Api("http://shop.test", requests.Session()).send("GET", "/")


@pytest.mark.parametrize(("status", "kind", "body"), [
    (200, "application/problem+json", '{"code": "not-signed-in"}'),
    (401, "text/html", '{"code": "not-signed-in"}'),
    (401, "application/problem+json", '{"code": "expired"}'),
])
@responses.activate
def test_refusal_must_be_the_expected_one(status: int, kind: str, body: str) -> None:
    """Status, media type and code must all match."""
    responses.get("http://shop.test/", status=status, body=body, content_type=kind)
    answer = Api("http://shop.test", requests.Session()).send("GET", "/")
    with pytest.raises(AssertionError):
        assert_refused(answer, 401, "not-signed-in")


@responses.activate
def test_mail_is_awaited_and_read() -> None:
    """The first query returns no mail, the second returns the mail with that subject."""
    clock = Clock()
    responses.get(f"{MAILBOX}/api/v1/search", json={"messages": []})
    _holds(_summary("1", "Payment declined"), _summary("2", "Booking confirmed: K7PQ2M"))
    mail = Mailpit(MAILBOX, requests.Session(), clock.pause).assert_delivered(ANA, "Booking confirmed")
    assert mail.subject == "Booking confirmed: K7PQ2M"
    assert mail.to == (ANA,)
    assert responses.calls[0].request.params == {"query": f'to:"{ANA}"'}


@responses.activate
def test_mail_that_arrives_twice_fails() -> None:
    """The message reports both the number of mails and the expected number."""
    _holds(_summary("1", "Booking confirmed: K7PQ2M"), _summary("2", "Booking confirmed: K7PQ2M"))
    with pytest.raises(AssertionError, match="2 mails, expected 1"):
        Mailpit(MAILBOX, requests.Session(), Clock().pause).assert_delivered_once(ANA, "Booking confirmed")


@pytest.mark.parametrize(("text", "html"), [("Dear Zoe", "Dear Zoë"), ("Dear Zoë", "Dear Zoe")])
def test_mail_must_have_the_text_in_plain_text_and_in_html(text: str, html: str) -> None:
    """Readers of either version must find the text."""
    assert_says(Mail("", (), "Dear Zoë O'Brien", "Dear Zo&euml; O&#39;Brien"), "Zoë O'Brien")
    with pytest.raises(AssertionError):
        assert_says(Mail("", (), text, html), "Zoë")


def test_each_scenario_has_addresses_of_its_own() -> None:
    """Within a scenario, a person always has the same address."""
    one, other = Memory(), Memory()
    assert one.email("Zoë") == one.email("Zoë")
    assert one.email("Zoë").startswith("zoe.")
    assert len({one.email("Ana"), one.email("Ben"), other.email("Ana")}) == 3


@pytest.mark.parametrize(("running", "released"), [("sha256:a", "sha256:b"), (None, "sha256:b"), (None, None)])
def test_image_is_the_same_only_with_the_same_digest(running: str | None, released: str | None) -> None:
    """A missing digest is never accepted, even if both are missing."""
    assert_same_digest("web", "image", "sha256:a", "sha256:a")
    with pytest.raises(AssertionError, match="web"):
        assert_same_digest("web", "image", running, released)


def _summary(message_id: str, subject: str) -> dict[str, str]:
    return {"ID": message_id, "Subject": subject}


def _holds(*summaries: dict[str, str]) -> None:
    """The mail catcher returns these mails."""
    responses.get(f"{MAILBOX}/api/v1/search", json={"messages": list(summaries)})
    for summary in summaries:
        responses.get(f"{MAILBOX}/api/v1/message/{summary['ID']}", json={
            "Subject": summary["Subject"], "To": [{"Name": "", "Address": ANA}], "Text": "", "HTML": ""})


@pytest.mark.parametrize(("document", "complaint"), [
    ({"status": "ok"}, None),
    ({"status": "ok", "dependencies": {"bank": {"status": "ok"}, "mail": {"status": "ok"}}}, None),
    ({"status": "ok", "dependencies": {"bank": {"status": "ok"}}}, "dependencies missing in the health document: mail"),
    ({"status": "ok", "dependencies": {"bank": {"status": "down"}, "mail": {"status": "ok"}}}, "unhealthy dependencies: .*bank"),
    ({"status": "degraded"}, "status 'degraded'"),
])
def test_health_document_that_lists_dependencies_lists_them_all(document: dict[str, object], complaint: str | None) -> None:
    """A document without dependencies is accepted; one that leaves out a dependency is not."""
    if complaint is None:
        assert_dependencies_well("shop", document, ["bank", "mail"])
    else:
        with pytest.raises(AssertionError, match=complaint):
            assert_dependencies_well("shop", document, ["bank", "mail"])
