"""Spans are masked, bounded, written down as they come, and waited for no longer than asked."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from gonogo.model.span import Kind, Span
from gonogo.records.spans import read_spans
from gonogo.traffic.spans.span_store import MAX_PROBLEMS, SpanStore, StoreLimits
from tests.masks import mask, masker


def span(trace_id: str, span_id: str = "a", kind: Kind = "client", **others: object) -> Span:
    return Span(trace_id, span_id, "", "web", "GET", kind, 1.0, 1.0, url="http://gds:1/x", method="GET", **others)  # type: ignore[arg-type]


def store(**bounds: int) -> SpanStore:
    return SpanStore(masker(), limits=StoreLimits(**bounds))


def test_secrets_are_masked_on_the_way_in(tmp_path: Path) -> None:
    """Neither the file nor the memory ever holds them; a URL that is none is not kept."""
    file = tmp_path / "spans.ndjson"
    kept = SpanStore(masker({"BANK_API_KEY": "sk-12345678"}), file=file)
    kept.add([Span("t", "a", "", "web", "GET", "client", 1, 1, url="http://u:p@gds/x?token=abc&page=2",
                   error_text="refused sk-12345678 for card_number=4111111111111111", attributes={"gonogo.step": "sk-12345678"}),
              Span("t", "b", "", "web", "GET", "client", 1, 1, url="http://[::1")])
    assert f"http://gds/x?token={mask('abc', 'token')}&page=2" in file.read_text()
    for text in (file.read_text(), repr(kept.spans)):
        assert not [secret for secret in ("sk-12345678", "abc&", "u:p@", "4111", "[::1") if secret in text]
    assert read_spans(file) == (kept.spans, 0)


def test_a_trace_is_kept_whole_or_its_calls_are_counted() -> None:
    """Beyond the bound no further trace is begun; those that were go on; the run's own are always kept."""
    kept = store(spans=2)
    kept.claim(["mine"])
    kept.add([span("a"), span("b"), span("c"), span("c", "b", kind="server"), span("a", "late"), span("mine")])
    kept.add([span("mine", "b"), span("c", "d", peer="gds")])
    assert [(each.trace_id, each.span_id) for each in kept.spans] == [
        ("a", "a"), ("b", "a"), ("a", "late"), ("mine", "a"), ("mine", "b")]
    assert kept.dropped_calls == {("web", "http://gds:1"): 1, ("web", "gds"): 1}
    assert kept.problems == ("the limit of 2 spans outside of scenarios was exceeded: 2 further calls were only counted",)


def test_one_trace_cannot_fill_the_memory() -> None:
    """Not even one of the run's own: services that call each other for ever end at the bound, and it is said."""
    kept = store(spans_of_a_trace=3)
    kept.claim(["mine"])
    kept.add(span("mine", str(number)) for number in range(10))
    assert len(kept.spans) == 3
    assert kept.problems == ("1 traces had more than 3 spans; their later spans are left out, for example of trace mine",)


def test_a_file_that_cannot_be_written_is_told_and_spans_are_kept(tmp_path: Path) -> None:
    """A full disk costs the file, not the evidence."""
    (tmp_path / "file").touch()
    kept = SpanStore(masker(), file=tmp_path / "file" / "spans.ndjson")
    kept.add([span("a")])
    kept.add([span("b")])
    assert len(kept.spans) == 2
    assert kept.problems[0].startswith("spans cannot be written to spans.ndjson:")
    assert kept.problems[0].endswith("(2 times)")


def test_problems_are_few_short_and_masked() -> None:
    """Whoever sends nonsense for ever fills no report."""
    kept = SpanStore(masker({"TOKEN": "hush-hush"}))
    for number in range(1000):
        kept.add_problem(f"{number} is no span: hush-hush " + "x" * 1000)
    assert len(kept.problems) == MAX_PROBLEMS + 1
    assert kept.problems[-1] == "further problems with received spans (990 times)"
    assert "hush-hush" not in repr(kept.problems)


def test_draining_ends_when_it_is_quiet() -> None:
    """Each batch begins the quiet time anew; no longer is waited than that."""
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


def test_the_quiet_began_when_the_last_request_was_sent() -> None:
    """Who did something else for longer than that has waited already; not for what came meanwhile."""
    kept = store()
    began = time.monotonic()
    kept._last_arrival_s = began - 60
    assert kept.drain(since_s=began - 60, quiet_s=5, max_s=10)
    assert not kept.drain(since_s=began, quiet_s=5, max_s=0.05)
    kept.add([span("a")])
    assert not kept.drain(since_s=began - 60, quiet_s=5, max_s=10)
    assert time.monotonic() - began < 1


def test_draining_is_bounded_where_spans_never_end() -> None:
    """Other traffic in the environment does not hold the verdict up."""
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
