"""Spans are masked, limited in number, written as they arrive, and awaited no longer than requested."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from gonogo.model.span import Kind, Span
from gonogo.records.spans import read_spans
from gonogo.secrets.known import Secrets
from gonogo.traffic.spans.span_store import MAX_PROBLEMS, SpanStore, StoreLimits
from tests.masks import mask, masker

pytestmark = pytest.mark.alone


def span(trace_id: str, span_id: str = "a", kind: Kind = "client", **others: object) -> Span:
    return Span(trace_id, span_id, "", "web", "GET", kind, 1.0, 1.0, url="http://gds:1/x", method="GET", **others)  # type: ignore[arg-type]


def store(**bounds: int) -> SpanStore:
    return SpanStore(masker(), limits=StoreLimits(**bounds), is_issued=lambda trace_id: trace_id == "mine")


def test_secrets_are_masked_before_storing(tmp_path: Path) -> None:
    """Neither the file nor the memory ever has a secret; an invalid URL is not kept."""
    file = tmp_path / "spans.ndjson"
    kept = SpanStore(masker({"BANK_API_KEY": "sk-12345678"}), file=file)
    kept.add([Span("t", "a", "", "web", "GET", "client", 1, 1, url="http://u:p@gds/x?token=abc&page=2",
                   error_text="refused sk-12345678 for card_number=4111111111111111", attributes={"gonogo.step": "sk-12345678"}),
              Span("t", "b", "", "web", "GET", "client", 1, 1, url="http://[::1")])
    assert f"http://gds/x?token={mask('abc', 'token')}&page=2" in file.read_text()
    for text in (file.read_text(), repr(kept.spans)):
        assert not [secret for secret in ("sk-12345678", "abc&", "u:p@", "4111", "[::1") if secret in text]
    assert read_spans(file) == (kept.spans, 0)


def test_other_traces_leave_half_of_the_room_to_the_runs_own() -> None:
    """A flood of spans that the run did not cause costs none of its own; what is left out is counted."""
    kept = store(spans=4)
    kept.add([span("a"), span("b"), span("a", "late"), span("mine"), span("c"), span("mine", "b"), span("mine", "c")])
    assert [(each.trace_id, each.span_id) for each in kept.spans] == [("a", "a"), ("b", "a"), ("mine", "a"), ("mine", "b")]
    assert kept.problems == ("3 spans were left out: at most 4 spans and 100663296 bytes are kept, and half of that of other traces "
                             "than the run's",)


def test_memory_of_spans_is_limited() -> None:
    """Spans with long texts take the room of many."""
    kept = store(bytes=20_000)
    for number in range(100):
        kept.add([span("a", str(number), error_text="x" * 400), span("mine", str(number), error_text="x" * 400)])
    own = [each for each in kept.spans if each.trace_id == "mine"]
    assert 4 <= len(kept.spans) - len(own) < len(own) < 16
    assert len(own) + len(kept.spans) < 200
    assert kept.problems[0].startswith(f"{200 - len(kept.spans)} spans were left out: ")


def test_spans_of_one_trace_are_limited() -> None:
    """The limit also applies to the run's own traces, because of endless call loops, and is reported when exceeded."""
    kept = store(spans_of_a_trace=3)
    kept.add(span("mine", str(number)) for number in range(10))
    assert len(kept.spans) == 3
    assert kept.problems == ("1 traces had more than 3 spans; their later spans are left out, for example of trace mine",)


def test_file_that_cannot_be_written_is_reported_and_spans_are_kept(tmp_path: Path) -> None:
    """A full disk costs the file, not the evidence."""
    (tmp_path / "file").touch()
    kept = SpanStore(masker(), file=tmp_path / "file" / "spans.ndjson")
    kept.add([span("a")])
    kept.add([span("b")])
    assert len(kept.spans) == 2
    assert kept.problems[0].startswith("spans cannot be written to spans.ndjson:")
    assert kept.problems[0].endswith("(2 times)")


def test_problems_are_few_short_and_masked() -> None:
    """Endless invalid data cannot fill the report."""
    kept = SpanStore(masker({"TOKEN": "hush-hush"}))
    for number in range(1000):
        kept.add_problem(f"{number} is no span: hush-hush " + "x" * 1000)
    assert len(kept.problems) == MAX_PROBLEMS + 1
    assert kept.problems[-1] == "further problems with received spans (990 times)"
    assert "hush-hush" not in repr(kept.problems)


def test_draining_ends_after_a_quiet_period() -> None:
    """Each batch restarts the quiet period; the wait ends with it."""
    kept = store()
    began = time.monotonic()
    timers = [threading.Timer(after_s, kept.add, ([span("a", str(after_s))],)) for after_s in (0.1, 0.2, 0.3)]
    for timer in timers:
        timer.start()
    assert kept.drain(since_s=time.monotonic(), quiet_s=0.25, max_s=10)
    assert len(kept.spans) == 3
    assert 0.5 < time.monotonic() - began < 2
    for timer in timers:
        timer.join()


def test_quiet_period_counts_from_the_last_request() -> None:
    """If the last request is longer ago than `quiet_s`, draining succeeds at once, unless a span has just arrived."""
    kept = store()
    began = time.monotonic()
    kept._arrivals._last_s = began - 60
    assert kept.drain(since_s=began - 60, quiet_s=5, max_s=10)
    assert not kept.drain(since_s=began, quiet_s=5, max_s=0.05)
    kept.add([span("a")])
    assert not kept.drain(since_s=began - 60, quiet_s=5, max_s=10)
    assert time.monotonic() - began < 1


def test_draining_is_bounded_if_spans_keep_arriving() -> None:
    """Other traffic in the environment does not delay the verdict."""
    kept, stop = store(), threading.Event()

    def send() -> None:
        while not stop.wait(0.02):
            kept.add([span("a")])

    sender = threading.Thread(target=send)
    sender.start()
    began = time.monotonic()
    assert not kept.drain(since_s=time.monotonic(), quiet_s=0.2, max_s=0.5)
    assert time.monotonic() - began < 1.5
    stop.set()
    sender.join()


def test_what_a_scenario_used_is_masked_after_its_end(tmp_path: Path) -> None:
    """A span arrives before its scenario has ended; unread attributes are kept only if they have a secret."""
    known, path = masker(), tmp_path / "spans.ndjson"
    kept = SpanStore(known, file=path)
    one = replace(span("a"), error_text="no Sesame-2031", unread={"db.statement": "… 'Sesame-2031'", "other": "plain text"})
    kept.add([one, span("b")])
    assert "db.statement" not in path.read_text()
    known.learn_of("a", Secrets({"Sesame-2031": "password"}))
    kept.mask_again()
    first, second = kept.spans
    masked = mask("Sesame-2031", "password")
    assert (first.error_text, first.attributes, first.unread) == (f"no {masked}", {"db.statement": f"… '{masked}'"}, {})
    assert read_spans(path) == ((first, second), 0)
    before = path.read_bytes()
    kept.mask_again()
    assert path.read_bytes() == before
