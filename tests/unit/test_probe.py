"""The probe stage's pure parts: classes of answers, awkward requests, what is kept, and the verdict on a record."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gonogo.config import Environment
from gonogo.core.errors import EvidenceError
from gonogo.model.baseline import Baseline
from gonogo.model.calls import Call, Edge, WireEvidence
from gonogo.model.exchange import Body
from gonogo.model.findings import Finding, Severity
from gonogo.model.not_checked import NotChecked
from gonogo.model.probing import (
    AnswerClass,
    Change,
    KnownRequest,
    PlaceClass,
    ProbeBaseline,
    ProbedRequest,
    ProbeEvidence,
    ProbeRequest,
)
from gonogo.model.stages import StageResult
from gonogo.model.suspects import Weight
from gonogo.records.probe import (
    OperationsLine,
    ProbeEndLine,
    ProbeLine,
    RequestLine,
    UnfilledLine,
    probe_writer,
    read_probe,
)
from gonogo.records.probe_baseline import KIND, MAX_KNOWN, probe_baseline, probe_document
from gonogo.report.wording import line_of, not_checked_words
from gonogo.report.wording.probe import change_words
from gonogo.stages.probe.awkward import texts_for
from gonogo.stages.probe.curl import curl_of
from gonogo.stages.probe.front import base_path, front_documents, is_chosen
from gonogo.stages.probe.judge import judge_result
from gonogo.stages.probe.memory import memory_of
from gonogo.stages.probe.placeholders import Unfilled, filled
from gonogo.stages.probe.sign_in import SignInFailed, session_of
from gonogo.stages.probe.variations import Parameter, Parts, awkward_parts, change_between, with_placeholders
from gonogo.stages.stage import Policy
from gonogo.traffic.shapes.answers import MAX_PLACES, answer_class, answer_difference, unstable_aspects
from gonogo.verdict.blame.clues import recorded_clues
from gonogo.verdict.blame.probe_clues import clues_of_probe
from tests.masks import masker

PROBLEM = "application/problem+json"
URL = "http://shop"


def answer(status: int, document: object = None, mime: str = "application/json") -> AnswerClass:
    text = "" if document is None else json.dumps(document)
    return answer_class(status, Body(mime, len(text), text) if text else None)


def problem(kind: str, status: int = 422) -> AnswerClass:
    return answer(status, {"type": f"urn:{kind}", "title": "No"}, PROBLEM)


GOOD = {"id": "a1b2c3d4e5f6", "name": "Lamp", "price": {"amount": 120}, "tags": ["x"]}


@pytest.mark.parametrize(("now", "then", "kind", "where"), [
    pytest.param(answer(500), answer(201, GOOD), "failed", "status", id="a new server error"),
    pytest.param(answer(0), answer(422), "failed", "status", id="no answer any more"),
    pytest.param(answer(500), answer(503), None, "", id="an old server error"),
    pytest.param(answer(201, GOOD), answer(500), None, "", id="a server error that is gone"),
    pytest.param(problem("x"), answer(201, GOOD), "refused", "status", id="accepted and now refused"),
    pytest.param(answer(201, GOOD), problem("x"), "accepted", "status", id="refused and now accepted"),
    pytest.param(answer(200, GOOD), answer(201, GOOD), "answer", "status", id="another status of success"),
    pytest.param(problem("x", 404), problem("x", 422), "answer", "status", id="another status of refusal"),
    pytest.param(problem("a"), problem("b"), "answer", "problem type", id="another type of problem"),
    pytest.param(answer(422, {"type": "urn:a"}), answer(422, {"type": "urn:a"}, PROBLEM), "answer", "media type",
                 id="another media type"),
    pytest.param(answer(200, {**GOOD, "price": {"amount": "1.20"}}), answer(200, GOOD), "shape",
                 "response.body.price.amount", id="a number that became a text"),
    pytest.param(answer(200, {**GOOD, "price": {}}), answer(200, GOOD), "shape", "response.body.price.amount",
                 id="a member that is gone"),
    pytest.param(answer(200, {**GOOD, "name": " Lamp"}), answer(200, GOOD), "shape", "response.body.name",
                 id="a text that starts with a space"),
    pytest.param(answer(200, {**GOOD, "name": "L&amp;amp"}), answer(200, GOOD), "shape", "response.body.name",
                 id="a text that is escaped"),
    pytest.param(answer(200, {**GOOD, "price": {"amount": 1.5}}), answer(200, GOOD), "shape",
                 "response.body.price.amount", id="a whole number that became a fraction"),
    pytest.param(answer(400, {"code": "bad-name"}), answer(400, {"code": "bad-type"}), "shape", "response.body.code",
                 id="another code of an error"),
    pytest.param(answer(200, {**GOOD, "colour": "red"}), answer(200, GOOD), None, "", id="a member that is new"),
    pytest.param(answer(200, {**GOOD, "name": "Chair", "price": {"amount": 7}}), answer(200, GOOD), None, "",
                 id="other values of the same kinds"),
    pytest.param(answer(200, {**GOOD, "id": "111122223333"}), answer(200, GOOD), None, "",
                 id="an id that has only digits by chance"),
    pytest.param(answer(200, {**GOOD, "tags": []}), answer(200, GOOD), None, "", id="an empty list has no items"),
    pytest.param(answer(200, {"code": "two"}), answer(200, {"code": "one"}), None, "", id="another word of a success"),
    pytest.param(answer(204), answer(204), None, "", id="no body"),
])
def test_difference_of_answers(now: AnswerClass, then: AnswerClass, kind: str | None, where: str) -> None:
    found = answer_difference(now, then)
    assert (found and found.kind, found.where if found else "") == (kind, where)


def test_unstable_aspect_does_not_count_but_a_server_error_does() -> None:
    now, then = problem("a"), problem("b")
    assert unstable_aspects(now, then) == {"problem type", "response.body.type"}
    assert answer_difference(now, then, unstable_aspects(now, then)) is None
    assert answer_difference(answer(404), answer(200, GOOD), {"status"}) is None
    assert answer_difference(answer(500), answer(200, GOOD), {"status"}) is not None
    assert answer_difference(answer(500), answer(200, GOOD), {"status"}, failed_before=True) is None


def test_class_of_an_answer_is_bounded() -> None:
    """A place that was not looked at is not gone."""
    many = answer(200, {f"m{number}": 1 for number in range(MAX_PLACES * 2)})
    assert len(many.places) == MAX_PLACES
    assert answer_difference(many, answer(200, {"zz": 1})) is None


BASE = Parts({"item_id": "0"}, {"size": "1"}, {"Idempotency-Key": "0"}, "application/json",
             {"name": "a", "mail": "0@0.com", "tags": ["x"], "count": 1, "kind": "big", "card": {"holder": "b"}})
SCHEMAS = {("kind",): {"enum": ["big", "small"]}, ("name",): {"maxLength": 5}}


def awkward() -> dict[Change, Parts]:
    return dict(awkward_parts(BASE, [Parameter("query", "size", {"type": "integer"})],
                              lambda way: SCHEMAS.get(way, {})))


@pytest.mark.parametrize("change", [
    Change("text", "body.name", "apostrophe"), Change("empty", "body.name"), Change("long", "body.name", "5"),
    Change("text", "body.mail", "emoji"), Change("empty list", "body.tags"), Change("items", "body.tags", "50"),
    Change("number", "body.count", "0"), Change("number", "query.size", "-1"), Change("text", "body.card.holder", "Arabic"),
    Change("text", "header.Accept-Language", "Turkish"),
])
def test_awkward_value_is_made(change: Change) -> None:
    """One place differs from the plain request, and nothing else."""
    found = {each: parts for each, parts in awkward().items() if (each.kind, each.place) == (change.kind, change.place)}
    exact = found[change]
    differing = [where for where in ("path", "query", "headers", "body") if getattr(exact, where) != getattr(BASE, where)]
    assert len(differing) == 1


def test_enumeration_gets_no_other_text() -> None:
    assert not [change for change in awkward() if change.place == "body.kind"]


@pytest.mark.parametrize(("name", "form", "kind"), [
    ("birthday", "date", "leap day"), ("mail", "email", "plus sign"), ("currency", "", "three decimals"),
    ("preferred_language", "", "right to left"), ("id", "uuid", "capitals"), ("at", "date-time", "offset of 14 hours"),
    ("name", "", "Chinese"), ("name", "", "long"),
])
def test_texts_fit_the_place(name: str, form: str, kind: str) -> None:
    assert kind in dict(texts_for(name, form, has_pattern=False, max_length=None))


def test_text_is_no_longer_than_documented() -> None:
    assert all(len(text) <= 4 for _, text in texts_for("name", "", has_pattern=False, max_length=4))


def test_placeholders_stand_for_what_the_sign_in_returns() -> None:
    """Only where the value is the plain one: what a request is about stays as it is."""
    awkward = replace(BASE, body={**BASE.body, "name": "O'Connor"})
    held = with_placeholders(awkward, BASE, {"item_id", "size", "name", "holder"})
    assert held.path == {"item_id": "{{item_id}}"}
    assert held.query == {"size": "{{size}}"}
    assert held.headers == {"Idempotency-Key": "{{unique}}"}
    assert held.body["name"] == "O'Connor"
    assert held.body["mail"] == "0.{{unique}}@0.com"
    assert held.body["card"] == {"holder": "{{holder}}"}


def test_request_is_filled_with_values_of_their_types() -> None:
    request = ProbeRequest("POST /a/[id]", "shop", Change("ordinary"), "/a/{{id}}", (("q", "{{id}}"),), (),
                           "application/json", {"id": "{{id}}", "size": "{{size}}", "mail": "a.{{unique}}@b"})
    counter = iter(range(9))
    sent = filled(request, {"id": lambda: f"x/{next(counter)}", "size": lambda: 3, "unique": lambda: "u1"})
    assert (sent.path, sent.query) == ("/a/x%2F0", (("q", "x/0"),))  # one value in a send
    assert sent.body == {"id": "x/0", "size": 3, "mail": "a.u1@b"}
    items = replace(request, body=["{{id}}", {"id": "{{id}}"}])
    assert filled(items, {"id": lambda: next(counter), "unique": str}).body == [1, {"id": 2}]
    with pytest.raises(Unfilled, match="size"):
        filled(request, {"id": lambda: 1, "unique": lambda: 2})


@pytest.mark.parametrize(("body", "expected"), [
    ({**BASE.body, "name": ""}, "with an empty `name`"),
    ({key: value for key, value in BASE.body.items() if key != "name"}, "without `name`"),
    ({**BASE.body, "name": None}, "with `name` null"),
    ({**BASE.body, "name": 3}, "with a number as `name`"),
    ({**BASE.body, "name": "x" * 80}, "with `name` of 80 characters"),
    ({**BASE.body, "tags": []}, "with an empty list `tags`"),
    ({**BASE.body, "extra": 1}, "with `extra`, which is not documented"),
    ({**BASE.body, "count": 7}, "with `count` 7"),
    ({**BASE.body, "kind": "small"}, 'with `kind` "small"'),
    ({**BASE.body, "card": {"holder": ""}}, "with an empty `card.holder`"),
    (3, "with a number as body"),
    (BASE.body, "with ordinary values"),
])
def test_change_is_named_in_words(body: object, expected: str) -> None:
    assert change_words(change_between(BASE, replace(BASE, body=body))) == expected


REQUEST = ProbeRequest("POST /api/items", "shop", Change("empty", "body.name"), "/api/items", (), (),
                       "application/json", {"name": ""})
OTHER = replace(REQUEST, change=Change("ordinary"), body={"name": "a"})
ITEM = answer(201, GOOD)
VERSIONS = {"shop": "sha256:a"}


def known(*entries: tuple[ProbeRequest, AnswerClass], versions: dict[str, str] | None = None, **more: Any) -> Baseline:
    kept = ProbeBaseline(tuple(KnownRequest(request, found, **more) for request, found in entries), versions or {})
    return Baseline("r1", promoted=True, documents={KIND: probe_document(kept)})


def probed(request: ProbeRequest, *answers: AnswerClass, known: bool = True, **more: Any) -> ProbedRequest:
    return ProbedRequest(request, answers, known=known, **more)


def evidence(*requests: ProbedRequest, **more: Any) -> ProbeEvidence:
    defaults = {"planned": sum(each.known for each in requests), "operations": 1, "signed": True, "closed": True}
    return ProbeEvidence(URL, requests, **{**defaults, **more})


def judged(found: ProbeEvidence, baseline: Baseline | None, *, policy: str = "block",
           versions: dict[str, str] | None = None) -> tuple[list[Finding], list[NotChecked]]:
    environment = Environment.model_validate({"url": URL, "probe": {"policy": policy}})
    result = StageResult(found.planned, len(found.requests), found)
    stage = judge_result(result, Policy(environment, versions=versions or {}), baseline)
    return list(stage.findings), list(stage.not_checked)


@pytest.mark.parametrize(("now", "then", "rule", "with_warn"), [
    (answer(500), problem("x"), "probe-server-error", Severity.BLOCK),
    (problem("x"), ITEM, "probe-refused", Severity.WARN),
    (ITEM, problem("x"), "probe-accepted", Severity.WARN),
    (problem("y"), problem("x"), "probe-answer-changed", Severity.WARN),
    (answer(201, {"id": 1}), ITEM, "probe-shape-changed", Severity.WARN),
])
def test_difference_follows_the_policy_except_a_server_error(now: AnswerClass, then: AnswerClass, rule: str,
                                                              with_warn: Severity) -> None:
    found, baseline = evidence(probed(REQUEST, now, now)), known((REQUEST, then))
    for policy, severity in (("block", Severity.BLOCK), ("warn", with_warn)):
        findings, _ = judged(found, baseline, policy=policy)
        assert [(each.rule, each.severity) for each in findings] == [(rule, severity)]
    assert judged(evidence(probed(REQUEST, then)), baseline) == ([], [])


def test_words_of_a_difference() -> None:
    findings, _ = judged(evidence(probed(REQUEST, answer(500), answer(500)), probed(OTHER, answer(500), answer(500))),
                         known((REQUEST, problem("x")), (OTHER, ITEM)))
    assert line_of(findings[0]) == ("probe: probe-server-error: POST /api/items with an empty `name`: answered 500; was "
                                    "422 (and 1 more request)")


def test_request_is_shown_as_a_command() -> None:
    assert curl_of(replace(REQUEST, headers=(("X-Key", "{{unique}}"),)), URL) == (
        "curl -X POST http://shop/api/items -H 'X-Key: {{unique}}' -H 'Content-Type: application/json' "
        """--data-raw '{"name": ""}'""")


@pytest.mark.parametrize(("found", "expected"), [
    pytest.param(evidence(probed(OTHER, ITEM), closed=False), {"record-not-closed"}, id="a record without an end"),
    pytest.param(evidence(fault="no"), {"probe-fault"}, id="a fault"),
    pytest.param(evidence(sign_in_error="no"), {"probe-sign-in-failed"}, id="a sign-in that fails"),
    pytest.param(evidence(operations=0), {"probe-no-operation"}, id="no operation"),
    pytest.param(evidence(probed(OTHER, ITEM), operations=0), {"probe-no-operation"},
                 id="no operation any more, although the baseline's requests were sent"),
    pytest.param(evidence(probed(OTHER, answer(0), answer(0), known=False)), {"probe-unanswered"}, id="no answer at all"),
    pytest.param(evidence(probed(OTHER, ITEM), stopped_by="no answer", planned=3), {"probe-unanswered"},
                 id="no answer any more"),
    pytest.param(evidence(probed(OTHER, ITEM), planned=3, stopped_by="time"), {"probe-incomplete"}, id="too little time"),
    pytest.param(evidence(probed(OTHER, ITEM), planned=2, unfilled=("GET /a: id",)), {"probe-incomplete"},
                 id="a value that is missing"),
    pytest.param(evidence(probed(OTHER, ITEM), refused=("POST http://x/ (unknown-host)",)), {"probe-request-refused"},
                 id="a request that is not permitted"),
])
def test_record_that_is_not_whole_is_inconclusive(found: ProbeEvidence, expected: set[str]) -> None:
    findings, _ = judged(found, None)
    stopping = {each.rule for each in findings if each.severity is Severity.INCONCLUSIVE}
    assert stopping == expected


def test_server_error_without_a_baseline_is_a_warning() -> None:
    findings, left = judged(evidence(probed(REQUEST, answer(500), answer(500), known=False)), None)
    assert [(each.rule, each.severity) for each in findings] == [("probe-error-without-baseline", Severity.WARN)]
    assert "answered 500; no baseline has this request" in line_of(findings[0])
    assert any("that no baseline has" in not_checked_words(each) for each in left)


@pytest.mark.parametrize(("now", "rule"), [(problem("y"), ["probe-unstable"]), (problem("x"), [])])
def test_answer_that_is_not_confirmed_is_a_warning(now: AnswerClass, rule: list[str]) -> None:
    findings, _ = judged(evidence(probed(REQUEST, now, problem("x"))), known((REQUEST, problem("x"))))
    assert [each.rule for each in findings] == rule
    assert all(each.severity is Severity.WARN for each in findings)


def test_server_error_counts_although_it_is_not_confirmed() -> None:
    findings, _ = judged(evidence(probed(REQUEST, answer(500), problem("x"))), known((REQUEST, problem("x"))))
    assert [(each.rule, each.severity) for each in findings] == [("probe-server-error", Severity.BLOCK)]


def test_same_system_that_answers_differently_is_unstable_and_learnt() -> None:
    """A little is a warning and learnt; a lot is the environment's, and nothing is learnt; a server error counts."""
    baseline, now = known((REQUEST, problem("x")), (OTHER, ITEM), versions=VERSIONS), problem("y")
    found = evidence(probed(REQUEST, now, now), probed(OTHER, ITEM))
    findings, _ = judged(found, baseline, versions=VERSIONS)
    assert [(each.rule, each.severity) for each in findings] == [("probe-unstable", Severity.WARN)]
    policy = Policy(Environment.model_validate({"url": URL}), versions=VERSIONS)
    learnt = probe_baseline(memory_of(StageResult(2, 2, found), policy, baseline).learnt[KIND])
    assert learnt is not None and [each.unstable for each in learnt.requests] == [{"problem type", "response.body.type"}, set()]
    others = [replace(OTHER, body={"name": str(number)}) for number in range(20)]
    many = known(*((each, ITEM) for each in others), versions=VERSIONS)
    different = evidence(*(probed(each, now, now) for each in others))
    findings, _ = judged(different, many, versions=VERSIONS)
    assert {each.severity for each in findings} == {Severity.INCONCLUSIVE}
    assert memory_of(StageResult(20, 20, different), policy, many).learnt == {}
    failing = evidence(probed(REQUEST, answer(500), answer(500)), probed(OTHER, ITEM))
    findings, _ = judged(failing, baseline, versions=VERSIONS)
    assert [(each.rule, each.severity) for each in findings] == [("probe-server-error", Severity.BLOCK)]
    assert memory_of(StageResult(2, 2, failing), policy, baseline).learnt == {}


def test_memory_keeps_what_was_not_sent_and_adds_what_is_new() -> None:
    baseline = known((REQUEST, problem("x")))
    found = evidence(probed(OTHER, ITEM, answer(200, GOOD), known=False), planned=1)
    policy = Policy(Environment.model_validate({"url": URL}), versions=VERSIONS)
    kept = probe_baseline(memory_of(StageResult(2, 1, found), policy, baseline).documents[KIND])
    assert kept is not None
    assert [(each.request, sorted(each.unstable)) for each in kept.requests] == [(REQUEST, []), (OTHER, ["status"])]
    assert kept.versions == VERSIONS


def test_document_is_the_same_when_it_is_read() -> None:
    kept = ProbeBaseline((KnownRequest(REQUEST, ITEM, frozenset({"status"}), failed=True, ms=1.5),
                          KnownRequest(OTHER, ITEM)), VERSIONS)
    document = json.loads(json.dumps(probe_document(kept)))
    assert probe_baseline(document) == kept
    assert len(document["answers"]) == 1
    assert probe_baseline({**document, "version": 99}) is None
    assert probe_baseline({"version": 1}) is None
    assert probe_baseline({**document, "answers": []}) is None
    assert len(probe_document(ProbeBaseline(kept.requests * MAX_KNOWN))["requests"]) == MAX_KNOWN  # type: ignore[arg-type]


def test_document_of_another_version_is_listed_and_does_not_stop() -> None:
    baseline = Baseline("r1", promoted=True, documents={KIND: {"version": 99}})
    findings, left = judged(evidence(probed(REQUEST, ITEM, ITEM, known=False)), baseline)
    assert not findings
    assert any("another version of gonogo" in not_checked_words(each) for each in left)


def test_record_is_read_as_it_was_written_without_secrets(tmp_path: Path) -> None:
    path = tmp_path / "probe" / "requests.ndjson"
    secret = probed(REQUEST, problem("x"), error_body="token s3cr3t-token")
    with probe_writer(path, masker({"SHOP_TOKEN": "s3cr3t-token"})) as writer:
        writer.write(ProbeLine(schema=1, url=URL, signed=True, planned=2, excluded=1))
        writer.write(OperationsLine(operations=3, left_out=("GET /a: image/png",)))
        writer.write(RequestLine(probed=secret))
        writer.write(UnfilledLine(operation="GET /a", name="id"))
        assert not read_probe(path).closed
        writer.write(ProbeEndLine(stopped_by="time"))
    found = read_probe(path)
    assert "s3cr3t-token" not in path.read_text()
    assert found.requests[0].request == REQUEST
    assert found.requests[0].answers == secret.answers
    assert (found.planned, found.excluded, found.operations, found.unfilled, found.stopped_by, found.closed) == (
        2, 1, 3, ("GET /a: id",), "time", True)
    path.write_text(path.read_text() + '{"kind": "end"}\n')
    with pytest.raises(EvidenceError):
        read_probe(path)


@pytest.mark.parametrize(("services", "expected"), [
    ({"front": {"url": "http://shop", "openapi": "a.yml"}}, ["front"]),
    ({"front": {"url": "http://shop"}, "items": {"url": "http://shop/items", "openapi": "b.yml"}}, ["items"]),
    ({"items": {"url": "http://shop/items", "openapi": "b.yml"}, "front": {"url": "http://shop", "openapi": "a.yml"}},
     ["front", "items"]),
    ({"items": {"url": "http://items", "openapi": "b.yml"}}, []),
    ({}, []),
])
def test_documents_of_the_front(services: dict[str, Any], expected: list[str]) -> None:
    environment = Environment.model_validate({"url": URL, "services": services})
    assert [each.component for each in front_documents(environment)] == expected


def test_base_path_is_that_of_the_server() -> None:
    front = front_documents(Environment.model_validate(
        {"url": URL, "services": {"items": {"url": "http://shop/items", "openapi": "b.yml"}}}))[0]
    assert base_path({}, front) == "/items"
    assert base_path({"servers": [{"url": "https://api.example.com/v2/"}]}, front) == "/v2"
    assert base_path({"servers": [{"url": "https://{host}/v2"}]}, front) == "/items"


def test_only_and_except_choose_operations() -> None:
    assert is_chosen("GET /a/[id]", [], [])
    assert is_chosen("GET /a/[id]", ["GET /a/[id]"], [])
    assert not is_chosen("GET /a/i", ["GET /a/[id]"], [])
    assert not is_chosen("DELETE /a/[id]", [], ["DELETE /*"])


@pytest.mark.parametrize("returned", ["x", None, {"token": "x"}, {"headers": ["a"]}, {"cookies": {"a": 1}},
                                      {"values": {"two words": 1}}, {"values": {1: 1}}])
def test_sign_in_that_returns_something_else_is_refused(returned: object) -> None:
    with pytest.raises(SignInFailed, match="probe:sign_in"):
        session_of(returned, "probe:sign_in")


def test_sign_in_makes_cookies_a_secret_header() -> None:
    session = session_of({"cookies": {"session": "abcdef0123"}, "headers": {"Authorization": "Bearer zyxw9876"},
                          "values": {"id": 7, "seat": lambda: "1A"}}, "probe:sign_in")
    assert session.headers == {"Cookie": "session=abcdef0123", "Authorization": "Bearer zyxw9876"}
    assert session.secrets.kinds == {"abcdef0123": "cookie", "zyxw9876": "token"}
    assert (session.values["id"](), session.values["seat"]()) == (7, "1A")
    assert "abcdef0123" not in repr(session)


def test_failed_call_of_a_probe_names_who_broke_whom() -> None:
    """As for a failing scenario: the deepest call that failed, and the component that changed."""
    failed = (Call(Edge("browser", "gateway", "POST", "/api/items"), 500, calls=(
        Call(Edge("gateway", "items", "POST", "/items"), 500, error_text="boom"),)),)
    wire = replace(WIRE, calls={"probe:x": failed}, hops={"probe:x": (failed[0], failed[0].calls[0])})
    findings, _ = judged(evidence(probed(REQUEST, answer(500), answer(500))), known((REQUEST, problem("x"))))
    parameters = replace(findings[0].parameters, calls="probe:x")  # type: ignore[call-arg]
    clues = clues_of_probe(findings[0], parameters, wire, ("items",), [recorded_clues])  # type: ignore[arg-type]
    assert (clues[0].component, clues[0].peer, clues[0].weight) == ("items", "web", Weight.ERROR_ORIGIN)


TREE = (Call(Edge("browser", "gateway", "POST", "/api/items"), 201, calls=(
    Call(Edge("gateway", "items", "POST", "/items"), 201),)),)
WIRE = WireEvidence(calls={"probe:x": TREE}, front="gateway", pages="web", compared=True)


@pytest.mark.parametrize(("calls", "changed", "expected"), [
    pytest.param("probe:x", ("items",), ("items", "gateway"), id="the changed component on the way"),
    pytest.param("probe:x", ("gateway",), ("gateway", "web"), id="the front itself"),
    pytest.param("probe:x", ("gateway", "items"), ("items", "gateway"), id="the deepest of two"),
    pytest.param("", ("items",), ("items", "shop"), id="without traces the only one that changed"),
    pytest.param("", (), ("shop", "web"), id="nothing has changed"),
    pytest.param("", None, ("shop", "web"), id="no baseline of images"),
])
def test_suspect_of_a_probe(calls: str, changed: tuple[str, ...] | None, expected: tuple[str, str]) -> None:
    findings, _ = judged(evidence(probed(REQUEST, ITEM, ITEM)), known((REQUEST, problem("x"))))
    parameters = replace(findings[0].parameters, calls=calls)  # type: ignore[call-arg]
    clues = clues_of_probe(findings[0], parameters, WIRE, changed, [recorded_clues])  # type: ignore[arg-type]
    assert (clues[0].component, clues[0].peer, clues[0].weight) == (*expected, Weight.CALLS_CHANGED)


def test_place_class_has_a_parent() -> None:
    assert ITEM.places["response.body.price.amount"] == PlaceClass("response.body.price", ("type integer",))


@pytest.mark.parametrize(("key", "value"), [
    ("sign_in", "steps.probe"), ("policy", "ignore"), ("seconds", 0), ("seconds", 3601), ("max_requests", 5001),
    ("only", ["items"]), ("except", ["DELETE items"]), ("secnds", 3)])
def test_setting_that_means_nothing_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValueError, match=key):
        Environment.model_validate({"url": "http://shop", "probe": {key: value}})
