"""The coverage of each scenario: its kinds of calls with their statuses, and its special kinds of data.

It decides the order of scenarios if a failure ends the run. The verdict does not use it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from gonogo.model.calls import BROWSER, STEP, Call, CallKind
from gonogo.model.exchange import Exchange, Message
from gonogo.secrets.masking import is_masked
from gonogo.traffic.http.endpoints import Endpoints
from gonogo.traffic.shapes.formats import format_of
from gonogo.traffic.shapes.places import places_of

_TIMES = {2: "again", 4: "often"}
_DURATIONS_S = (0.5, 1.0, 2.0)
_MAX_CHARS = 200
_PROSE = ("text", "name")
_LAST_OF_LATIN_1 = 0xFF
_NUMBERS = ("none", "one", "many")
_MONTH = re.compile(r"(?<!\d)\d{4}-(0[1-9]|1[0-2])-\d\d(?!\d)")
_SUMMER_TIME_MONTHS = range(4, 10)  # months, in the north; in the south it is the other half


def coverage_of_scenarios(trees: Mapping[str, tuple[Call, ...]], exchanges: Iterable[Exchange], endpoints: Endpoints,
                     pages: str | None) -> dict[str, frozenset[CallKind]]:
    """Scenario key → the kinds of its calls and of their data.

    A call that is repeated (2 or 4 times), slow (0.5, 1 or 2 s) or late (0.5, 1 or 2 s after the first of its trace)
    has an additional kind. The browser's calls count as calls of `pages`, the component that serves the pages.

    Kinds of data have no caller and callee, because components pass data on to others: the language, special
    characters and scripts of text input, the components that steps call after it, the half of the year of requested
    dates, lists with no, one or many items, and GET requests that are answered differently when repeated.
    """
    kinds_of: dict[str, set[CallKind]] = defaultdict(set)
    for key, calls in trees.items():
        kinds_of[key].update(_kinds_of(calls, pages))
    of_scenario: dict[str, list[Exchange]] = defaultdict(list)
    for exchange in exchanges:
        of_scenario[exchange.scenario].append(exchange)
    of_scenario.pop("", None)
    for key, own in of_scenario.items():
        kinds_of[key].update(CallKind("", "", what) for what in _data_kinds(own, endpoints))
    return {key: frozenset(kinds) for key, kinds in kinds_of.items()}


def _kinds_of(calls: Iterable[Call], pages: str | None) -> Iterator[CallKind]:
    counts: Counter[CallKind] = Counter()
    for call, after_s in ((call, call.started_s - root.started_s) for root in calls for call in root.walk()):
        sender = pages or BROWSER if call.edge.caller == BROWSER else call.edge.caller
        kind = CallKind(sender, call.edge.callee, f"{call.edge.operation} {call.status}")
        counts[kind] += 1
        for min_s in _DURATIONS_S:
            if call.duration_ms >= min_s * 1000:
                yield kind._replace(call=f"{kind.call} for {min_s:g} s")
            if after_s >= min_s:
                yield kind._replace(call=f"{kind.call} after {min_s:g} s")
    for kind, count in counts.items():
        yield kind
        for times, word in _TIMES.items():
            if count >= times:
                yield kind._replace(call=f"{kind.call} {word}")


def _data_kinds(exchanges: Iterable[Exchange], endpoints: Endpoints) -> Iterator[str]:
    """The kinds of data in the exchanges of one scenario, which must be in order."""
    specials: set[str] = set()
    responses: dict[tuple[str, str], Message] = {}
    for exchange in exchanges:
        operation = endpoints.edge(exchange).operation
        yield from (f"{operation} {what}" for what in (
            *_language(exchange), *_halves_of_the_year(exchange), *_numbers_of_things(exchange)))
        specials |= {f"{operation} {what}" for what in _inputs(exchange)}
        if exchange.caller == STEP:
            yield from (f"{special}, then {exchange.callee}" for special in specials)
        if exchange.method == "GET" and exchange.status:
            earlier = responses.setdefault((exchange.caller, exchange.url), exchange.response)
            if earlier.body != exchange.response.body:
                yield f"{operation} answered otherwise"
    yield from specials


def _language(exchange: Exchange) -> Iterator[str]:
    if exchange.caller == BROWSER and (languages := exchange.request.header("Accept-Language")):
        yield languages.partition(",")[0]


def _halves_of_the_year(exchange: Exchange) -> Iterator[str]:
    """The half of the year of each requested date: errors with daylight saving time occur in one half only."""
    body = exchange.request.body
    requested = f"{exchange.url} {(body and body.text) or ''}"
    for forward in {int(month) in _SUMMER_TIME_MONTHS for month in _MONTH.findall(requested)}:
        yield "in April to September" if forward else "in October to March"


def _inputs(exchange: Exchange) -> Iterator[str]:
    if exchange.request.body is None:
        return
    for where, _, _, value in places_of(Message(body=exchange.request.body), "request"):
        if isinstance(value, str) and not is_masked(value) and _is_prose(value):
            for special in {_special(character) for character in value[:_MAX_CHARS]} - {""}:
                yield f"{where} {special}"


def _is_prose(text: str) -> bool:
    """Whether `text` is natural language or a name: the punctuation of dates and addresses is not special."""
    return format_of(text.strip()) in _PROSE and not any(map(str.isdigit, text))


def _special(character: str) -> str:
    """The script of a character that is not ASCII, or an ASCII character that is not a letter, digit or space; else "".

    The Latin letters of ISO 8859-1, the usual default charset, count as a separate script.
    """
    if character.isascii():
        return "" if character.isalnum() or character == " " else character
    script = unicodedata.name(character, "?").partition(" ")[0]
    return "LATIN-1" if script == "LATIN" and ord(character) <= _LAST_OF_LATIN_1 else script


def _numbers_of_things(exchange: Exchange) -> Iterator[str]:
    """Lists with no, one or many items: a program may handle one passenger correctly, but not three."""
    pending = [("request", exchange.request.json()), (str(exchange.status), exchange.response.json())]
    while pending:
        where, value = pending.pop()
        if isinstance(value, list):
            yield f"{where} with {_NUMBERS[min(len(value), 2)]}"
            pending += [(f"{where}[]", item) for item in value]
        elif isinstance(value, dict):
            pending += [(f"{where}.{name}", item) for name, item in value.items()]
