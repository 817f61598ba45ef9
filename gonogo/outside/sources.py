"""Where the values of a scenario come from: people's inputs, requests of steps and pages, earlier answers.

A value keeps the name of its source in every run, whatever it is in one: "Ana: Surname", "POST /api/bookings: id".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from gonogo.model.calls import STEP
from gonogo.model.drawn import DrawnValue
from gonogo.model.exchange import Exchange, Message
from gonogo.model.outside import OutsideRecord
from gonogo.outside.json_items import leaves_of, shown
from gonogo.outside.texts import is_opaque
from gonogo.secrets.masking import is_masked
from gonogo.traffic.http.endpoints import Endpoints

MAX_SOURCES = 20_000
_MIN_NAMED, _MAX_VALUE = 3, 200
_FIGURES = re.compile(r"[\d\s.,:/+−-]+")
_MOMENT = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Told:
    """All that people and steps told the system in a scenario, and its answers; `drawn` are test data, `exchanges` in
    order, `partners` those with third parties.
    """

    record: OutsideRecord
    drawn: Sequence[DrawnValue]
    exchanges: Sequence[Exchange]
    partners: Sequence[Exchange] = ()


def sources_of(told: Told, endpoints: Endpoints, varying: Collection[str] = (), tools: Collection[str] = (),
               ) -> dict[str, str]:
    """Value → the name of its source, "" for one that is data and stands for itself.

    `varying` are the members of answers whose values differ from run to run, as earlier runs have shown: `POST
    /api/bookings: reference`. `tools` are components that serve the suite, such as the test gateways of third parties:
    what they answer to a step's writing request is an input, dates and times included.
    """
    sources: dict[str, str] = {}
    for value, name in _named(told, endpoints, frozenset(varying), frozenset(tools)):
        if len(sources) >= MAX_SOURCES:
            break
        if name or value not in sources:
            sources.setdefault(value, name)
            if name and not sources[value]:
                sources[value] = name
    return sources


def person_of(name: str) -> str:
    """The person whose input a source is, "" for any other."""
    person, colon, _ = name.strip("‹›").partition(": ")
    return person if colon and "/" not in person else ""


def _named(told: Told, endpoints: Endpoints, varying: frozenset[str], tools: frozenset[str]
           ) -> Iterator[tuple[str, str]]:
    seen: Counter[tuple[str, str]] = Counter()
    for each in told.record.inputs:
        if _is_named(each.value):
            seen[each.person, each.name] += 1
            times = seen[each.person, each.name]
            yield each.value, f"‹{each.person}: {each.name}{f' {times}' if times > 1 else ''}›"
    yield from ((each.value, f"‹{each.name}›") for each in told.drawn if _is_named(each.value))
    for exchange in told.exchanges:
        operation = endpoints.edge(exchange).operation
        if exchange.caller == STEP:
            yield from _of_message(exchange.request, operation)
        if exchange.caller == STEP and exchange.callee in tools:
            if not exchange.reads:  # what a step reads there is what the system has sent
                yield from _of_message(exchange.response, operation)
        else:
            yield from _of_answer(exchange, operation, varying)
    for exchange in told.partners:
        yield from _of_answer(exchange, endpoints.edge(exchange).operation, varying)


def _of_message(message: Message, operation: str) -> Iterator[tuple[str, str]]:
    """What a step sends to the system or gets from a tool is an input too; of a moment, its date and its time."""
    times: Counter[str] = Counter()
    for path, value in leaves_of(message.json()):
        if isinstance(value, str) and _is_named(value):
            times[path] += 1
            name = f"{operation}: {path}{f' {times[path]}' if times[path] > 1 else ''}"
            yield value, f"‹{name}›"
            if moment := _MOMENT.match(value):
                yield moment["day"], f"‹{name}›"
                yield moment["time"], f"‹{name} time›"


def _of_answer(exchange: Exchange, operation: str, varying: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Those of a list have one name: lists grow from run to run, and which of them it is tells nothing."""
    for path, value in leaves_of(exchange.response.json()):
        varies = f"{operation}: {path}" in varying
        text = shown(value) if varies else value
        if not isinstance(text, str) or not _MIN_NAMED <= len(text) <= _MAX_VALUE or is_masked(text):
            continue
        if varies or is_opaque(text):
            named = ".".join("[id]" if is_opaque(name) else name for name in path.split("."))
            yield text, f"‹{operation}: {named}›"
        elif any(map(str.isalpha, text)) and not _MOMENT.match(text) and not text.startswith(("http:", "https:", "/")):
            yield text, ""


def _is_named(value: str) -> bool:
    """Whether an input is told by its name: a number or a time is compared as it is."""
    if _DATE.fullmatch(value):
        return True
    return (_MIN_NAMED <= len(value) <= _MAX_VALUE and not _FIGURES.fullmatch(value) and not is_masked(value)
            and value.lower() not in ("true", "false", "null", "none"))
