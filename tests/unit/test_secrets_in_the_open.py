"""The rule `secret-exposed`: each place in which a secret may be found, and what belongs there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from gonogo.config import Environment
from gonogo.model.baseline import Baseline
from gonogo.model.calls import BROWSER, STEP, Call, Edge, Unrecorded, UnrecordedCause, WireEvidence
from gonogo.model.exchange import Body, Exchange, Message
from gonogo.model.exposures import Exposure, Medium, SecretPlace
from gonogo.model.findings import ComponentSubject, Finding, GateSubject, Severity
from gonogo.model.invariants import ConsoleMessage
from gonogo.model.logs import LogRecord
from gonogo.model.outside import Input, Mail, OutsideEvidence, OutsideRecord, PageView
from gonogo.model.rules.secrets import SecretExposed
from gonogo.model.run import RunEvidence
from gonogo.model.span import Span
from gonogo.report.wording import line_of
from gonogo.secrets.known import Secrets
from gonogo.traffic.analysis import AnalysisContext, Recorded
from gonogo.traffic.analysis.documents import document_of_secrets
from gonogo.traffic.analysis.exposures import exposures_in
from gonogo.verdict.rules.secrets import judge_secrets
from tests.masks import masker

CARD, PASSWORD, SESSION, KEY = "4111111111111111", "Sesame-2031", "f3a9c1d2e4b5a697", "till-key-4711"
SHOP, TILL, MAIL = "http://127.0.0.1:8001", "http://127.0.0.1:8002", "http://127.0.0.1:8003"
SYSTEM = {"url": SHOP, "mail": MAIL, "services": {"shop": {"url": SHOP}, "till": {"url": TILL}, "post": {"url": MAIL}},
          "third_parties": {"bank": {"url": "http://127.0.0.1:8009"}}}
MASKER = masker({"TILL_KEY": KEY})
MASKER.learn(Secrets({CARD: "card"}))
MASKER.learn_of("0", Secrets({PASSWORD: "password", SESSION: "session"}))


def message(headers: Mapping[str, str] | None = None, body: object = None) -> Message:
    """A message as the masking room leaves it."""
    known = MASKER.within("0")
    mime = "application/json" if isinstance(body, dict | list) else "text/html"
    text = body if isinstance(body, str) or body is None else json.dumps(body)
    return Message(tuple((name, known.header(name, value)) for name, value in (headers or {}).items()),
                   None if text is None else Body(mime, len(text), known.body(text, mime)))


def call(path: str = "/orders", sent: object = None, answered: object = None, *, caller: str = BROWSER, callee: str = "shop",
         request: Mapping[str, str] | None = None, response: Mapping[str, str] | None = None, at: float = 1.0) -> Exchange:
    return Exchange("POST", MASKER.within("0").url(f"{SHOP}{path}"), 200, at, request=message(request, sent), response=message(response, answered),
                    caller=caller, callee=callee, scenario="s")


def context() -> AnalysisContext:
    parties = AnalysisContext().parties.of(Environment.model_validate(SYSTEM))
    return AnalysisContext(parties, components=frozenset(SYSTEM["services"]), pages="shop", front="shop", mail="post")  # type: ignore[arg-type]


def found(recorded: Recorded, outside: OutsideEvidence | None = None) -> list[tuple[str, str, str]]:
    """(component, kind, where) of each exposure, in order."""
    return sorted((each.place.component, each.place.kind, each.place.where)
                  for each in exposures_in(replace(recorded, marks=MASKER.marks()), context(), outside))


def page(*trees: str, url: str = SHOP, title: str = "Shop") -> OutsideEvidence:
    """A page at the end of each step, as the masking room leaves it."""
    known = MASKER.within("0")
    views = tuple(PageView("Ana", step, known.url(url), known.text(title), known.text(tree)) for step, tree in enumerate(trees))
    return OutsideEvidence(views={"s": OutsideRecord(pages=views, inputs=(Input("Ana", 0, "Password", known.text(PASSWORD)),))})


def mail(text: str, *, at: float = 5.0, subject: str = "Welcome", html: str = "") -> OutsideEvidence:
    known = MASKER.within("0")
    return OutsideEvidence(mails=(Mail("7", at, "shop@example.com", ("a@example.com",), known.text(subject), (), known.text(text),
                                       known.body(html, "text/html")),))


def exchanges(*recorded: Exchange, between: tuple[Exchange, ...] = ()) -> Recorded:
    return Recorded((), recorded, between)


def span(**members: object) -> Span:
    known = MASKER.within("0")
    masked = {name: {key: known.member(key, text) for key, text in value.items()} if isinstance(value, dict) else known.text(str(value))
              for name, value in members.items()}
    return Span(**{**{"trace_id": "0", "span_id": "1", "parent_id": "", "component": "till", "name": "GET", "kind": "server",  # type: ignore[arg-type]
                      "started_s": 0.0, "duration_ms": 0.0}, **masked})


def log(body: str, **attributes: str) -> Recorded:
    known = MASKER.within("0")
    return Recorded((), (), logs=[LogRecord("till", known.text(body), attributes={key: known.member(key, text) for key, text in attributes.items()})])


SIGN_IN = call("/session", {"password": PASSWORD}, {"token": SESSION}, response={"Set-Cookie": f"sid={SESSION}; HttpOnly"})
EXPOSED: dict[str, tuple[Recorded, list[tuple[str, str, str]]]] = {
    "a card in an answer": (exchanges(call(answered={"paid": [{"with": CARD}]})), [("shop", "card", "response.body.paid[].with")]),
    "a card in an answer's member for cards": (exchanges(call(answered={"card": {"number": CARD}})), [("shop", "card", "response.body.card.number")]),
    "names of members": (exchanges(call(answered={"by": {CARD: {"paid": True}, KEY: 1}}), call("/x", sent={CARD: "Ana"}, caller="shop")), [
        ("shop", "card", "request.body.[name]"), ("shop", "card", "response.body.by.[name]")]),
    "a card in groups in a page": (exchanges(call(answered="<p>4111 1111 1111 1111</p>")), [("shop", "card", "response.body")]),
    "a password in an answer": (exchanges(call(sent={"password": PASSWORD}, answered={"password": PASSWORD})), [("shop", "password", "response.body.password")]),
    "a configured key in an answer": (exchanges(call(at=1, request={"X-Api-Key": KEY}), call(answered={"debug": f"key={KEY}"}, at=2)), [("shop", "key", "response.body.debug")]),
    "a session that is repeated": (exchanges(SIGN_IN, call("/me", answered={"me": {"session": SESSION}}, at=2)), [("shop", "session", "response.body.me.session")]),
    "a session that was sent": (exchanges(call("/me", answered={"s": SESSION}, request={"Cookie": f"sid={SESSION}"})), [("shop", "session", "response.body.s")]),
    "a token in a query": (exchanges(call(f"/me?token={SESSION}")), [("shop", "session", "request.query.token")]),
    "a card in a query": (exchanges(call(f"/me?q={CARD}")), [("shop", "card", "request.query.q")]),
    "a session in a path": (exchanges(call(f"/sessions/{SESSION}")), [("shop", "session", "request.path")]),
    "a query without names": (exchanges(call(f"/me?{SESSION}")), [("shop", "session", "request.query")]),
    "Referer": (exchanges(call(request={"Referer": f"{SHOP}/pay?session={SESSION}"})), [("shop", "session", "request.header.Referer")]),
    "Location": (exchanges(call(response={"Location": f"/done?sid={SESSION}"}, request={"Cookie": f"sid={SESSION}"})), [("shop", "session", "response.header.Location")]),
    "a header of its own": (exchanges(call(response={"X-Debug": f"card {CARD}"})), [("shop", "card", "response.header.X-Debug")]),
    "a password in a cookie": (exchanges(call(response={"Set-Cookie": f"me={PASSWORD}; HttpOnly"})), [("shop", "password", "response.header.Set-Cookie")]),
    "a card in a cookie": (exchanges(call(request={"Cookie": f"me={CARD}"})), [("shop", "card", "request.header.Cookie")]),
    "a card in a request's other member": (exchanges(call(sent={"remarks": f"paid with {CARD}"})), [("shop", "card", "request.body.remarks")]),
    "between components": (exchanges(between=(call(sent={"note": CARD}, caller="shop", callee="till"),)), [("shop", "card", "request.body.note")]),
    "a browser's console": (Recorded((), (), console={"s": [ConsoleMessage("Ana", "log", MASKER.within("0").text(f"with {PASSWORD}"))]}),
                            [("shop", "password", "console")]),
    "what a step is answered": (exchanges(call(answered={"echo": CARD}, caller=STEP)), [("shop", "card", "response.body.echo")]),
    "a span's attribute": (Recorded((), (), spans=[span(attributes={"http.target": f"/pay?card={CARD}"})]), [("till", "card", "span.attributes.http.target")]),
    "a span's url": (Recorded((), (), spans=[span(url=f"{TILL}/x?sid={SESSION}")]), [("till", "session", "span.url")]),
    "a span's error": (Recorded((), (), spans=[span(error_text=f"no such user: {PASSWORD}")]), [("till", "password", "span.error")]),
    "a span's header": (Recorded((), (), spans=[span(attributes={"http.request.header.authorization": f"Bearer {SESSION}"})]),
                        [("till", "session", "span.attributes.http.request.header.authorization")]),
    "a log": (log(f"charging {CARD}"), [("till", "card", "log")]),
    "a log, encoded": (log(f"body=%7B%22p%22:%22{PASSWORD}%22%7D"), [("till", "password", "log")]),
    "a log's attribute": (log("x", request=f"Bearer {SESSION}"), [("till", "session", "log.attributes.request")]),
    "a configured key in a log": (log(f"calling with {KEY}"), [("till", "key", "log")]),
}
LEGAL: dict[str, Recorded] = {
    "the sign-in": exchanges(SIGN_IN),
    "a payment": exchanges(call(sent={"card": {"number": CARD, "holder": "Ana"}}), call(sent={"pan": CARD}), call(sent=[{"payment_card": {"value": CARD}}])),
    "a payment in a form": exchanges(call(sent=f"number={CARD}&cvc=123")),
    "a payment between components": exchanges(between=(call(sent={"card_number": CARD}, caller="shop", callee="till"),)),
    "headers for credentials": exchanges(SIGN_IN, call(at=2, request={"Cookie": f"sid={SESSION}", "Authorization": f"Bearer {SESSION}", "X-Api-Key": KEY, "X-Session-Id": SESSION})),
    "basic authentication": exchanges(call(request={"Authorization": "Basic QW5hOlNlc2FtZS0yMDMx"})),
    "a cookie that is set": exchanges(call(response={"Set-Cookie": f"sid={SESSION}; Path=/; HttpOnly"})),
    "a token in the answer that creates it": exchanges(call("/session", answered={"access": SESSION, "user": {"s": SESSION}})),
    "a message that is only named for a password": exchanges(call(answered={"password": "too short"})),
    "a token that is no credential": exchanges(call("/orders?page_token=abcdefgh1234", answered={"next_page_token": "abcdefgh5678"})),
    "what a step sends": exchanges(call(f"/orders?card={CARD}", sent={"remarks": CARD}, caller=STEP, request={"Referer": f"/{SESSION}"})),
    "the last digits of a card": exchanges(call(answered={"card": "•••• 1111"})),
    "a card's number within another": exchanges(call(answered={"id": f"9{CARD}9"})),
    "a mail that a step reads": exchanges(call("/api/v1/message/7", answered={"Text": f"Your password is {PASSWORD}"}, caller=STEP, callee="post")),
    "a span": Recorded((), (), spans=[span(attributes={"http.target": "/pay", "http.request.header.authorization": "Bearer other-token-12345"})]),
    "a span of the suite's own": Recorded((), (), spans=[span(component="gonogo", name=f"Ana pays with {CARD}")]),
    "a log": log("signed in as Ana; password=other-than-that"),
    "a body that is no JSON, cut": exchanges(call(sent={"card": {"number": CARD}}, answered="{\"number\": 41111111")),
}


@pytest.mark.parametrize(("recorded", "expected"), EXPOSED.values(), ids=EXPOSED)
def test_secret_is_found_where_it_does_not_belong(recorded: Recorded, expected: list[tuple[str, str, str]]) -> None:
    assert found(recorded) == expected


@pytest.mark.parametrize("recorded", LEGAL.values(), ids=LEGAL)
def test_secret_belongs_there(recorded: Recorded) -> None:
    assert found(recorded) == []


SHOWN: dict[str, tuple[OutsideEvidence, list[tuple[str, str, str]]]] = {
    "a page's text": (page(f"- main:\n  - paragraph: Paid with {CARD}, {PASSWORD}, {SESSION} and {KEY}"),
                      [("shop", "card", "page"), ("shop", "key", "page"), ("shop", "password", "page"), ("shop", "session", "page")]),
    "text below a field": (page(f'- textbox "Card": {CARD}\n- paragraph: Paid with {CARD}'), [("shop", "card", "page")]),
    "text of a list after a field": (page(f'- textbox "Card":\n  - /placeholder: "4000"\n- list:\n  - text: {CARD}'), [("shop", "card", "page")]),
    "a field's name": (page(f'- textbox "Repeat {PASSWORD}": x'), [("shop", "password", "page")]),
    "a field's hint": (page(f'- textbox "Card":\n  - /placeholder: {CARD}\n  - text: "1"'), [("shop", "card", "page")]),
    "an option of a list": (page(f'- combobox "Card":\n  - option "{CARD}" [selected]'), [("shop", "card", "page")]),
    "text after a field's value": (page(f'- textbox "Card":\n  - text: {CARD}\n- text: {CARD}'), [("shop", "card", "page")]),
    "an earlier step": (page(f"- text: {CARD}", "- text: Thank you"), [("shop", "card", "page")]),
    "a page's address": (page("", url=f"{SHOP}/done?card={CARD}"), [("shop", "card", "address")]),
    "a page's title": (page("", title=f"Paid with {CARD}"), [("shop", "card", "title")]),
    "a mail": (mail(f"Your password is {PASSWORD}"), [("post", "password", "mail")]),
    "a mail's subject": (mail("", subject=f"Paid with {CARD}"), [("post", "card", "mail")]),
    "a mail's HTML": (mail("", html=f"<p>{KEY} {CARD}</p>"), [("post", "card", "mail")]),
    "a token in a mail that was given before": (mail(f"Your session: {SESSION}", at=1.5), [("post", "session", "mail")]),
}
NOT_EXPOSED: dict[str, OutsideEvidence] = {
    "a page without secrets": page("- text: Thank you"),
    "what looks like a mask": page("- text: ***card:ffff"),
    "what was put into fields": page(f'- textbox "Password": {PASSWORD}', f'- searchbox: {SESSION}\n- spinbutton "N" [active]: {CARD}'),
    "what was put into a field with a hint": page(f'- form:\n  - textbox "Card" [active]:\n    - /placeholder: "4000"\n    - text: {CARD}\n  - button "Pay"'),
    "what was put into a field in quotes": page(f"- 'textbox \"Card: number\"': \"{CARD}\""),
    "a new token in a mail": mail(f"Your session: {SESSION}", at=0.5),
    "a mail": mail("Welcome"),
}


@pytest.mark.parametrize(("outside", "expected"), SHOWN.values(), ids=SHOWN)
def test_secret_is_found_in_what_people_see(outside: OutsideEvidence, expected: list[tuple[str, str, str]]) -> None:
    assert found(exchanges(SIGN_IN), outside) == expected


@pytest.mark.parametrize("outside", NOT_EXPOSED.values(), ids=NOT_EXPOSED)
def test_people_may_see_it(outside: OutsideEvidence) -> None:
    assert found(exchanges(SIGN_IN), outside) == []


def test_secret_that_several_steps_show_counts_once() -> None:
    [exposure] = exposures_in(Recorded((), (), marks=MASKER.marks()), context(), page(f"- text: {CARD}", f"- text: again {CARD}"))
    assert (exposure.count, exposure.scenarios) == (1, ("s",))


def test_places_are_counted_and_have_no_value() -> None:
    [exposure] = exposures_in(replace(exchanges(*[call(answered={"c": CARD}, at=at) for at in range(5)]), marks=MASKER.marks()), context(), None)
    assert exposure == Exposure(SecretPlace("shop", "card", Medium.RESPONSE, "response.body.c", "POST /orders"), 5, Edge(BROWSER, "shop", "POST", "/orders"), ("s",))
    assert CARD not in repr(exposure)


def test_body_that_is_nested_without_end_is_bounded() -> None:
    deep = call(answered={"c": CARD})
    text = "[" * 5_000 + deep.response.body.text + "]" * 5_000  # type: ignore[union-attr, operator]
    nested = replace(deep, response=Message((), Body("application/json", len(text), text)))
    assert found(exchanges(nested)) in ([], [("shop", "card", "response.body")])


PLACE = SecretPlace("till", "card", Medium.LOG, "log")


def judged(*exposures: Exposure, key: str = "block", documents: Mapping[str, Mapping[str, object]] | None = None,
           wire: WireEvidence | None = None) -> list[Finding]:
    environment = Environment.model_validate({**SYSTEM, "rules": {"secrets_exposed": key}})
    baseline = None if documents is None else Baseline("r0", promoted=True, documents=documents)
    return list(judge_secrets(RunEvidence("r1", "preprod", ("behaviour",), exposures=exposures, wire=wire, baseline=baseline), environment))


@pytest.mark.parametrize(("key", "severity"), [("block", Severity.BLOCK), ("warn", Severity.WARN), ("ignore", None)])
def test_key_decides_what_it_means(key: str, severity: Severity | None) -> None:
    findings = judged(Exposure(PLACE, 3), key=key)
    assert [(each.severity, each.subject, each.component, each.evidence) for each in findings] == (
        [] if severity is None else [(severity, ComponentSubject("till"), "till", ("logs.ndjson",))])


def test_default_is_a_warning() -> None:
    assert Environment.model_validate({"url": SHOP}).rules.secrets_exposed == "warn"


@pytest.mark.parametrize(("problems", "unrecorded"), [(("5 log records were left out",), ()), ((), (Unrecorded(UnrecordedCause.PASSED, 3, "Ana pays"),))],
                         ids=["logs", "exchanges"])
@pytest.mark.parametrize(("key", "severities"), [("block", [Severity.INCONCLUSIVE]), ("warn", []), ("ignore", [])])
def test_what_was_not_searched_is_no_proof(problems: tuple[str, ...], unrecorded: tuple[Unrecorded, ...], key: str, severities: list[Severity]) -> None:
    environment = Environment.model_validate({**SYSTEM, "rules": {"secrets_exposed": key}})
    run = RunEvidence("r1", "preprod", ("behaviour",), unsearched=problems, wire=WireEvidence(unrecorded=unrecorded))
    findings = list(judge_secrets(run, environment))
    assert [each.severity for each in findings] == severities
    assert all(line_of(each).startswith("gate: secrets-not-searched: not all evidence was searched for secrets: ") for each in findings)


@pytest.mark.parametrize(("places", "known"), [
    pytest.param([PLACE], True, id="old"),
    pytest.param([replace(PLACE, kind="password")], False, id="another kind"),
    pytest.param([replace(PLACE, component="shop")], False, id="another component"),
    pytest.param([], False, id="none"),
])
def test_what_the_baseline_has_too_is_a_warning(places: list[SecretPlace], *, known: bool) -> None:
    [finding] = judged(Exposure(PLACE, 3), documents={"secrets": document_of_secrets([Exposure(place, 1) for place in places])})
    assert (finding.severity, finding.parameters) == (Severity.WARN if known else Severity.BLOCK, SecretExposed(PLACE, 3, known))


@pytest.mark.parametrize("documents", [None, {}, {"secrets": {"version": 9}}], ids=["no baseline", "no document", "a damaged document"])
def test_without_a_baseline_everything_is_new(documents: Mapping[str, Mapping[str, object]] | None) -> None:
    [finding] = judged(Exposure(PLACE, 3), documents=documents)
    assert finding.severity is Severity.BLOCK


def test_third_party_is_not_what_is_released() -> None:
    [finding] = judged(Exposure(replace(PLACE, component="bank"), 3))
    assert finding.severity is Severity.WARN


def test_component_behind_a_gateway_is_named() -> None:
    """It answered; the gateway only forwarded."""
    edge = Edge(BROWSER, "shop", "POST", "/api/orders")
    inner = Call(Edge("shop", "till", "POST", "/orders"), 200)
    wire = WireEvidence(calls={"s": (Call(edge, 200, calls=(inner,)),)})
    place = SecretPlace("shop", "card", Medium.RESPONSE, "response.body.c", edge.operation)
    [finding] = judged(Exposure(place, 1, edge, ("s",)), wire=wire)
    assert finding.component == "till"
    [alone] = judged(Exposure(place, 1, edge, ("s",)), wire=WireEvidence())
    assert alone.component == "shop"


@pytest.mark.parametrize(("crossed", "component"), [({("till", "post"): 1}, "till"), ({}, None), ({("till", "post"): 1, ("shop", "post"): 1}, None)],
                         ids=["one sender", "none known", "several"])
def test_sender_of_a_mail_is_named(crossed: dict[tuple[str, str], int], component: str | None) -> None:
    exposure = Exposure(SecretPlace("post", "password", Medium.MAIL, "mail"), 1)
    [finding] = judged(exposure, wire=WireEvidence(crossed=crossed))
    assert (finding.component, finding.subject) == (component, ComponentSubject(component) if component else GateSubject())


@pytest.mark.parametrize(("place", "words"), [
    (PLACE, "a card in the open: logged by till (3 times)"),
    (replace(PLACE, medium=Medium.SPAN, where="span.url"), "a card in the open: in spans of till (span.url) (3 times)"),
    (replace(PLACE, medium=Medium.PAGE, where="page"), "a card in the open: shown by a page of till (3 times)"),
    (replace(PLACE, medium=Medium.RESPONSE, where="response.body.c", operation="GET /x"), "a card in the open: till answered GET /x with it (response.body.c) (3 times)"),
    (replace(PLACE, medium=Medium.REQUEST, where="request.query.c", operation="GET /x"), "a card in the open: till sent it in GET /x (request.query.c) (3 times)"),
])
def test_finding_says_what_where_and_who(place: SecretPlace, words: str) -> None:
    [finding] = judged(Exposure(place, 3))
    assert line_of(finding) == f"gate: secret-exposed: {words} [till]"
