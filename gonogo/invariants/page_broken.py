"""Page broken: uncaught errors, parts of a page that are missing, calls of a page that fail, in whatever scenario.

A page that tells its reader of an error that a scenario provokes is not broken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from gonogo.invariants.shown import answer_place, page_name
from gonogo.model.calls import BROWSER
from gonogo.model.exchange import Exchange
from gonogo.model.invariants import ConsoleMessage, Fault
from gonogo.model.outside import OutsideRecord, PageView, Place, PlaceKind
from gonogo.model.rules.invariants import PageBroken
from gonogo.outside import Seen
from gonogo.outside.json_items import leaves_of
from gonogo.outside.pages import lines_of
from gonogo.traffic.http.endpoints import Endpoints

RULE = "page-broken"
_PARTS = frozenset(("script", "stylesheet", "image", "font", "media"))
_ENDED_BY_US = ("ERR_ABORTED", "NS_BINDING_ABORTED", "ERR_BLOCKED_BY_CLIENT", "no answer")
_HANDLED = frozenset((400, 401, 403, 404, 409, 410, 412, 422, 429))  # by a page that shows it
_TELLING = ("alert", "status", "alertdialog", "dialog")  # roles of what tells its reader something
_HOLDS_TELLING = re.compile(rf" *- (?:{'|'.join(_TELLING)})\b.*:")
_MIN_TOLD = 8  # characters of a text of an answer that a page shows
_VALUE = re.compile(r"https?://\S+|\"[^\"]*\"|'[^']*'|`[^`]*`|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|\d+")
_MAX_TEXT = 200


def pages_broken(seen: Seen, console: Mapping[str, Sequence[ConsoleMessage]], endpoints: Endpoints, *,
                 new_scenario: frozenset[str], compared: bool) -> Iterator[Fault]:
    """`console` is by scenario. In a `new_scenario`, and without a baseline, a call that is refused may be meant."""
    for key, messages in console.items():
        yield from (_uncaught(key, message) for message in messages if message.kind == "pageerror")
    for exchange in seen.exchanges:
        if exchange.caller == BROWSER and exchange.callee not in seen.tools and _fails(exchange):
            record = seen.records.get(exchange.scenario)
            meant = _may_be_meant(exchange) and (not compared or exchange.scenario in new_scenario)
            yield replace(_failed(exchange, endpoints, certain=not meant),
                          told=record is not None and _is_told(exchange, record))


def _uncaught(key: str, message: ConsoleMessage) -> Fault:
    text = next((line.strip() for line in message.text.splitlines() if line.strip()), "error")[:_MAX_TEXT]
    place = Place(PlaceKind.PAGE, page_name(message.at), message.person)
    return Fault(RULE, ("error", _VALUE.sub("…", text)), PageBroken(place=place, cause="error", text=text), key)


def _failed(exchange: Exchange, endpoints: Endpoints, *, certain: bool) -> Fault:
    """Known in its own scenario only: another one may not fail. Equal ones of several scenarios are one finding."""
    place = answer_place(exchange, endpoints)
    kind = "page" if exchange.resource_type == "document" else "part" if exchange.resource_type in _PARTS else "call"
    outcome = str(exchange.status) if exchange.status else _cause(exchange.failure)
    alike = (kind, place.component, place.name, outcome)
    parameters = PageBroken(place=place, cause=kind, text=outcome)
    return Fault(RULE, (exchange.scenario, *alike), parameters, exchange.scenario, place.component, certain=certain,
                 group=alike, meant_if_known=_may_be_meant(exchange))


def _fails(exchange: Exchange) -> bool:
    if exchange.status == 0:
        return bool(exchange.failure) and not any(each in exchange.failure for each in _ENDED_BY_US)
    return exchange.status >= 400


def _may_be_meant(exchange: Exchange) -> bool:
    return 400 <= exchange.status < 500 and exchange.resource_type not in _PARTS


def _is_told(exchange: Exchange, record: OutsideRecord) -> bool:
    """Whether the page shows its reader that it was refused: with words of the answer, or as an alert."""
    if exchange.status not in _HANDLED or exchange.resource_type in _PARTS:
        return False
    told = {value.strip() for _, value in leaves_of(exchange.response.json())
            if isinstance(value, str) and len(value.strip()) >= _MIN_TOLD}
    return any(_tells(view, told) for view in _after(exchange, record))


def _after(exchange: Exchange, record: OutsideRecord) -> Iterable[PageView]:
    """The person's first pages that were recorded at or after the end of the step of the exchange."""
    ended = [step.index for step in record.steps if step.ended_s >= exchange.started_s]
    views = [view for view in record.pages if ended and view.person == exchange.person and view.step >= ended[0]]
    first = min((view.step for view in views), default=0)
    return (view for view in views if view.step == first)


def _tells(view: PageView, told: set[str]) -> bool:
    is_telling, text = _read(view.tree)
    return is_telling or any(each in text for each in told)


@lru_cache(maxsize=512)  # the pages of a scenario
def _read(tree: str) -> tuple[bool, str]:
    """Whether a page has an element that tells something, and its texts. Pages whose calls fail again are read once."""
    lines = [line for line in lines_of(tree) if line.text]
    is_telling = any(line.role.partition(" ")[0] in _TELLING for line in lines) or any(
        map(_HOLDS_TELLING.match, tree.splitlines()))
    return is_telling, "\n".join(line.text for line in lines)


def _cause(failure: str) -> str:
    """The kind of a failure, without what it is about: "csp", "net::ERR_CONNECTION_REFUSED"."""
    return re.split(r"[:\s](?!:)\s*", failure.replace("::", "\0"), maxsplit=1)[0].replace("\0", "::")[:_MAX_TEXT]
