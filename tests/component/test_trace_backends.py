"""Traces from Jaeger and Tempo over real HTTP: both formats, traces that arrive late, and all kinds of failure."""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from gonogo.config.model import Traces
from gonogo.traffic.analysis.failing_hop import failing_hop
from gonogo.traffic.spans import backends
from gonogo.traffic.spans.backends import Fetched, Jaeger, Tempo, fetch_traces
from gonogo.traffic.spans.otlp import MAX_BODY_BYTES
from gonogo.traffic.spans.tree import calls_of
from tests.masks import masker
from tests.serving import serving

pytestmark = pytest.mark.alone

FIXTURES = Path(__file__).parents[1] / "fixtures" / "trace" / "backends"
NODE = Path(__file__).parents[1] / "fixtures" / "trace" / "node"
TRACE = f"{2:032x}"
Answer = tuple[int, str, bytes]
UNKNOWN: Answer = (404, "application/json", b'{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}')


def good(name: str) -> Answer:
    return 200, "application/json", (FIXTURES / name).read_bytes()


@contextmanager
def backend(answer: Callable[[str, int], Answer], asked: list[Any] | None = None) -> Iterator[str]:
    """A server that answers `answer(path, number of earlier requests for this path)`."""
    counts: Counter[str] = Counter()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if asked is not None:
                asked.append((self.path, self.headers.get("Authorization")))
            status, media_type, body = answer(self.path, counts[self.path])
            counts[self.path] += 1
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            if status in (301, 302):
                self.send_header("Location", "/login")
            self.end_headers()
            with suppress(ConnectionError):  # the client gave up
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with serving(Handler) as url:
        yield f"{url}/"


def fetched(traces: dict[str, str], *trace_ids: str, max_s: float = 3.0, environ: dict[str, str] | None = None) -> Fetched:
    settings = Traces.model_validate(traces)
    name, address = settings.fetched_from or ("", "")
    authorization = settings.authorization.get_secret_value() if settings.authorization else None
    source = {"jaeger": Jaeger, "tempo": Tempo}[name](address, authorization)
    return fetch_traces(source, trace_ids or (TRACE,), masker(environ), max_s=max_s, pause_s=0.05)


@pytest.mark.parametrize(("kind", "path"), [("jaeger", f"/api/traces/{TRACE}"), ("tempo", f"/api/v2/traces/{TRACE}")])
def test_a_trace_of_either_backend_gives_the_tree_and_the_failing_hop(kind: str, path: str) -> None:
    """Ids, parents, times, both conventions, errors and their messages are preserved; secrets are masked."""
    asked: list[Any] = []
    with backend(lambda asked_path, _: good(f"{kind}.json") if asked_path == path else UNKNOWN, asked) as url:
        found = fetched({kind: url})
    assert found.problems == ()
    assert {name for name, _ in asked} == {path}
    (root,) = calls_of(found.spans, lambda _: "", lambda _, path: path)
    assert (root.trace_id, root.parent_id) == (TRACE, f"{2:016x}")
    assert [(call.edge.callee, call.edge.operation, call.status, call.error_text) for call in failing_hop([root.call])] == [
        ("shop", "POST /orders", 502, ""), ("stock", "POST /reservations", 500, "size is not a number")]
    assert root.call.started_s == pytest.approx(1795493227.161)
    assert root.call.duration_ms == pytest.approx(4.123)
    assert "hush" not in repr(found)


def test_an_older_tempo_is_queried_by_the_first_version_of_its_api() -> None:
    """Without the second version of the API, the first one is used: its batches, and protobuf as well."""
    old = json.dumps({"batches": json.loads(good("tempo.json")[2])["trace"]["resourceSpans"]}).encode()
    with backend(lambda path, _: (200, "application/json", old) if path.startswith("/api/traces/") else UNKNOWN) as url:
        assert len(fetched({"tempo": url}).spans) == 3


    protobuf = gzip.decompress((NODE / "01.binpb.gz").read_bytes())
    with backend(lambda path, _: (200, "application/protobuf", protobuf) if path.startswith("/api/traces/") else UNKNOWN) as url:
        assert fetched({"tempo": url}).spans


def test_an_incomplete_trace_is_fetched_until_it_stays_the_same() -> None:
    """It is unknown, then partial, then complete: two responses have the same number of spans."""
    whole = json.loads(good("jaeger.json")[2])
    part = json.loads(good("jaeger.json")[2])
    part["data"][0]["spans"] = part["data"][0]["spans"][:1]
    answers: list[Answer] = [UNKNOWN, (200, "application/json", json.dumps(part).encode()),
                             (200, "application/json", json.dumps(whole).encode())]
    asked: list[Any] = []
    with backend(lambda _, count: answers[min(count, 2)], asked) as url:
        found = fetched({"jaeger": url})
    assert (len(found.spans), len(asked), found.problems) == (3, 4, ())


def test_a_trace_that_never_arrives_is_reported_after_the_time_limit() -> None:
    """It is reported as a problem, and the other traces are used."""
    missing = f"{9:032x}"
    began = time.monotonic()
    with backend(lambda path, _: good("jaeger.json") if TRACE in path else UNKNOWN) as url:
        found = fetched({"jaeger": url}, TRACE, missing, TRACE, max_s=1)
    assert time.monotonic() - began < 3
    assert len(found.spans) == 3
    assert found.problems == (f"Jaeger does not have 1 of 2 traces, for example {missing}",)


FAILURES: dict[str, tuple[Answer, str]] = {
    "status 500": ((500, "text/plain", b"no"), "answered 500 at http"),
    "no permission": ((401, "text/plain", b""), "answered 401"),
    "a redirect to a sign-in page": ((302, "text/html", b""), "answered 302"),
    "an HTML page": ((200, "text/html", b"<html>"), "no"),
    "nothing": ((200, "application/json", b""), "no"),
    "a document of another format": ((200, "application/json", b'{"data": [{"spans": [{"spanID": 7}]}], "batches": 3}'), "no"),
    "a body that is too large": ((200, "application/json", bytes(MAX_BODY_BYTES + 1)), "more than"),
}


@pytest.mark.parametrize("kind", ["jaeger", "tempo"])
@pytest.mark.parametrize(("answer", "what"), FAILURES.values(), ids=FAILURES.keys())
def test_failures_are_reported_and_never_raised(kind: str, answer: Answer, what: str) -> None:
    """The verdict uses the available evidence; a backend that only fails is given up before the time limit."""
    began = time.monotonic()
    with backend(lambda *_: answer) as url:
        found = fetched({kind: url}, TRACE, f"{3:032x}", max_s=30)
    assert time.monotonic() - began < 15
    assert found.spans == ()
    assert len(found.problems) == 1
    assert found.problems[0].startswith(f"{kind.capitalize()}: ")
    assert what in found.problems[0]
    assert found.problems[0].endswith("(2 traces)")


def test_a_trace_of_endless_spans_is_cut_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """So are all traces together: what a backend has may be any amount."""
    monkeypatch.setattr(backends, "MAX_SPANS_OF_A_TRACE", 2)
    monkeypatch.setattr(backends, "MAX_SPANS", 3)
    with backend(lambda *_: good("jaeger.json")) as url:
        found = fetched({"jaeger": url}, TRACE, f"{3:032x}")
    assert len(found.spans) == 3
    assert found.problems == (f"Jaeger: 2 traces were cut at 2 spans, or at 3 of all traces, for example {TRACE}",)


def test_a_missing_or_silent_backend_is_reported_in_time() -> None:
    """Refused connections and missing responses are limited in time."""
    assert fetched({"tempo": "http://127.0.0.1:9"}).problems == ("Tempo: did not answer at http://127.0.0.1:9 (ConnectionError)",)

    def silent(_path: str, _count: int) -> Answer:
        time.sleep(2)
        return UNKNOWN

    began = time.monotonic()
    with backend(silent) as url:
        found = fetched({"jaeger": url}, max_s=0.5)
    assert "did not answer" in found.problems[0]
    assert time.monotonic() - began < 4


def test_the_authorization_is_sent_and_never_printed() -> None:
    """The Authorization header is sent with each request, and is in no text of the result."""
    asked: list[Any] = []
    with backend(lambda *_: (403, "text/plain", b""), asked) as url:
        found = fetched({"tempo": url, "authorization": "Bearer very-secret"}, environ={"TEMPO_TOKEN": "very-secret"})
    assert {authorization for _, authorization in asked} == {"Bearer very-secret"}
    assert "very-secret" not in repr(found)


def test_without_traces_no_backend_is_queried() -> None:
    """No request carried a trace, so no connection is made."""
    assert fetch_traces(Tempo("http://127.0.0.1:9", None), [], masker()) == Fetched((), ())
