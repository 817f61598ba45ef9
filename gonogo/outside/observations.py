"""What a scenario showed, place by place, as understood items: pages, answers, mails, downloads, calls of partners."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from gonogo.model.calls import BROWSER, STEP
from gonogo.model.exchange import Exchange, Message
from gonogo.model.outside import Download, Mail, OutsideRecord, PageView, Place, PlaceKind
from gonogo.outside.json_items import MAX_DEPTH, leaves_of, shown
from gonogo.outside.markup import text_lines
from gonogo.outside.pages import lines_of
from gonogo.outside.texts import Texts, plain, wording_of
from gonogo.traffic.http.endpoints import Endpoints, template

MAX_ITEMS = 3_000  # of a place
MAX_PLACES = 1_000  # of a scenario
# headers of every exchange, which say nothing to a partner
_TECHNICAL = frozenset((
    "accept", "accept-encoding", "connection", "content-length", "date", "etag", "host", "idempotency-key",
    "keep-alive", "server", "traceparent", "tracestate", "transfer-encoding", "user-agent", "via", "x-request-id",
    "x-correlation-id", "last-modified", "age", "expires"))
_MASK_END = re.compile(r"(?<=\*)([a-z]+):[0-9a-f]{4}")
_KEY = re.compile("⟦‹[^›]*›⟧")
_OF_MAILS = frozenset(("from", "to", "cc", "bcc", "subject", "received", "message-id", "date", "mime-version",
                       "content-type", "content-transfer-encoding", "return-path", "dkim-signature"))


@dataclass(frozen=True, slots=True)
class Item:
    """A part of a place: `key` is its role or its path, `text` understood.

    `label` is the wording before it, if it has none of its own: it tells apart the values of a page.
    """

    key: str
    text: str
    label: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Observation:
    """A place with its items, in order."""

    place: Place
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """All that one scenario showed. `exchanges` are those of the browser and of steps, `partners` those with third
    parties, both in order; `catcher` is the component that caught the mails.
    """

    record: OutsideRecord
    exchanges: Sequence[Exchange]
    partners: Sequence[Exchange]
    mails: Sequence[Mail]
    catcher: str = ""


def observations_of(shown_: Shown, texts: Texts, endpoints: Endpoints, tools: frozenset[str],
                    probed: Mapping[str, frozenset[str]]) -> tuple[list[Observation], bool]:
    """The places in order, and whether there was more than is kept.

    `tools` are components that serve the suite alone, such as the mail catcher: their answers show nothing. Nor do the
    `probed` endpoints, by component.
    """
    steps = {step.index: step.text for step in shown_.record.steps}
    found: list[Observation] = []
    ordinals: Counter[Place] = Counter()
    asked = [each for each in shown_.exchanges if each.callee not in tools
             and endpoints.template(each.callee, each.path) not in probed.get(each.callee, ())]
    is_cut = False
    for place, items in _all(replace(shown_, exchanges=asked), steps, texts, endpoints):
        every = tuple(items)
        is_cut |= len(every) > MAX_ITEMS
        if len(found) >= MAX_PLACES:
            return found, True
        ordinals[place] += 1
        found.append(Observation(replace(place, ordinal=ordinals[place]), every[:MAX_ITEMS]))
    return found, is_cut


_Found = tuple[Place, Iterable[Item]]


def _all(shown_: Shown, steps: Mapping[int, str], texts: Texts, endpoints: Endpoints) -> Iterator[_Found]:
    for view in shown_.record.pages:
        if view.settled:
            yield _page(view, steps, texts)
    for download in shown_.record.downloads:
        yield _download(download, steps, texts)
    yield from _answers(shown_.exchanges, texts, endpoints)
    yield from _partners(shown_.partners, texts, endpoints)
    for mail in shown_.mails:
        yield _mail(mail, texts, shown_.catcher)


def _page(view: PageView, steps: Mapping[int, str], texts: Texts) -> _Found:
    parts = urlsplit(view.url)
    window = f" (window {view.window})" if view.window > 1 else ""
    place = Place(PlaceKind.PAGE, f"{template(parts.path or '/')}{window}", view.person,
                  _step(steps, view.step))
    items = [Item("title", texts.understood(view.title))]
    items += _lines(view.tree, texts)
    return place, items


def _lines(tree: str, texts: Texts) -> Iterator[Item]:
    label = ""
    for line in lines_of(tree):
        understood = texts.understood_url if line.role == "/url" else texts.understood
        item = Item(line.role, understood(line.text))
        wording = wording_of(item.text).strip("□ .,:;-–")
        yield item if wording else replace(item, label=label)
        label = wording or label


def _download(download: Download, steps: Mapping[int, str], texts: Texts) -> _Found:
    place = Place(PlaceKind.DOWNLOAD, download.mime, download.person, _step(steps, download.step))
    items = [Item("name", texts.understood(download.name))]
    items += [Item("line", texts.understood(line)) for line in (download.text or "").splitlines() if line.strip()]
    return place, items


def _answers(exchanges: Iterable[Exchange], texts: Texts, endpoints: Endpoints) -> Iterator[_Found]:
    """The answers of the API. Of equal reads in a step the last counts: pages and steps ask until something is so."""
    kept: dict[tuple[object, ...], _Found] = {}
    for number, exchange in enumerate(exchanges):
        if exchange.caller not in (BROWSER, STEP) or not exchange.status or exchange.response.json() is None:
            continue
        edge = endpoints.edge(exchange)
        place = Place(PlaceKind.ANSWER, edge.operation, exchange.person, exchange.step, component=edge.callee)
        asked = plain(texts.understood(exchange.url)) if exchange.reads else str(number)
        items = [Item("status", f"⟦{exchange.status}⟧"), *_body("", exchange.response, texts)]
        kept[place, asked] = (place, items)
    yield from kept.values()


def _partners(exchanges: Iterable[Exchange], texts: Texts, endpoints: Endpoints) -> Iterator[_Found]:
    """What the tap has recorded. It masks with a key of its own: the ends of its masks tell nothing here."""
    for exchange in exchanges:
        edge = endpoints.edge(exchange)
        place = Place(PlaceKind.PARTNER, edge.operation, component=edge.callee)
        items = [*_query(exchange, texts), *_headers("request.", exchange.request, texts),
                 *_body("request.", exchange.request, texts), Item("answer.status", f"⟦{exchange.status}⟧"),
                 *_body("answer.", exchange.response, texts)]
        yield place, [replace(item, text=_MASK_END.sub(r"\1", item.text)) for item in items]


def _mail(mail: Mail, texts: Texts, catcher: str) -> _Found:
    place = Place(PlaceKind.MAIL, plain(texts.understood(", ".join(sorted(mail.recipients)))), component=catcher)
    items = [Item("from", texts.understood(mail.sender)), Item("subject", texts.understood(mail.subject))]
    items += [Item(f"header {name}", texts.understood(value)) for name, value in sorted(mail.headers)
              if name.lower() not in _OF_MAILS]
    items += [Item("text", texts.understood(line)) for line in mail.text.splitlines() if line.strip()]
    for kind, line in text_lines(mail.html):
        understood = texts.understood_url if kind.endswith(("href", "src")) else texts.understood
        items.append(Item(f"html{kind}", understood(line)))
    return place, items


def _query(exchange: Exchange, texts: Texts) -> Iterator[Item]:
    yield from (Item(f"request.query.{name}", texts.understood(value)) for name, value in sorted(exchange.query))


def _headers(prefix: str, message: Message, texts: Texts) -> Iterator[Item]:
    for name, value in sorted((name.lower(), value) for name, value in message.headers):
        if name not in _TECHNICAL:
            yield Item(f"{prefix}headers.{name}", texts.understood(value))


def _body(prefix: str, message: Message, texts: Texts) -> Iterator[Item]:
    document = message.json()
    if document is not None:
        yield from _leaves(prefix, document, texts)
    elif message.body is not None and message.body.text and message.body.mime == "text/plain":
        yield from (Item(f"{prefix}body", texts.understood(line)) for line in message.body.text.splitlines())


def _leaves(prefix: str, document: object, texts: Texts) -> Iterator[Item]:
    for path, value in leaves_of(_without_keys(document, texts, MAX_DEPTH)):
        is_url = isinstance(value, str) and value.startswith(("http://", "https://"))
        text = (texts.understood_url if is_url else texts.understood)(shown(value))
        # a number or a boolean is data, wherever it stands
        marked = text if isinstance(value, str) or text.startswith("⟦") else f"⟦{text}⟧"
        yield Item(f"{prefix}{path}" if path else f"{prefix}body", marked)


def _without_keys(value: object, texts: Texts, depth: int) -> object:
    """A map by ids or values of sources as a list of records: such a name is a value, and another one in each run."""
    if isinstance(value, list) and depth:
        return [_without_keys(each, texts, depth - 1) for each in value]
    if not isinstance(value, dict) or not value or not depth:
        return value
    members = {str(name): _without_keys(each, texts, depth - 1) for name, each in value.items()}
    if not all(_KEY.fullmatch(texts.understood(name)) for name in members):
        return members
    said = {name: [texts.understood(shown(leaf)) for _, leaf in leaves_of(each)] for name, each in members.items()}
    return [{"(key)": name, "(value)": members[name]} for name in sorted(members, key=lambda name: said[name])]


def _step(steps: Mapping[int, str], index: int) -> str:
    return steps.get(index, "")
