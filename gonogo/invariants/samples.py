"""What can grow from release to release while all scenarios pass: calls, bytes and times, as figures of one run."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from statistics import median
from typing import NamedTuple

from gonogo.model.calls import BROWSER, STEP, Call, Edge
from gonogo.model.outside import OutsideRecord
from gonogo.outside import Seen
from gonogo.traffic.http.endpoints import Endpoints

MAX_RUNS = 5  # whose figures are kept
MAX_FIGURES = 50_000
BYTES_MARGIN = 1.1  # within which a size is the same
MIN_EXCHANGES = 3  # of an endpoint whose time is judged
READS = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))
_ASSETS = frozenset(("script", "stylesheet", "image", "font", "media"))
_VALUE = re.compile(r"\"[^\"]*\"|'[^']*'|\d+(?:[.,:/-]\d+)*")


class Measure(StrEnum):
    """What is measured; of calls, how often one kind is made in a scenario, or to answer a single request."""

    CALLS = "calls"
    FAN_OUT = "fan-out"
    BYTES = "bytes"  # of an endpoint's answers, in the middle
    ASSETS = "assets"  # bytes of all that the pages of a scenario load
    STEP_S = "step-s"  # from the last action of a step to its end
    ENDPOINT_S = "endpoint-s"  # of an endpoint's answers to pages, in the middle


TIMES = frozenset({Measure.STEP_S, Measure.ENDPOINT_S})


class Sample(NamedTuple):
    """What a figure is of: `scenario` is "" for all scenarios, `caller` for what is not a call.

    `what` is an operation, or the text of a step; `within` the operation of the request that a call helps to answer, or
    the index of a step.
    """

    measure: Measure
    scenario: str
    caller: str
    callee: str
    what: str
    within: str = ""


Figures = Mapping[Sample, float]
Known = Mapping[Sample, tuple[float, ...]]
"""The figures of earlier runs, the last at the end."""


def figures_of(seen: Seen, calls: Mapping[str, Sequence[Call]], endpoints: Endpoints) -> Figures:
    """The figures of the scenarios that passed. `calls` are call trees by scenario."""
    passed = {scenario.key for scenario in seen.scenarios if scenario.passed}
    figures: dict[Sample, float] = {}
    for key in sorted(passed):
        figures.update(_of_calls(key, calls.get(key, ())))
        figures.update(_of_steps(key, seen.records[key]) if key in seen.records else ())
    figures.update(_of_exchanges(seen, endpoints, passed))
    return dict(list(figures.items())[:MAX_FIGURES])


def learnt(now: Figures, earlier: Known, *, same_images: bool) -> Known:
    """The figures of the last runs. Those of other images, or of unknown ones, count on where nothing has changed."""
    both = {sample: (*(earlier.get(sample, ()) if same_images or _goes_on(sample, value, earlier) else ()),
                     round(value, 3))[-MAX_RUNS:] for sample, value in now.items()}
    return dict(list({**earlier, **both}.items())[-MAX_FIGURES:])


def _goes_on(sample: Sample, value: float, earlier: Known) -> bool:
    """Whether a figure is one of those before: of times any is, as they tell how much a machine varies."""
    values = earlier.get(sample, ())
    if not values or sample.measure in TIMES:
        return True
    margin = BYTES_MARGIN if sample.measure in (Measure.BYTES, Measure.ASSETS) else 1.0
    return min(values) / margin <= value <= max(values) * margin


def pattern_of(step: str) -> str:
    """The text of a step without its values: equal for steps that do the same thing."""
    return _VALUE.sub("…", step)


def _of_calls(key: str, roots: Sequence[Call]) -> Iterator[tuple[Sample, float]]:
    """What pages ask, and what components ask to answer it; what steps ask is the suite's own."""
    in_all: Counter[Edge] = Counter()
    fan_outs: dict[tuple[str, Edge], int] = defaultdict(int)
    for root in roots:
        below = Counter(call.edge for call in root.walk() if call is not root)
        in_all.update(below)
        if root.edge.caller != STEP:
            in_all[root.edge] += 1
        for edge, count in below.items():
            same = (root.edge.operation, edge)
            fan_outs[same] = max(fan_outs[same], count)
    for edge, count in in_all.items():
        # how often components read depends on how often a step or a page looks
        if edge.caller == BROWSER or edge.method not in READS:
            yield Sample(Measure.CALLS, key, edge.caller, edge.callee, edge.operation), count
    for (operation, edge), count in fan_outs.items():
        yield Sample(Measure.FAN_OUT, key, edge.caller, edge.callee, edge.operation, operation), count


def _of_steps(key: str, record: OutsideRecord) -> Iterator[tuple[Sample, float]]:
    for step in record.steps:
        if step.action_s is not None and step.ended_s >= step.action_s:
            sample = Sample(Measure.STEP_S, key, "", "", pattern_of(step.text), str(step.index))
            yield sample, step.ended_s - step.action_s


def _of_exchanges(seen: Seen, endpoints: Endpoints, passed: set[str]) -> Iterator[tuple[Sample, float]]:
    sizes: dict[Edge, list[int]] = defaultdict(list)
    times_s: dict[Edge, list[float]] = defaultdict(list)
    assets: dict[str, dict[Edge, int]] = defaultdict(dict)
    for exchange in seen.exchanges:
        if exchange.scenario not in passed or exchange.callee in seen.tools or not 200 <= exchange.status < 300:
            continue
        edge, body = endpoints.edge(exchange), exchange.response.body
        if body is not None and body.size >= 0:
            sizes[edge].append(body.size)
            if exchange.resource_type in _ASSETS:
                assets[exchange.scenario][edge] = body.size
        if exchange.caller == BROWSER and exchange.duration_ms > 0:
            times_s[edge].append(exchange.duration_ms / 1000)
    for edge, each in sizes.items():
        yield Sample(Measure.BYTES, "", edge.caller, edge.callee, edge.operation), median(each)
    for edge, took in times_s.items():
        if len(took) >= MIN_EXCHANGES:
            yield Sample(Measure.ENDPOINT_S, "", edge.caller, edge.callee, edge.operation), median(took)
    for key, loaded in assets.items():
        yield Sample(Measure.ASSETS, key, "", "", ""), sum(loaded.values())
