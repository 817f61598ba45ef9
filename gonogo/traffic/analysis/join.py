"""join(recorded, context, baseline) → the evidence of a run's exchanges and spans, and its own baseline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gonogo.model.calls import (
    STEP,
    Blocked,
    Call,
    CallChange,
    Edge,
    Unchecked,
    Undocumented,
    Unrecorded,
    Violation,
    WireEvidence,
)
from gonogo.model.exchange import Exchange, Message
from gonogo.model.invariants import ConsoleMessage
from gonogo.model.logs import LogRecord
from gonogo.model.scenarios import Scenario
from gonogo.model.span import Span
from gonogo.model.trace_ids import LOAD_SPAN_ID
from gonogo.traffic.analysis.baseline import TrafficBaseline, call_stats_of, key_of
from gonogo.traffic.analysis.call_changes import call_changes, merged_stats, only_new_errors
from gonogo.traffic.analysis.context import AnalysisContext
from gonogo.traffic.analysis.coverage import coverage_of_scenarios
from gonogo.traffic.analysis.failing_hop import failing_hop
from gonogo.traffic.analysis.trees import error_texts_of, trees_of_scenarios, with_error_texts
from gonogo.traffic.analysis.under_load import compare_edges, edges_under_load
from gonogo.traffic.http.parties import Parties
from gonogo.traffic.shapes import Shapes, differences
from gonogo.traffic.spans.tree import calls_of


@dataclass(frozen=True, slots=True)
class Recorded:
    """The recorded traffic of a run.

    `exchanges` are those of the scenarios' last attempts (their `scenario` is set), `between` those that a tap recorded
    between components, `probed` those that no scenario sent, of which only the calls are of interest. `spans` are those
    of traces that the run began, `foreign_spans` those of any others, which show
    no edge as crossed: any process can send them. `load_s` is the start and end of load in seconds since the epoch,
    None without load. `logs` are the records of its traces, and all errors, of `log_records` that came; `console` what
    pages logged, by scenario; `marks` the masks of all values that are known to be secret; `unsearched` is what could
    not be searched for them.
    """

    scenarios: Sequence[Scenario]
    exchanges: Sequence[Exchange]
    between: Sequence[Exchange] = ()
    probed: Sequence[Exchange] = ()
    spans: Sequence[Span] = ()
    foreign_spans: Sequence[Span] = ()
    load_s: tuple[float, float] | None = None
    blocked: Mapping[str, tuple[Blocked, ...]] = field(default_factory=dict)
    logs: Sequence[LogRecord] = ()
    log_records: int = 0
    console: Mapping[str, Sequence[ConsoleMessage]] = field(default_factory=dict)
    marks: frozenset[str] = frozenset()
    unsearched: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    unrecorded: tuple[Unrecorded, ...] = ()


def join(recorded: Recorded, context: AnalysisContext,
         baseline: TrafficBaseline | None) -> tuple[WireEvidence, TrafficBaseline]:
    """The evidence of this run, compared with `baseline` if there is one, and this run's own baseline."""
    below, foreign = _below(recorded.spans, context), _below(recorded.foreign_spans, context)
    error_text = error_texts_of(recorded.between)
    trees = {key: with_error_texts(calls, error_text) for key, calls in
             trees_of_scenarios(recorded.exchanges, below, context.endpoints).items()}
    probed = trees_of_scenarios(recorded.probed, below, context.endpoints)
    between = with_scenarios(recorded)
    exchanges = [*recorded.exchanges, *between]
    violations, undocumented, unchecked = _checked(exchanges, context)
    loaded = edges_under_load(_roots_of_load(below, foreign, recorded.load_s))
    own = TrafficBaseline(
        shapes=_shapes_of(exchanges, context), crossed=_crossed(trees.values(), below, between),
        call_stats={scenario.key: call_stats_of(trees.get(scenario.key, ())) for scenario in recorded.scenarios},
        violations=frozenset(map(key_of, violations)), under_load=loaded, traced=bool(below),
        coverage=coverage_of_scenarios(trees, recorded.exchanges, context.endpoints, context.pages))
    evidence = WireEvidence(
        exchanges=len(exchanges), calls={**trees, **probed},
        hops={**_hops(recorded.scenarios, trees, baseline), **_hops_of_probed(probed)},
        changes=_changes(recorded.scenarios, own, baseline), blocked=recorded.blocked,
        crossed_elsewhere=_crossed((), foreign, ()),
        violations=tuple(replace(each, known=baseline is not None and key_of(each) in baseline.violations)
                         for each in violations),
        undocumented=undocumented, unchecked=unchecked, unrecorded=recorded.unrecorded, crossed=own.crossed,
        uncrossed=_uncrossed(own, context.declared, baseline),
        without_contract=context.contracts.missing(edge.callee for edge in merged_stats(own.call_stats)),
        components=context.components, pages=context.pages, front=context.front, traced=own.traced,
        foreign_spans=len(recorded.foreign_spans),
        problems=(*context.problems, *recorded.problems))
    if baseline is not None:
        evidence = replace(
            evidence, compared=True, was_traced=baseline.traced, under_load=compare_edges(loaded, baseline.under_load),
            differences=differences(own.shapes, baseline.shapes, ignore=context.ignored))
    return evidence, own


def _below(spans: Iterable[Span], context: AnalysisContext) -> dict[str, tuple[Call, ...]]:
    """Parent span id → the calls below it. The parent is the browser's or a step's span, or "" if unknown."""
    calls_below: dict[str, tuple[Call, ...]] = {}
    for root in calls_of(spans, context.parties.name_of, context.endpoints.template):
        calls_below[root.parent_id] = (*calls_below.get(root.parent_id, ()), root.call)
    return calls_below


def with_scenarios(recorded: Recorded) -> list[Exchange]:
    """The exchanges between components, each with the scenario whose trace it belongs to."""
    scenario_of = {exchange.trace_id: exchange.scenario for exchange in recorded.exchanges if exchange.trace_id}
    return [replace(exchange, scenario=scenario_of.get(exchange.trace_id, "")) for exchange in recorded.between]


def _checked(exchanges: Iterable[Exchange], context: AnalysisContext
             ) -> tuple[tuple[Violation, ...], tuple[Undocumented, ...], tuple[Unchecked, ...]]:
    """Each kind of violation once, with its count and scenarios, and everything that is undocumented or unchecked.

    Endpoints for health and version in environments.yml need no documentation.
    """
    violations: dict[tuple[object, ...], Violation] = {}
    undocumented: dict[Undocumented, None] = {}
    unchecked: Counter[Unchecked] = Counter()
    for exchange in exchanges:
        checked = context.contracts.check(exchange)
        unchecked.update(each for each in checked.unchecked if not _is_probed(each.edge, context) or each.where)
        for violation in checked.violations:
            known = violations.get(key_of(violation))
            scenarios = dict.fromkeys([*(known.scenarios if known else ()), exchange.scenario])
            violations[key_of(violation)] = replace(known or violation, count=(known.count if known else 0) + 1,
                                                scenarios=tuple(name for name in scenarios if name))
        undocumented.update((each, None) for each in context.contracts.undocumented(exchange)
                            if each.where or not _is_probed(each.edge, context))
    return (tuple(violations.values()), tuple(undocumented),
            tuple(replace(each, count=count) for each, count in unchecked.items()))


def _is_probed(edge: Edge, context: AnalysisContext) -> bool:
    return edge.endpoint in context.probed_endpoints.get(edge.callee, ())


def _shapes_of(exchanges: Iterable[Exchange], context: AnalysisContext) -> Shapes:
    shapes = Shapes(context.endpoints)
    for exchange in exchanges:
        shapes.learn(replace(exchange, request=_with_party_names(exchange.request, context.parties),
                             response=_with_party_names(exchange.response, context.parties)))
    return shapes


def _with_party_names(message: Message, parties: Parties) -> Message:
    return replace(message, headers=tuple((name, parties.by_name(value)) for name, value in message.headers))


def _crossed(trees: Iterable[tuple[Call, ...]], below: Mapping[str, tuple[Call, ...]],
             between: Iterable[Exchange]) -> dict[tuple[str, str], int]:
    """(caller, callee) → number of calls. Direct calls of steps are not edges of the system."""
    counts: Counter[tuple[str, str]] = Counter()
    inner = [call.edge for calls in below.values() for root in calls for call in root.walk()]
    outer = [root.edge for calls in trees for root in calls if root.edge.caller != STEP]
    counts.update((edge.caller, edge.callee) for edge in [*inner, *outer] if edge.caller)
    for pair in {(exchange.caller, exchange.callee) for exchange in between}:
        counts.setdefault(pair, 1)
    return dict(counts)


def _uncrossed(own: TrafficBaseline, declared: Mapping[str, Sequence[str]],
               baseline: TrafficBaseline | None) -> tuple[tuple[str, str], ...]:
    """The edges that are declared or in the baseline, but were not called now; empty without traces."""
    if not own.traced:
        return ()
    known = {(caller, callee) for caller, callees in declared.items() for callee in callees}
    if baseline is not None:
        # a service's declared calls override the baseline
        known |= {pair for pair in baseline.crossed if pair[0] not in declared}
    return tuple(sorted(known - set(own.crossed)))


def _hops(scenarios: Iterable[Scenario], trees: Mapping[str, tuple[Call, ...]],
          baseline: TrafficBaseline | None) -> dict[str, tuple[Call, ...]]:
    hops = {}
    of_all = merged_stats(baseline.call_stats) if baseline is not None else {}
    for scenario in scenarios:
        if scenario.attempts and not scenario.passed:
            calls = trees.get(scenario.key, ())
            if baseline is not None:
                calls = only_new_errors(calls, baseline.call_stats.get(scenario.key) or of_all)
            if hop := failing_hop(calls):
                hops[scenario.key] = hop
    return hops


def _hops_of_probed(trees: Mapping[str, tuple[Call, ...]]) -> dict[str, tuple[Call, ...]]:
    """A probe is traced where its answer differs from the baseline's: each of its errors counts."""
    return {key: hop for key, calls in trees.items() if (hop := failing_hop(calls))}


def _changes(scenarios: Iterable[Scenario], own: TrafficBaseline,
             baseline: TrafficBaseline | None) -> dict[str, tuple[CallChange, ...]]:
    """Changes by failing scenario, for the scenarios that the baseline has."""
    if baseline is None:
        return {}
    all_now, all_then = merged_stats(own.call_stats), merged_stats(baseline.call_stats)
    return {scenario.key: call_changes(own.call_stats[scenario.key], known, all_now, all_then)
            for scenario in scenarios if scenario.attempts and not scenario.passed
            and (known := baseline.call_stats.get(scenario.key)) is not None}


def _roots_of_load(below: Mapping[str, tuple[Call, ...]], foreign: Mapping[str, tuple[Call, ...]],
                   load_s: tuple[float, float] | None) -> list[Call]:
    """Calls of the generator during load: those that it traced, and all from an unknown caller."""
    if load_s is None:
        return []
    calls = (*below.get(LOAD_SPAN_ID, ()), *below.get("", ()), *foreign.get("", ()))
    return [call for call in calls if load_s[0] <= call.started_s <= load_s[1]]
