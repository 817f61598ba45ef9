"""Joins the components' errors with the scenarios in whose traces they were logged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from gonogo.model.exchange import Exchange
from gonogo.model.exposures import LoggedErrors
from gonogo.model.logs import LogRecord
from gonogo.model.span import SCENARIO, Span

MAX_ERRORS = 20  # of a scenario that are kept


def logged_errors(logs: Iterable[LogRecord], exchanges: Iterable[Exchange], spans: Sequence[Span]) -> LoggedErrors:
    """The errors of each scenario in order, the first ones. A record without a trace belongs to no scenario."""
    scenario_of = _scenarios_by_trace(exchanges, spans)
    errors: dict[str, list[LogRecord]] = defaultdict(list)
    elsewhere = 0
    for record in logs:
        scenario = scenario_of.get(record.trace_id, "") if record.trace_id else ""
        if record.is_error and not scenario:
            elsewhere += 1
        elif record.is_error and len(errors[scenario]) < MAX_ERRORS:
            errors[scenario].append(record)
    return LoggedErrors({scenario: tuple(records) for scenario, records in errors.items()}, elsewhere)


def _scenarios_by_trace(exchanges: Iterable[Exchange], spans: Sequence[Span]) -> dict[str, str]:
    """Trace id → scenario; also for traces that spans link with one of a scenario, and for the second half of an id."""
    scenarios = {span.trace_id: span.attributes[SCENARIO] for span in spans if span.attributes.get(SCENARIO)}
    scenarios |= {exchange.trace_id: exchange.scenario for exchange in exchanges
                  if exchange.trace_id and exchange.scenario}
    for span in spans:
        for link in span.links:
            if link in scenarios:
                scenarios.setdefault(span.trace_id, scenarios[link])
    return {**{trace_id[16:].zfill(32): scenario for trace_id, scenario in scenarios.items()}, **scenarios}
