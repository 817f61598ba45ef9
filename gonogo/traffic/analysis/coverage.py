"""What each scenario meets, in few words: whom it leads to ask whom, how that is answered, and what it puts in.

The order of scenarios is made of it, where a failure ends the run; nothing is judged by it.
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
_LASTING_S = (0.5, 1.0, 2.0)
_LONGEST_LOOKED_AT = 200
_PROSE = ("text", "name")
_LAST_OF_LATIN_1 = 0xFF
_NUMBERS = ("none", "one", "many")
_MONTH = re.compile(r"(?<!\d)\d{4}-(0[1-9]|1[0-2])-\d\d(?!\d)")
_WHEN_CLOCKS_ARE_PUT_FORWARD = range(4, 10)  # months, in the north; in the south it is the other half


def coverage_of_scenarios(trees: Mapping[str, tuple[Call, ...]], exchanges: Iterable[Exchange], endpoints: Endpoints,
                     pages: str | None) -> dict[str, frozenset[CallKind]]:
    """By a scenario's key: the kinds of its calls, and what was special in them.

    A call that is made again, or often, or takes half a second, one or two, or is made as long after the first of its
    trace, is of another kind than one that is not. What a browser sends is sent by the component that made its `pages`.
    What is put in (the language it is asked in, each character of what people write that is neither letter nor digit,
    each script), where steps look after it, in which half of the year the days are that are asked for, whether a list
    has none, one or many, and what is answered otherwise when it is asked for again, has neither caller nor callee: it
    is passed on by components that nobody sees it sent to.
    """
    found: dict[str, set[CallKind]] = defaultdict(set)
    for key, calls in trees.items():
        found[key].update(_kinds_of(calls, pages))
    of_scenario: dict[str, list[Exchange]] = defaultdict(list)
    for exchange in exchanges:
        of_scenario[exchange.scenario].append(exchange)
    of_scenario.pop("", None)
    for key, own in of_scenario.items():
        found[key].update(CallKind("", "", what) for what in _passed_on(own, endpoints))
    return {key: frozenset(kinds) for key, kinds in found.items()}


def _kinds_of(calls: Iterable[Call], pages: str | None) -> Iterator[CallKind]:
    counts: Counter[CallKind] = Counter()
    for call, after_s in ((call, call.started_s - root.started_s) for root in calls for call in root.walk()):
        sender = pages or BROWSER if call.edge.caller == BROWSER else call.edge.caller
        kind = CallKind(sender, call.edge.callee, f"{call.edge.operation} {call.status}")
        counts[kind] += 1
        for least_s in _LASTING_S:
            if call.duration_ms >= least_s * 1000:
                yield kind._replace(call=f"{kind.call} for {least_s:g} s")
            if after_s >= least_s:
                yield kind._replace(call=f"{kind.call} after {least_s:g} s")
    for kind, count in counts.items():
        yield kind
        for times, word in _TIMES.items():
            if count >= times:
                yield kind._replace(call=f"{kind.call} {word}")


def _passed_on(exchanges: Iterable[Exchange], endpoints: Endpoints) -> Iterator[str]:
    """Of one scenario, in the order of its exchanges."""
    specials: set[str] = set()
    answered: dict[tuple[str, str], Message] = {}
    for exchange in exchanges:
        operation = endpoints.edge(exchange).operation
        yield from (f"{operation} {what}" for what in (
            *_language(exchange), *_halves_of_the_year(exchange), *_numbers_of_things(exchange)))
        specials |= {f"{operation} {what}" for what in _put_in(exchange)}
        if exchange.caller == STEP:
            yield from (f"{special}, then {exchange.callee}" for special in specials)
        if exchange.method == "GET" and exchange.status:
            earlier = answered.setdefault((exchange.caller, exchange.url), exchange.response)
            if earlier.body != exchange.response.body:
                yield f"{operation} answered otherwise"
    yield from specials


def _language(exchange: Exchange) -> Iterator[str]:
    if exchange.caller == BROWSER and (languages := exchange.request.header("Accept-Language")):
        yield languages.partition(",")[0]


def _halves_of_the_year(exchange: Exchange) -> Iterator[str]:
    """Of the days that are asked for: a clock that is right today need not be so half a year from now."""
    body = exchange.request.body
    asked = f"{exchange.url} {(body and body.text) or ''}"
    for forward in {int(month) in _WHEN_CLOCKS_ARE_PUT_FORWARD for month in _MONTH.findall(asked)}:
        yield "in April to September" if forward else "in October to March"


def _put_in(exchange: Exchange) -> Iterator[str]:
    if exchange.request.body is None:
        return
    for where, _, _, value in places_of(Message(body=exchange.request.body), "request"):
        if isinstance(value, str) and not is_masked(value) and _is_prose(value):
            for special in {_special(character) for character in value[:_LONGEST_LOOKED_AT]} - {""}:
                yield f"{where} {special}"


def _is_prose(text: str) -> bool:
    """As people write, names among it: the dashes of a date and the dots of an address are nothing special."""
    return format_of(text.strip()) in _PROSE and not any(map(str.isdigit, text))


def _special(character: str) -> str:
    """Its script where that is foreign to ASCII, itself where it is neither letter, digit nor space.

    Of Latin letters those that ISO 8859-1 has are another script: it is what text becomes where nobody names a charset.
    """
    if character.isascii():
        return "" if character.isalnum() or character == " " else character
    script = unicodedata.name(character, "?").partition(" ")[0]
    return "LATIN-1" if script == "LATIN" and ord(character) <= _LAST_OF_LATIN_1 else script


def _numbers_of_things(exchange: Exchange) -> Iterator[str]:
    """Zero, one, many: what is right for one passenger need not be for three, nor for no flight at all."""
    within = [("request", exchange.request.json()), (str(exchange.status), exchange.response.json())]
    while within:
        where, value = within.pop()
        if isinstance(value, list):
            yield f"{where} with {_NUMBERS[min(len(value), 2)]}"
            within += [(f"{where}[]", item) for item in value]
        elif isinstance(value, dict):
            within += [(f"{where}.{name}", item) for name, item in value.items()]
