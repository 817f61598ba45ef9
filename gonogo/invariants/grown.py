"""Grown: what a release asks, sends or takes more than the baseline's runs, beyond what varies between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from statistics import median

from gonogo.invariants.samples import READS, TIMES, Figures, Known, Measure, Sample
from gonogo.model.calls import BROWSER
from gonogo.model.invariants import Fault
from gonogo.model.outside import Place, PlaceKind
from gonogo.model.rules.invariants import Grown

RULE = "grown"
READ_RATIO, MIN_READS = 2.0, 3  # reads are repeated while something is not yet so
FAN_OUT_RATIO, MIN_FAN_OUT = 2.0, 2
BYTES_RATIO, MIN_BYTES = 1.5, 32 * 1024  # 0.2 s at 1.5 Mbit/s
TIME_RATIO, MIN_S = 2.0, 0.5  # what people feel
LONE_RATIO, MIN_LONE_S = 4.0, 1.0  # of a step that nothing else is like
EACH_RATIO, MIN_EACH_S = 1.5, 0.25  # each of several equal steps
MIN_RUNS = 2  # whose figures tell what varies
MIN_RUNS_OF_TIMES = 3
MIN_OTHERS = 5  # times that tell how fast the machine is

_Pair = tuple[float, tuple[float, ...]]


def grown(now: Figures, known: Known, same_steps: Collection[str], third_parties: Collection[str]) -> Iterator[Fault]:
    """What has grown; of scenarios only those that have the same steps in the baseline."""
    pairs = {sample: (value, known[sample]) for sample, value in now.items()
             if sample in known and (not sample.scenario or sample.scenario in same_steps)}
    yield from _calls(pairs, third_parties)
    yield from _bytes(pairs)
    yield from _times(pairs)


def _calls(pairs: Mapping[Sample, _Pair], third_parties: Collection[str]) -> Iterator[Fault]:
    alike: dict[tuple[str, ...], list[tuple[Sample, _Pair, bool]]] = defaultdict(list)
    for sample, pair in pairs.items():
        more = _more_calls(sample, third_parties)
        if more is not None:
            same = (sample.measure.value, sample.caller, sample.callee, sample.what)
            alike[same].append((sample, pair, more(pair[0], max(pair[1]))))
    for each in alike.values():
        found = [(sample, pair) for sample, pair, is_more in each if is_more]
        # a call that is repeated once, because a machine was slow, is not repeated in most scenarios
        often = all(sample.measure is Measure.FAN_OUT for sample, _ in found) or len(found) * 2 >= len(each)
        for sample, pair in found:
            yield _fault(sample, pair, certain=often and len(pair[1]) >= MIN_RUNS)


def _more_calls(sample: Sample, third_parties: Collection[str]) -> Callable[[float, float], bool] | None:
    """Whether so many calls now are more than the most of earlier runs; None if it counts no calls."""
    if sample.measure is Measure.CALLS:
        if sample.what.partition(" ")[0] in READS and sample.callee not in third_parties:
            return lambda now, most: now >= READ_RATIO * most and now >= most + MIN_READS
        return lambda now, most: now > most  # once more is enough
    if sample.measure is Measure.FAN_OUT:
        if sample.callee in third_parties:
            return lambda now, most: now > most
        return lambda now, most: now >= FAN_OUT_RATIO * most and now >= most + MIN_FAN_OUT
    return None


def _bytes(pairs: Mapping[Sample, _Pair]) -> Iterator[Fault]:
    for sample, (now, was) in pairs.items():
        if sample.measure in (Measure.BYTES, Measure.ASSETS) and _is_beyond(now, max(was), BYTES_RATIO, MIN_BYTES):
            yield _fault(sample, (now, was), certain=len(was) >= MIN_RUNS)


def _times(pairs: Mapping[Sample, _Pair]) -> Iterator[Fault]:
    """Times in relation to how fast the machine is: the middle of what all others have become.

    Steps that do the same thing count only together, if each of them takes longer.
    """
    times = {sample: pair for sample, pair in pairs.items()
             if sample.measure in TIMES and len(pair[1]) >= MIN_RUNS_OF_TIMES}
    alike: dict[tuple[str, ...], list[Sample]] = defaultdict(list)
    for sample in times:
        alike[sample.measure.value, sample.callee, sample.what].append(sample)
    for samples in alike.values():
        others = [now / median(was) for sample, (now, was) in times.items()
                  if sample not in samples and median(was) > 0 and sample.measure is samples[0].measure]
        slower = max(1.0, median(others)) if others else 1.0
        adjusted = [(times[sample][0] / slower, max(times[sample][1])) for sample in samples]
        if _are_slower(adjusted, is_lone_step=len(samples) == 1 and samples[0].measure is Measure.STEP_S):
            worst = max(samples, key=lambda sample: times[sample][0] - max(times[sample][1]))
            yield _fault(worst, times[worst], certain=len(others) >= MIN_OTHERS and (
                len(samples) > 1 or worst.measure is Measure.ENDPOINT_S))


def _are_slower(times: Collection[tuple[float, float]], *, is_lone_step: bool) -> bool:
    if is_lone_step:
        return all(_is_beyond(now, most, LONE_RATIO, MIN_LONE_S) for now, most in times)
    return _is_beyond(median(now for now, _ in times), median(most for _, most in times), TIME_RATIO, MIN_S) and all(
        _is_beyond(now, most, EACH_RATIO, MIN_EACH_S) for now, most in times)


def _is_beyond(now: float, most: float, ratio: float, at_least: float) -> bool:
    return now >= ratio * most and now - most >= at_least


def _fault(sample: Sample, pair: _Pair, *, certain: bool) -> Fault:
    now, was = pair
    name = sample.what or "all that its pages load"
    is_step = sample.measure is Measure.STEP_S
    kind = PlaceKind.PAGE if is_step or sample.measure is Measure.ASSETS else PlaceKind.ANSWER
    place = Place(kind, name, component=sample.callee)
    parameters = Grown(place=place, measure=sample.measure.value, now=round(now, 3), was=max(was), runs=len(was),
                       caller=sample.caller, within="" if is_step else sample.within)
    blamed = (sample.caller, sample.callee) if sample.measure in (Measure.CALLS, Measure.FAN_OUT) else (
        (sample.callee, BROWSER) if sample.callee else None)
    return Fault(RULE, (sample.measure.value, sample.caller, sample.callee, sample.what), parameters, sample.scenario,
                 sample.callee, certain=certain, pair=blamed)
