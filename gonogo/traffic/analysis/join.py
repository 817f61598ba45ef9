"""join(recorded, last GO) → what the verdict reads of exchanges and spans, and the account that is kept of a GO."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gonogo.model.calls import STEP, Blocked, Call, CallChange, Undocumented, Violation, WireEvidence
from gonogo.model.exchange import Exchange, Message
from gonogo.model.scenarios import Scenario
from gonogo.model.span import Span
from gonogo.traffic.analysis.baseline import Account, habits_of, key_of
from gonogo.traffic.analysis.call_changes import call_changes, only_new_errors, together
from gonogo.traffic.analysis.context import Means
from gonogo.traffic.analysis.coverage import met_by_scenarios
from gonogo.traffic.analysis.failing_hop import failing_hop
from gonogo.traffic.analysis.trees import said_by, told, trees_of_scenarios
from gonogo.traffic.analysis.under_load import compared, edges_under_load
from gonogo.traffic.http.parties import Parties
from gonogo.traffic.shapes import Shapes, differences
from gonogo.traffic.spans.tree import calls_of


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a run left of its traffic.

    `exchanges` are those of the scenarios' last attempts (their `scenario` is set); `between` those that a tap
    recorded between components; `load_s` when load began and ended, in seconds since the epoch, None without load.
    """

    scenarios: Sequence[Scenario]
    exchanges: Sequence[Exchange]
    between: Sequence[Exchange] = ()
    spans: Sequence[Span] = ()
    load_s: tuple[float, float] | None = None
    blocked: Mapping[str, tuple[Blocked, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def join(recorded: Recorded, means: Means, last_go: Account | None) -> tuple[WireEvidence, Account]:
    """The evidence of this run, compared with `last_go` where there is one, and this run's own account."""
    below = _below(recorded.spans, means)
    said = said_by(recorded.between)
    trees = {key: told(calls, said) for key, calls in
             trees_of_scenarios(recorded.exchanges, below, means.endpoints).items()}
    between = _with_scenarios(recorded)
    exchanges = [*recorded.exchanges, *between]
    violations, undocumented = _checked(exchanges, means)
    loaded = edges_under_load(_roots_of_load(below, recorded.load_s))
    account = Account(
        shapes=_learnt(exchanges, means), crossed=_crossed(trees.values(), below, between),
        habits={scenario.key: habits_of(trees.get(scenario.key, ())) for scenario in recorded.scenarios},
        violations=frozenset(map(key_of, violations)), under_load=loaded, traced=bool(below),
        met=met_by_scenarios(trees, recorded.exchanges, means.endpoints, means.pages))
    evidence = WireEvidence(
        exchanges=len(exchanges), calls=trees, hops=_hops(recorded.scenarios, trees, last_go),
        changes=_changes(recorded.scenarios, account, last_go), blocked=recorded.blocked,
        violations=tuple(replace(each, known=last_go is not None and key_of(each) in last_go.violations)
                         for each in violations),
        undocumented=undocumented, crossed=account.crossed, uncrossed=_uncrossed(account, means.declared, last_go),
        without_contract=means.contracts.missing(edge.callee for edge in together(account.habits)),
        components=means.components, pages=means.pages, front=means.front, traced=account.traced,
        problems=(*means.problems, *means.contracts.problems, *recorded.problems))
    if last_go is not None:
        evidence = replace(
            evidence, compared=True, under_load=compared(loaded, last_go.under_load),
            differences=differences(account.shapes, last_go.shapes, ignore=means.ignored))
    return evidence, account


def _below(spans: Iterable[Span], means: Means) -> dict[str, tuple[Call, ...]]:
    """The calls that each span outside of the components led to: the browser's, a step's, or nobody's ("")."""
    found: dict[str, tuple[Call, ...]] = {}
    for root in calls_of(spans, means.parties.name_of, means.endpoints.template):
        found[root.parent_id] = (*found.get(root.parent_id, ()), root.call)
    return found


def _with_scenarios(recorded: Recorded) -> list[Exchange]:
    """The exchanges between components, each with the scenario whose trace it belongs to."""
    scenario_of = {exchange.trace_id: exchange.scenario for exchange in recorded.exchanges if exchange.trace_id}
    return [replace(exchange, scenario=scenario_of.get(exchange.trace_id, "")) for exchange in recorded.between]


def _checked(exchanges: Iterable[Exchange],
             means: Means) -> tuple[tuple[Violation, ...], tuple[Undocumented, ...]]:
    """Each kind of violation once, with its count and scenarios; and everything that is not documented.

    What environments.yml names is known well enough.
    """
    violations: dict[tuple[object, ...], Violation] = {}
    undocumented: dict[Undocumented, None] = {}
    for exchange in exchanges:
        for found in means.contracts.check(exchange):
            known = violations.get(key_of(found))
            scenarios = dict.fromkeys([*(known.scenarios if known else ()), exchange.scenario])
            violations[key_of(found)] = replace(known or found, count=(known.count if known else 0) + 1,
                                                scenarios=tuple(name for name in scenarios if name))
        undocumented.update((each, None) for each in means.contracts.undocumented(exchange)
                            if each.where or each.edge.endpoint not in means.operated.get(each.edge.callee, ()))
    return tuple(violations.values()), tuple(undocumented)


def _learnt(exchanges: Iterable[Exchange], means: Means) -> Shapes:
    shapes = Shapes(means.endpoints)
    for exchange in exchanges:
        shapes.learn(replace(exchange, request=_of_no_place(exchange.request, means.parties),
                             response=_of_no_place(exchange.response, means.parties)))
    return shapes


def _of_no_place(message: Message, parties: Parties) -> Message:
    return replace(message, headers=tuple((name, parties.by_name(value)) for name, value in message.headers))


def _crossed(trees: Iterable[tuple[Call, ...]], below: Mapping[str, tuple[Call, ...]],
             between: Iterable[Exchange]) -> dict[tuple[str, str], int]:
    """How often each component called each other; what steps ask directly is no edge of the system."""
    counts: Counter[tuple[str, str]] = Counter()
    inner = [call.edge for calls in below.values() for root in calls for call in root.walk()]
    outer = [root.edge for calls in trees for root in calls if root.edge.caller != STEP]
    counts.update((edge.caller, edge.callee) for edge in [*inner, *outer] if edge.caller)
    for pair in {(exchange.caller, exchange.callee) for exchange in between}:
        counts.setdefault(pair, 1)
    return dict(counts)


def _uncrossed(account: Account, declared: Mapping[str, Sequence[str]],
               last_go: Account | None) -> tuple[tuple[str, str], ...]:
    """Edges that are declared or were crossed in the last GO and were not crossed now, as far as traces tell."""
    if not account.traced:
        return ()
    known = {(caller, callee) for caller, callees in declared.items() for callee in callees}
    if last_go is not None:
        # a service that says whom it calls has the last word on whom it no longer calls
        known |= {pair for pair in last_go.crossed if pair[0] not in declared}
    return tuple(sorted(known - set(account.crossed)))


def _hops(scenarios: Iterable[Scenario], trees: Mapping[str, tuple[Call, ...]],
          last_go: Account | None) -> dict[str, tuple[Call, ...]]:
    found = {}
    of_all = together(last_go.habits) if last_go is not None else {}
    for scenario in scenarios:
        if scenario.attempts and not scenario.passed:
            calls = trees.get(scenario.key, ())
            if last_go is not None:
                calls = only_new_errors(calls, last_go.habits.get(scenario.key) or of_all)
            if hop := failing_hop(calls):
                found[scenario.key] = hop
    return found


def _changes(scenarios: Iterable[Scenario], account: Account,
             last_go: Account | None) -> dict[str, tuple[CallChange, ...]]:
    """By failing scenario; one that the last GO did not have cannot be compared."""
    if last_go is None:
        return {}
    all_now, all_then = together(account.habits), together(last_go.habits)
    return {scenario.key: call_changes(account.habits[scenario.key], known, all_now, all_then)
            for scenario in scenarios if scenario.attempts and not scenario.passed
            and (known := last_go.habits.get(scenario.key)) is not None}


def _roots_of_load(below: Mapping[str, tuple[Call, ...]], load_s: tuple[float, float] | None) -> list[Call]:
    """Calls from nobody known, while the generator was sending."""
    if load_s is None:
        return []
    return [call for call in below.get("", ()) if load_s[0] <= call.started_s <= load_s[1]]
