"""The calls of each scenario as trees: exchanges of the browser and of steps, with the calls from spans below them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from gonogo.model.calls import Call, Edge
from gonogo.model.exchange import Exchange
from gonogo.traffic.http.endpoints import Endpoints
from gonogo.traffic.http.problem_documents import ReportedProblem, reported_problem

# Resources of a page are not calls between components, unless they fail.
_STATIC = frozenset({"script", "stylesheet", "image", "font", "media", "manifest", "texttrack"})


def trees_of_scenarios(exchanges: Iterable[Exchange], below: Mapping[str, tuple[Call, ...]],
                       endpoints: Endpoints) -> dict[str, tuple[Call, ...]]:
    """Scenario key → the calls of its browser and steps; `below` are the calls below each span id."""
    trees: dict[str, list[Call]] = {}
    tracing = frozenset(call.edge.caller for calls in below.values() for root in calls for call in root.walk())
    for exchange in sorted(exchanges, key=lambda exchange: exchange.started_s):
        if exchange.scenario and not _is_static(exchange) and not _was_aborted(exchange):
            trees.setdefault(exchange.scenario, []).append(_tree(exchange, below, endpoints, tracing))
    return {key: tuple(calls) for key, calls in trees.items()}


def error_texts_of(exchanges: Iterable[Exchange]) -> dict[str, str]:
    """Span id → the error text in the answer of a failed call, for exchanges recorded between components."""
    return {exchange.span_id: reported_problem(exchange.response.json()).error_text for exchange in exchanges
            if exchange.span_id and (exchange.status == 0 or exchange.status >= 400)}


def with_error_texts(calls: tuple[Call, ...], texts: Mapping[str, str]) -> tuple[Call, ...]:
    """`calls`, with the callees' error texts added to those that have none; `texts` are by span id."""
    return tuple(replace(call, error_text=call.error_text or texts.get(call.span_id, ""),
                         calls=with_error_texts(call.calls, texts)) for call in calls)


def _is_static(exchange: Exchange) -> bool:
    return exchange.resource_type in _STATIC and 0 < exchange.status < 400


def _was_aborted(exchange: Exchange) -> bool:
    """Whether the browser aborted the request, as when it leaves a page: the callee did not fail."""
    return exchange.status == 0 and "ERR_ABORTED" in exchange.failure


def _tree(exchange: Exchange, below: Mapping[str, tuple[Call, ...]], endpoints: Endpoints,
          tracing: frozenset[str]) -> Call:
    """`tracing` are the components that send spans of their calls: without such a span, one of these made no call."""
    inner = below.get(exchange.span_id, ()) if exchange.span_id else ()
    call = Call(endpoints.edge(exchange), exchange.status, exchange.started_s, exchange.duration_ms,
                span_id=exchange.span_id, error_text=exchange.failure, step=exchange.step,
                calls=tuple(_made_by_the_callee(inner)))
    if not call.failed:
        return call
    problem = reported_problem(exchange.response.json())
    if call.calls:
        return _with_error_text(call, problem)
    if inner and call.edge.callee in tracing:  # it failed before it called the neighbour that it reports
        return replace(call, error_text=call.error_text or problem.error_text)
    return replace(call, error_text=call.error_text or ("" if len(problem.chain) > 1 else problem.error_text),
                   calls=_calls_reported_by(problem, call))


def _made_by_the_callee(calls: Iterable[Call]) -> Iterator[Call]:
    """The calls that the callee made. A root call without a caller is the exchange itself, from the callee's span."""
    for call in calls:
        if call.edge.caller:
            yield call
        else:
            yield from call.calls


def _calls_reported_by(problem: ReportedProblem, call: Call) -> tuple[Call, ...]:
    """Without spans: the calls that the problem document reports, of which only the parties are known."""
    parties = list(problem.chain)
    if parties[:1] != [call.edge.callee]:
        parties.insert(0, call.edge.callee)
    calls: tuple[Call, ...] = ()
    for index in range(len(parties) - 1, 0, -1):
        deepest = index == len(parties) - 1
        calls = (Call(Edge(parties[index - 1], parties[index], call.edge.method, call.edge.endpoint), call.status,
                      call.started_s, error_text=problem.error_text if deepest else "", calls=calls),)
    return calls


def _with_error_text(call: Call, problem: ReportedProblem) -> Call:
    """Set the error text on the failed call whose callee wrote the problem document."""
    if not problem.chain or call.edge.callee == problem.chain[-1]:
        return replace(call, error_text=call.error_text or problem.error_text)
    return replace(call, calls=tuple(_with_error_text(each, problem) if each.failed else each for each in call.calls))
