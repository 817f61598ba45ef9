"""Each scenario's calls as trees: the browser's and the steps' exchanges, and below them what spans tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from gonogo.model.calls import Call, Edge
from gonogo.model.exchange import Exchange
from gonogo.traffic.http.endpoints import Endpoints
from gonogo.traffic.http.problem_documents import ReportedProblem, follow

# What a page is made of says nothing about who called whom, unless it fails.
_STATIC = frozenset({"script", "stylesheet", "image", "font", "media", "manifest", "texttrack"})


def trees_of_scenarios(exchanges: Iterable[Exchange], below: Mapping[str, tuple[Call, ...]],
                       endpoints: Endpoints) -> dict[str, tuple[Call, ...]]:
    """Key of a scenario → the calls of its browser and steps; `below` are the calls that each span id led to."""
    found: dict[str, list[Call]] = {}
    tracing = frozenset(call.edge.caller for calls in below.values() for root in calls for call in root.walk())
    for exchange in sorted(exchanges, key=lambda exchange: exchange.started_s):
        if exchange.scenario and not _is_static(exchange) and not _was_given_up(exchange):
            found.setdefault(exchange.scenario, []).append(_tree(exchange, below, endpoints, tracing))
    return {key: tuple(calls) for key, calls in found.items()}


def error_texts_of(exchanges: Iterable[Exchange]) -> dict[str, str]:
    """Span id → what the answer of a failed call said, for the exchanges that were recorded between components."""
    return {exchange.span_id: follow(exchange.response.json()).error_text for exchange in exchanges
            if exchange.span_id and (exchange.status == 0 or exchange.status >= 400)}


def with_error_texts(calls: tuple[Call, ...], texts: Mapping[str, str]) -> tuple[Call, ...]:
    """`calls` with the error texts of the callees of failed ones; `texts` are by span id."""
    return tuple(replace(call, error_text=call.error_text or texts.get(call.span_id, ""),
                         calls=with_error_texts(call.calls, texts)) for call in calls)


def _is_static(exchange: Exchange) -> bool:
    return exchange.resource_type in _STATIC and 0 < exchange.status < 400


def _was_given_up(exchange: Exchange) -> bool:
    """A page that is left gives up what it had asked for: nobody failed to answer."""
    return exchange.status == 0 and "ERR_ABORTED" in exchange.failure


def _tree(exchange: Exchange, below: Mapping[str, tuple[Call, ...]], endpoints: Endpoints,
          tracing: frozenset[str]) -> Call:
    """`tracing` are the components whose own calls are seen: where there is none, such a one has asked nobody."""
    seen = below.get(exchange.span_id, ()) if exchange.span_id else ()
    call = Call(endpoints.edge(exchange), exchange.status, exchange.started_s, exchange.duration_ms,
                span_id=exchange.span_id, error_text=exchange.failure, step=exchange.step,
                calls=tuple(_made_by_the_answer(seen)))
    if not call.failed:
        return call
    problem = follow(exchange.response.json())
    if call.calls:
        return _with_error_text(call, problem)
    if seen and call.edge.callee in tracing:  # whatever it reports of a neighbour: it failed before it got there
        return replace(call, error_text=call.error_text or problem.error_text)
    return replace(call, error_text=call.error_text or ("" if len(problem.chain) > 1 else problem.error_text),
                   calls=_calls_reported_by(problem, call))


def _made_by_the_answer(calls: Iterable[Call]) -> Iterator[Call]:
    """A root call without a caller is the exchange itself, as its callee saw it: what counts is what is below it."""
    for call in calls:
        if call.edge.caller:
            yield call
        else:
            yield from call.calls


def _calls_reported_by(told_of: ReportedProblem, call: Call) -> tuple[Call, ...]:
    """Without spans: the calls that the problem document tells of, of which only the parties are known."""
    parties = list(told_of.chain)
    if parties[:1] != [call.edge.callee]:
        parties.insert(0, call.edge.callee)
    calls: tuple[Call, ...] = ()
    for index in range(len(parties) - 1, 0, -1):
        deepest = index == len(parties) - 1
        calls = (Call(Edge(parties[index - 1], parties[index], call.edge.method, call.edge.endpoint), call.status,
                      call.started_s, error_text=told_of.error_text if deepest else "", calls=calls),)
    return calls


def _with_error_text(call: Call, told_of: ReportedProblem) -> Call:
    """What the problem document says belongs to the failed call of the one who said it."""
    if not told_of.chain or call.edge.callee == told_of.chain[-1]:
        return replace(call, error_text=call.error_text or told_of.error_text)
    return replace(call, calls=tuple(_with_error_text(each, told_of) if each.failed else each for each in call.calls))
