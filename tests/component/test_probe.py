"""The sender of probes against servers that answer badly, and what Schemathesis makes of odd documents."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from gonogo.config import Environment, RunPlan
from gonogo.core.prestart import PLAN_VARIABLE
from gonogo.environment.request_guard import RequestGuard
from gonogo.model.probing import AnswerClass, Change, KnownRequest, ProbeBaseline, ProbeEvidence, ProbeRequest
from gonogo.records.probe import REQUESTS_FILE, read_probe
from gonogo.records.probe_baseline import probe_document
from gonogo.stages.probe import client
from gonogo.stages.probe.child import BASELINE_FILE, STAGE
from gonogo.stages.probe.client import MAX_ANSWER_BYTES, Client
from gonogo.stages.probe.generation import MAX_OPERATIONS, MAX_REQUEST_BYTES, operations_of
from gonogo.stages.probe.send import probe
from tests.serving import serving

ITEMS = {"get": {"parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}],
                 "responses": {"200": {"description": "fine"}}}}
DOCUMENT: dict[str, Any] = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/items": ITEMS}}
REQUEST = ProbeRequest("GET /items", "shop", Change("ordinary"), "/items")


def answering(write: Callable[[BaseHTTPRequestHandler], None], seen: list[dict[str, str]] | None = None,
              ) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if seen is not None:
                seen.append(dict(self.headers))
            write(self)

        do_POST = do_PUT = do_DELETE = do_GET

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def fine(handler: BaseHTTPRequestHandler, body: bytes = b'{"items": []}') -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def environment(url: str, **settings: Any) -> Environment:
    return Environment.model_validate({
        "url": url, "permits": {"writes": True}, "services": {"shop": {"url": url, "openapi": "openapi.json"}},
        **settings, "probe": {"seconds": 5, "max_requests": 12, **settings.get("probe", {})}})


def probed(root: Path, url: str, document: dict[str, Any] | None = None, known: ProbeBaseline | None = None,
           **settings: Any) -> ProbeEvidence:
    (root / "openapi.json").write_text(json.dumps(document or DOCUMENT))
    folder = root / "run" / STAGE
    folder.mkdir(parents=True)
    if known is not None:
        (folder / BASELINE_FILE).write_text(json.dumps(probe_document(known)))
    probe(RunPlan("preprod", environment(url, **settings)), folder, root,
          {"XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))}, RequestGuard())
    return read_probe(folder / REQUESTS_FILE)


def test_new_requests_are_sent_twice_and_known_ones_once(tmp_path: Path) -> None:
    seen: list[dict[str, str]] = []
    with serving(answering(fine, seen)) as url:
        (tmp_path / "a").mkdir()
        first = probed(tmp_path / "a", url)
        assert (first.closed, first.stopped_by, len(first.requests), len(seen)) == (True, "requests", 12, 24)
        known = ProbeBaseline(tuple(KnownRequest(each.request, each.answers[0]) for each in first.requests))
        (tmp_path / "b").mkdir()
        again = probed(tmp_path / "b", url, known=known)
    assert (again.planned, again.replayed, len(again.requests), len(seen)) == (12, 12, 12, 36)
    assert [len(each.answers) for each in again.requests] == [1] * 12


def test_difference_is_confirmed_with_a_trace(tmp_path: Path) -> None:
    seen: list[dict[str, str]] = []
    known = ProbeBaseline((KnownRequest(REQUEST, AnswerClass(404)),))
    with serving(answering(fine, seen)) as url:
        found = probed(tmp_path, url, known=known, probe={"max_requests": 1},
                       traces={"otlp": "http://127.0.0.1:4318"})
    assert [len(each.answers) for each in found.requests] == [2]
    sent = [headers["traceparent"] for headers in seen]
    assert [header[-3:] for header in sent] == ["-00", "-01"]
    assert sent[1] == f"00-{found.requests[0].trace_id}-{found.requests[0].span_id}-01"


def test_server_that_never_answers_ends_the_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ANSWER_S", 0.05)

    def never(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.recv(1)

    with serving(answering(never)) as url:
        found = probed(tmp_path, url)
    assert (found.stopped_by, found.closed, len(found.requests)) == ("no answer", True, 5)
    assert {answer.status for each in found.requests for answer in each.answers} == {0}


def test_answer_that_trickles_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ANSWER_S", 0.3)
    over = threading.Event()

    def trickling(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        with contextlib.suppress(OSError):
            while not over.wait(0.01):
                handler.wfile.write(b"x")

    with serving(answering(trickling)) as url:
        assert Client(url).send(REQUEST, {}).status == 0
        over.set()


def test_long_answer_is_cut_and_has_no_places() -> None:
    long = json.dumps({"a": "x" * (MAX_ANSWER_BYTES + 10)}).encode()
    with serving(answering(lambda handler: fine(handler, long))) as url:
        answer = Client(url).send(REQUEST, {})
    assert answer.status == 200
    assert answer.body is not None and answer.body.truncated


def test_redirect_is_not_followed_and_no_cookie_is_kept() -> None:
    seen: list[dict[str, str]] = []

    def leading_away(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        for name, value in (("Location", "http://127.0.0.1:9/"), ("Set-Cookie", "a=b"), ("Content-Length", "0")):
            handler.send_header(name, value)
        handler.end_headers()

    with serving(answering(leading_away, seen)) as url:
        sender = Client(url)
        assert [sender.send(REQUEST, {}).status for _ in range(2)] == [302, 302]
    assert [headers.get("Cookie") for headers in seen] == [None, None]


def test_child_does_not_reach_other_hosts(tmp_path: Path) -> None:
    """The baseline's requests go to the environment alone, whatever their path; the sign-in's are refused."""
    (tmp_path / "suite.py").write_text("import urllib.request\n\ndef sign_in(url):\n"
                                       "    urllib.request.urlopen('http://127.0.0.1:9/')\n")
    (tmp_path / "openapi.json").write_text(json.dumps(DOCUMENT))
    with serving(answering(fine)) as url:
        plan = RunPlan("preprod", environment(url, probe={"sign_in": "suite:sign_in"}))
        done = subprocess.run([sys.executable, "-m", "gonogo.stages.probe.send"], cwd=tmp_path, input=plan.sealed(),
                              env={**os.environ, PLAN_VARIABLE: "yes", "GONOGO_RUN_DIR": str(tmp_path)}, check=False,
                              capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found = read_probe(tmp_path / STAGE / REQUESTS_FILE)
    assert found.requests == ()
    assert "127.0.0.1:9" in found.refused[0]
    assert "not permitted" in found.sign_in_error


@pytest.mark.parametrize(("document", "left_out"), [
    pytest.param({"openapi": "3.0.3", "info": {}, "paths": {}}, [], id="no path"),
    pytest.param({**DOCUMENT, "paths": {"/a": {"post": {
        "requestBody": {"content": {"image/png": {"schema": {"type": "string"}}}},
        "responses": {"200": {"description": "x"}}}}}}, ["POST /a: image/png"], id="a body of another media type"),
    pytest.param({**DOCUMENT, "paths": {"/a": {"get": {"parameters": [{"$ref": "#/components/parameters/none"}],
                                                       "responses": {}}}}}, None, id="a reference to nothing"),
])
def test_document_without_a_usable_operation(document: dict[str, Any], left_out: list[str] | None) -> None:
    found, others = operations_of(document, "shop", "", lambda label: True)
    assert found == []
    assert others == left_out if left_out is not None else others


def test_operations_are_bounded() -> None:
    many = {**DOCUMENT, "paths": {f"/a{number}": ITEMS for number in range(MAX_OPERATIONS + 2)}}
    found, others = operations_of(many, "shop", "/v1", lambda label: True)
    assert (len(found), others) == (MAX_OPERATIONS, ["shop: 2 more operations"])
    assert found[0].label == "GET /v1/a0"


def test_no_request_is_longer_than_the_limit_and_each_is_made_again() -> None:
    schema = {"type": "object", "required": ["text"], "properties": {
        "text": {"type": "string", "maxLength": 100_000}, "currency": {"$ref": "#/components/schemas/Currency"}}}
    document = {**DOCUMENT, "components": {"schemas": {"Currency": {"type": "string", "enum": ["EUR", "GBP"]}}}, "paths": {"/a": {"post": {
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {"200": {"description": "x"}}}}}}
    made = [[request for operation in operations_of(document, "shop", "", lambda label: True)[0]
             for request in operation.requests(["text"], signed=True)] for _ in range(2)]
    assert made[0] == made[1]
    assert all(len(json.dumps(each.body)) <= MAX_REQUEST_BYTES for each in made[0])
    assert {"apostrophe", "Arabic"} <= {each.change.detail for each in made[0]}
    assert made[0][0].body == {"text": "{{text}}", "currency": "EUR"}
    assert not [each for each in made[0] if each.change.kind == "text" and each.change.place == "body.currency"]
    assert made[0][1] == replace(made[0][0], change=Change("unsigned"), signed=False)
