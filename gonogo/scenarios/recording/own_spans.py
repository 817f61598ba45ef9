"""gonogo's own spans: one for an attempt at a scenario, with a child span for each of its steps.

They show in a trace which scenario it belongs to, and when each step ran.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from gonogo.model.span import ATTEMPT, GONOGO, SCENARIO, STEP, Span
from gonogo.scenarios.browser.trace_context import TraceContext, new_span_id
from gonogo.scenarios.recording.timeline import StepTime, Timeline
from gonogo.secrets.masking import Masker


def own_spans(trace: TraceContext, timeline: Timeline, *, name: str, scenario: str, attempt: int, passed: bool,
              masker: Masker) -> Iterator[Span]:
    """The spans of an attempt that ends now; `scenario` is the scenario's key."""
    ended_s = time.time()
    which = {SCENARIO: scenario, ATTEMPT: str(attempt)}
    yield Span(trace.trace_id, trace.span_id, "", GONOGO, masker.text(name), "internal", timeline.started_s,
               _ms(timeline.started_s, ended_s), failed=not passed, attributes=which)
    for step in timeline:
        yield Span(trace.trace_id, new_span_id(), trace.span_id, GONOGO, masker.text(step.text), "internal",
                   step.started_s, _ms(step.started_s, _end_of(step, ended_s)), failed=step.failed,
                   attributes={**which, STEP: masker.text(step.text)})


def _end_of(step: StepTime, scenario_ended_s: float) -> float:
    return scenario_ended_s if step.ended_s is None else step.ended_s


def _ms(started_s: float, ended_s: float) -> float:
    return round(max(0.0, ended_s - started_s) * 1000, 3)
