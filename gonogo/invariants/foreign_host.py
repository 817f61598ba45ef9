"""Foreign hosts: links, redirects, assets and addresses in mails that lead out of the environment under test.

A host of another environment is worse than one that nobody knows: people are led from PreProd into production, or back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from gonogo.invariants.shown import ShownText, answer_place, is_address
from gonogo.model.calls import BROWSER, STEP
from gonogo.model.exchange import Exchange
from gonogo.model.invariants import Fault
from gonogo.model.outside import Place, PlaceKind
from gonogo.model.reach import Address, Reach, Refusal
from gonogo.model.rules.invariants import ForeignHost
from gonogo.outside import Seen
from gonogo.traffic.http.endpoints import Endpoints

RULE = "foreign-host"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_DEFAULT_PORTS = (80, 443)
_IN_TEXT = re.compile(r"(?:https?|wss?)://[^\s\"'<>\\^`{|}]+", re.IGNORECASE)
_WHOLE = re.compile(r"(?:(?:https?|wss?):)?//[^\s\"'<>\\^`{|}]+", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"\b(?:href|src|action|formaction|poster)\s*=\s*[\"']?(?P<url>(?:https?:)?//[^\s\"'<>]+)", re.IGNORECASE)
_HEADERS = ("location", "content-location", "link", "refresh")
_NAMES = frozenset(("type", "$schema", "@context", "$id", "xmlns"))  # of members whose URL is a name
_END = ".,;:!?)]"  # of a sentence, after an address


@dataclass(frozen=True, slots=True)
class _Found:
    scenario: str
    place: Place
    where: str
    url: str


def foreign_hosts(seen: Seen, texts: Iterable[ShownText], reach: Reach, endpoints: Endpoints, *,
                  compared: bool) -> Iterator[Fault]:
    """Each address that is not of the environment, of its third parties or allowed by `hosts`.

    An unknown host may be meant; only a baseline (`compared`) tells. Another environment's never is.
    """
    hosts = _Hosts(reach)
    partners = {_address(each.url) for each in seen.exchanges if each.callee in seen.third_parties}
    typed = "\n".join(each.value.lower() for record in seen.records.values() for each in record.inputs
                      if "//" in each.value)
    for found in _addresses(seen, texts, endpoints, partners):
        address = _address(found.url)
        refusal = hosts.refuses(address) if address else None
        if address is None or refusal is None or address.host in typed:
            continue
        host = address.host if address.port in _DEFAULT_PORTS else f"{address.host}:{address.port}"
        other = refusal is Refusal.OTHER_ENVIRONMENT
        parameters = ForeignHost(place=found.place, host=host, where=found.where, other_environment=other)
        yield Fault(RULE, (host,), parameters, found.scenario, found.place.component, certain=other or compared)


class _Hosts:
    """`Reach` for addresses that people follow: names of the loopback are equal, and http is as good as https."""

    def __init__(self, reach: Reach) -> None:
        own = frozenset(map(_same_loopback, reach.own))
        others = frozenset(map(_same_loopback, reach.others)) - own
        self._reach = Reach(own, others, reach.hosts)
        self._names = {address.host for address in own if address.host != "localhost"}

    def refuses(self, address: Address) -> Refusal | None:
        refusal = self._reach.refuses_address(_same_loopback(address))
        if refusal is Refusal.UNKNOWN_HOST and address.host in self._names and address.port in _DEFAULT_PORTS:
            return None
        return refusal


def _same_loopback(address: Address) -> Address:
    return Address("localhost", address.port) if address.host in _LOOPBACK else address


def _address(url: str) -> Address | None:
    try:
        return Address.of(f"https:{url}" if url.startswith("//") else url)
    except ValueError:
        return None


def _addresses(seen: Seen, texts: Iterable[ShownText], endpoints: Endpoints,
               partners: Set[Address | None]) -> Iterator[_Found]:
    """`partners` are the addresses of third parties: what their pages load is their own affair."""
    for shown in texts:
        if shown.place.component not in seen.third_parties:
            yield from (_Found(shown.scenario, shown.place, shown.where, url) for url in _in_text(shown))
    for exchange in seen.exchanges:
        if exchange.callee not in seen.tools and exchange.caller in (BROWSER, STEP):
            place = answer_place(exchange, endpoints)
            yield from (_Found(exchange.scenario, place, where, url) for where, url in _in_answer(exchange))
        if exchange.caller == BROWSER and _address(exchange.request.header("referer") or "") not in partners - {None}:
            asset = Place(PlaceKind.PAGE, exchange.resource_type or "request", exchange.person, exchange.step)
            yield _Found(exchange.scenario, asset, "request", exchange.url)


def _in_text(shown: ShownText) -> Iterator[str]:
    """The addresses in a text. Of an answer's member, it is the whole value, and no name such as `type`."""
    if is_address(shown.where):
        yield from _WHOLE.findall(shown.text)[:1] if _WHOLE.match(shown.text) else ()
    elif shown.place.kind is PlaceKind.ANSWER:
        is_name = shown.where.rpartition(".")[2] in _NAMES
        yield from [shown.text] if _IN_TEXT.fullmatch(shown.text) and not is_name else ()
    else:
        yield from (url.rstrip(_END) for url in _IN_TEXT.findall(shown.text))


def _in_answer(exchange: Exchange) -> Iterator[tuple[str, str]]:
    for name in _HEADERS:
        for value in exchange.response.header_values(name):
            yield from ((name, url.rstrip(_END)) for url in (
                [value] if value.startswith("//") and name == "location" else _IN_TEXT.findall(value)))
    body = exchange.response.body
    if body is not None and body.mime == "text/html" and body.text:
        yield from (("html", match["url"]) for match in _ATTRIBUTE.finditer(body.text))
