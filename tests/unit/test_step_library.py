"""The parts of the step library that need no browser: waiting, API clients, mail, health.

How its sentences read in scenarios is test_gherkin_rules' business.
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
    """Time that passes only while somebody waits."""

    now_s: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now_s += seconds


def test_eventually_returns_what_was_seen_as_soon_as_it_will_do() -> None:
    """Looking stops at the first sight that does, and pauses grow up to a bound."""
    clock, sights = Clock(), iter(range(20))
    seen = eventually(lambda: next(sights), lambda number: number == 9, what="nine", pause=clock.pause,
                      now=lambda: clock.now_s)
    assert seen == 9
    assert len(clock.pauses) == 9
    assert clock.pauses == sorted(clock.pauses)
    assert max(clock.pauses) == MAX_PAUSE_S


def test_eventually_gives_up_in_time_and_tells_what_it_saw_last() -> None:
    """The message names what was awaited, for how long, and what there was instead."""
    clock = Clock()
    with pytest.raises(AssertionError, match=r"not within 2 s: a mail; last value: \['spam'\]"):
        eventually(lambda: ["spam"], lambda _: False, what="a mail", within_s=2, pause=clock.pause,
                   now=lambda: clock.now_s)
    assert clock.now_s == pytest.approx(2, abs=MAX_PAUSE_S)


def test_eventually_looks_at_least_once() -> None:
    """Also where there is no time left to wait."""
    assert eventually(lambda: "here", lambda seen: seen == "here", what="it", within_s=0) == "here"


@responses.activate
def test_clients_that_share_a_session_keep_their_cookies_apart() -> None:
    """Ana's session never becomes Ben's, though one recorded session carries both."""
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
def test_a_refusal_is_told_with_its_answer() -> None:
    """Whoever reads the report need not ask again to see what was answered."""
    responses.post("http://shop.test/orders", status=422, body='{"code": "no-seat"}')
    with pytest.raises(AssertionError, match=r'POST http://shop.test/orders answered 422: {"code": "no-seat"}'):
        Api("http://shop.test", requests.Session()).post("/orders", {})


@responses.activate
def test_an_api_that_does_not_answer_fails_the_step() -> None:
    """A component that is down is the system's failure, not the suite's."""
    responses.get("http://shop.test/", body=requests.ConnectionError("refused"))
    with pytest.raises(AssertionError, match="refused"):
        Api("http://shop.test", requests.Session()).send("GET", "/")


@pytest.mark.parametrize(("status", "kind", "body"), [
    (200, "application/problem+json", '{"code": "not-signed-in"}'),
    (401, "text/html", '{"code": "not-signed-in"}'),
    (401, "application/problem+json", '{"code": "expired"}'),
])
@responses.activate
def test_a_refusal_must_be_the_one_that_was_expected(status: int, kind: str, body: str) -> None:
    """Status, kind of document and code all count."""
    responses.get("http://shop.test/", status=status, body=body, content_type=kind)
    answer = Api("http://shop.test", requests.Session()).send("GET", "/")
    with pytest.raises(AssertionError):
        assert_refused(answer, 401, "not-signed-in")


@responses.activate
def test_a_mail_is_waited_for_and_read() -> None:
    """The first look finds nothing, the second the mail with that subject."""
    clock = Clock()
    responses.get(f"{MAILBOX}/api/v1/search", json={"messages": []})
    _holds(_summary("1", "Payment declined"), _summary("2", "Booking confirmed: K7PQ2M"))
    mail = Mailpit(MAILBOX, requests.Session(), clock.pause).assert_delivered(ANA, "Booking confirmed")
    assert mail.subject == "Booking confirmed: K7PQ2M"
    assert mail.to == (ANA,)
    assert responses.calls[0].request.params == {"query": f'to:"{ANA}"'}


@responses.activate
def test_a_mail_that_comes_twice_is_once_too_often() -> None:
    """Both are named."""
    _holds(_summary("1", "Booking confirmed: K7PQ2M"), _summary("2", "Booking confirmed: K7PQ2M"))
    with pytest.raises(AssertionError, match="2 mails, expected 1"):
        Mailpit(MAILBOX, requests.Session(), Clock().pause).assert_delivered_once(ANA, "Booking confirmed")


@pytest.mark.parametrize(("text", "html"), [("Dear Zoe", "Dear Zoë"), ("Dear Zoë", "Dear Zoe")])
def test_a_mail_says_it_in_plain_text_and_in_html(text: str, html: str) -> None:
    """Readers of either kind must find it."""
    assert_says(Mail("", (), "Dear Zoë O'Brien", "Dear Zo&euml; O&#39;Brien"), "Zoë O'Brien")
    with pytest.raises(AssertionError):
        assert_says(Mail("", (), text, html), "Zoë")


def test_each_scenario_has_addresses_of_its_own() -> None:
    """And within a scenario a person has one."""
    one, other = Memory(), Memory()
    assert one.email("Zoë") == one.email("Zoë")
    assert one.email("Zoë").startswith("zoe.")
    assert len({one.email("Ana"), one.email("Ben"), other.email("Ana")}) == 3


@pytest.mark.parametrize(("running", "released"), [("sha256:a", "sha256:b"), (None, "sha256:b"), (None, None)])
def test_only_the_same_digest_is_the_same_image(running: str | None, released: str | None) -> None:
    """A release that names none proves nothing."""
    assert_same_digest("web", "image", "sha256:a", "sha256:a")
    with pytest.raises(AssertionError, match="web"):
        assert_same_digest("web", "image", running, released)


def _summary(message_id: str, subject: str) -> dict[str, str]:
    return {"ID": message_id, "Subject": subject}


def _holds(*summaries: dict[str, str]) -> None:
    """The mail catcher holds these."""
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
def test_health_that_tells_of_neighbours_tells_of_all(document: dict[str, object], complaint: str | None) -> None:
    """Who tells of none is taken at their word; who leaves one out is not."""
    if complaint is None:
        assert_dependencies_well("shop", document, ["bank", "mail"])
    else:
        with pytest.raises(AssertionError, match=complaint):
            assert_dependencies_well("shop", document, ["bank", "mail"])
