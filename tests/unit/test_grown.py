"""The rule grown, on runs of a small shop: calls, bytes and times beyond what varied in the runs before."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

import pytest

from gonogo.invariants import Watched
from gonogo.invariants.samples import MAX_RUNS, Measure, Sample, learnt, pattern_of
from gonogo.model.calls import BROWSER, STEP, Call, Edge
from gonogo.model.invariants import Fault
from gonogo.model.outside import OutsideRecord, StepTiming
from tests.recorded import exchange, faults, key, new, record, seen

RULE = "grown"
KIB = 1024


def called(*calls: tuple[str, str, str, int], caller: str = BROWSER, roots: int = 1, scenarios: int = 1,
           unlike: int = 0) -> Watched:
    """`roots` requests to the shop in each scenario, and below each so many of (caller, callee, operation, times).

    `unlike` scenarios do without the calls that are repeated: they make each once.
    """
    def trees(*, once: bool) -> tuple[Call, ...]:
        below = tuple(Call(Edge(sender, to, *operation.split()), 200) for sender, to, operation, times in calls  # type: ignore[misc]
                      for _ in range(1 if once else times))
        return (Call(Edge(caller, "shop", "GET", "/orders"), 200, calls=below),) * roots

    names = [f"s{n}" for n in range(scenarios)]
    return Watched(seen({name: record() for name in names}),
                   calls={key(name): trees(once=n < unlike) for n, name in enumerate(names)}, same_images=True)


def sized(size: int, *, resource_type: str = "fetch", times: int = 1) -> Watched:
    return Watched(seen({"Ana": record()}, [
        exchange(f"/{'abc'[n]}bc.js" if resource_type == "script" else "/orders", of="Ana", size=size, resource_type=resource_type)
        for n in range(times)]), same_images=True)


def timed(steps: Mapping[str, float], *more: Mapping[str, float], machine: float = 1.0, repeated: int = 1) -> Watched:
    """Scenarios with a step of each text, which took so many seconds; and ten others of a second each.

    The first is `repeated`, each of `more` is a further scenario.
    """
    def scenario(took: Mapping[str, float]) -> OutsideRecord:
        return OutsideRecord(tuple(StepTiming(n, text, 100.0 * n, 100.0 * n + 1 + seconds * machine, 100.0 * n + 1)
                                   for n, (text, seconds) in enumerate(took.items())))

    others = {f"Ana does {chr(97 + n) * 3}": 1.0 for n in range(10)}
    all_steps = {f"s{n}": scenario(took) for n, took in enumerate([*[steps] * repeated, *more])}
    return Watched(seen({**all_steps, "others": scenario(others)}), same_images=True)


def answered(seconds: float, *, times: int = 5) -> Watched:
    others = [exchange(f"/other/{chr(97 + n) * 3}", {}, of="Ana") for n in range(7) for _ in range(3)]
    slow = [exchange("/orders", {}, of="Ana") for _ in range(times)]
    return Watched(seen({"Ana": record()}, [*(replace(each, duration_ms=1000 * seconds) for each in slow),
                                            *(replace(each, duration_ms=100) for each in others)]), same_images=True)


READ, WRITE, PAY = ("shop", "stock", "GET /items"), ("shop", "stock", "POST /holds"), ("shop", "bank", "GET /payments")

GROWN = {
    "a write once more": (called((*WRITE, 2)), [called((*WRITE, 1))] * 2),
    "a third party is asked once more": (called((*PAY, 2)), [called((*PAY, 1))] * 2),
    "a read for each item": (called((*READ, 5)), [called((*READ, 1))] * 2),
    "a read for each item, below a step": (called((*READ, 5), caller=STEP), [called((*READ, 1), caller=STEP)] * 2),
    "a page asks again and again": (called(roots=8), [called(roots=2), called(roots=3)]),
    "a write in every scenario": (called((*WRITE, 2), scenarios=4), [called((*WRITE, 1), scenarios=4)] * 2),
    "answers": (sized(90 * KIB), [sized(30 * KIB), sized(31 * KIB)]),
    "what a page loads": (sized(60 * KIB, resource_type="script", times=3), [sized(60 * KIB, resource_type="script")] * 2),
    "equal steps": (timed({'Ana pays "5.00"': 3, 'Ana pays "7.00"': 3.2}), [timed({'Ana pays "5.00"': 1, 'Ana pays "7.00"': 1.2})] * 3),
    "the step of several scenarios": (timed({"Ana pays": 2}, repeated=3), [timed({"Ana pays": 0.5}, repeated=3)] * 3),
    "on a slower machine too": (timed({"Ana pays": 6}, repeated=2, machine=1.5), [timed({"Ana pays": 1}, repeated=2)] * 3),
    "an endpoint's time": (answered(1.5), [answered(0.4), answered(0.5), answered(0.6)]),
}


@pytest.mark.parametrize(("now", "before"), GROWN.values(), ids=GROWN)
def test_what_has_grown_is_found(now: Watched, before: list[Watched]) -> None:
    assert {fault.key[0] for fault in new(now, *before, rule=RULE)} in (
        {"calls"}, {"fan-out"}, {"bytes"}, {"assets"}, {"step-s"}, {"endpoint-s"}, {"calls", "fan-out"})


AS_BEFORE = {
    "equal": (called((*READ, 3), (*WRITE, 2)), [called((*READ, 3), (*WRITE, 2))] * 2),
    "fewer": (called((*WRITE, 1)), [called((*WRITE, 2))] * 2),
    "as often as in one run before": (called((*WRITE, 2)), [called((*WRITE, 1)), called((*WRITE, 2)), called((*WRITE, 1))]),
    "a page that polls": (called(roots=5), [called(roots=2), called(roots=3)]),
    "a step that polls": (called((*READ, 1), caller=STEP, roots=30), [called((*READ, 1), caller=STEP, roots=2)] * 2),
    "a component that reads once more": (called((*READ, 2)), [called((*READ, 1))] * 2),
    "a kind of call that is new": (called((*WRITE, 3)), [called()] * 2),
    "a scenario with other steps": (called((*WRITE, 3)), [Watched(seen({"s0": record(steps=1)}), calls=called((*WRITE, 1)).calls)] * 2),
    "small answers": (sized(3 * KIB), [sized(1 * KIB)] * 2),
    "a tenth more bytes": (sized(550 * KIB), [sized(500 * KIB)] * 2),
    "a slower machine": (timed({"Ana pays": 1}, repeated=2, machine=3), [timed({"Ana pays": 1}, repeated=2)] * 3),
    "one of several equal steps": (timed({'Ana pays "5"': 3, 'Ana pays "7"': 1}), [timed({'Ana pays "5"': 1, 'Ana pays "7"': 1})] * 3),
    "what nobody feels": (timed({"Ana pays": 0.4}, repeated=2), [timed({"Ana pays": 0.1}, repeated=2)] * 3),
    "within what varies": (timed({"Ana pays": 2.5}, repeated=2), [timed({"Ana pays": each}, repeated=2) for each in (1, 2, 1)]),
    "a lone step that takes three times as long": (timed({"Ana pays": 3}), [timed({"Ana pays": 1})] * 3),
    "an endpoint with few answers": (answered(3, times=2), [answered(0.4, times=2)] * 3),
}


@pytest.mark.parametrize(("now", "before"), AS_BEFORE.values(), ids=AS_BEFORE)
def test_what_is_as_before_is_not_found(now: Watched, before: list[Watched]) -> None:
    assert faults(now, *before, rule=RULE) == []


DOUBTFUL = {
    "one run before": (called((*WRITE, 2)), [called((*WRITE, 1))]),
    "a write in few of the scenarios": (called((*WRITE, 2), scenarios=4, unlike=3), [called((*WRITE, 1), scenarios=4)] * 2),
    "a step that no other is like": (timed({"Ana pays": 6}), [timed({"Ana pays": 1})] * 3),
}


@pytest.mark.parametrize(("now", "before"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_may_be_chance_warns(now: Watched, before: list[Watched]) -> None:
    assert {fault.certain for fault in faults(now, *before, rule=RULE)} == {False}


def test_caller_and_callee_are_named() -> None:
    [fault] = new(called((*WRITE, 2)), *[called((*WRITE, 1))] * 2, rule=RULE)
    assert fault.pair == ("shop", "stock")


def test_machine_noise_is_no_finding() -> None:
    """A hundred steps whose times vary by half: a run like those before it has no finding that stops the release."""
    chance = random.Random(1)
    texts = [f"Ana does {chr(97 + n // 26)}{chr(97 + n % 26)}x" for n in range(100)]

    def run() -> Watched:
        first, second = ({text: chance.lognormvariate(-1, 0.5) for text in texts} for _ in range(2))
        return timed(first, second, machine=chance.uniform(0.7, 2.0))

    found: list[Fault] = [fault for _ in range(5) for fault in new(run(), *[run() for _ in range(4)], rule=RULE)]
    assert found == []


def test_figures_of_the_last_runs_are_kept() -> None:
    sample, took = Sample(Measure.CALLS, "s", "a", "b", "POST /c"), Sample(Measure.STEP_S, "s", "", "", "Ana pays")
    known = {sample: (1.0,) * MAX_RUNS, took: (1.0, 2.0)}
    assert learnt({sample: 2, took: 3}, known, same_images=True) == {
        sample: (*[1.0] * (MAX_RUNS - 1), 2), took: (1.0, 2.0, 3)}
    # of other images, figures go on to count where nothing has changed
    assert learnt({sample: 2, took: 3}, known, same_images=False) == {sample: (2,), took: (1.0, 2.0, 3)}
    assert learnt({sample: 1}, {sample: (1.0,)}, same_images=False) == {sample: (1.0, 1)}
    assert learnt({sample: 1}, {sample: (7.0,)}, same_images=False) == {sample: (1,)}
    size = Sample(Measure.BYTES, "", "a", "b", "GET /c")
    assert learnt({size: 105}, {size: (100.0,)}, same_images=False) == {size: (100.0, 105)}
    assert learnt({size: 150}, {size: (100.0,)}, same_images=False) == {size: (150,)}


def test_steps_are_alike_without_their_values() -> None:
    assert pattern_of('Ana pays "5.00" for 2 books') == pattern_of('Ana pays "17" for 12 books')
