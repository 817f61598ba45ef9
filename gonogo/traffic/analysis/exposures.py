"""Finds secrets where they do not belong: by their masks, which the evidence has in place of each known secret.

Belongs: what a request's body carries (a card only in a member that is named for one); credentials in the headers made
for them; a token in the first answer that has it, which created it. Everything else does not, in whatever a component
answered, sent, showed, mailed, traced or logged.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from gonogo.model.calls import BROWSER, MAX_SCENARIOS, STEP, Edge
from gonogo.model.exchange import Exchange, Message
from gonogo.model.exposures import Exposure, Medium, SecretPlace
from gonogo.model.invariants import ConsoleMessage
from gonogo.model.logs import LogRecord
from gonogo.model.outside import Mail, OutsideEvidence, OutsideRecord
from gonogo.model.span import GONOGO, Span
from gonogo.secrets.masking import kind_of_mask, masks_in
from gonogo.secrets.names import CARD, is_number_name, kind_of_header, kind_of_name
from gonogo.traffic.analysis.context import AnalysisContext
from gonogo.traffic.analysis.join import Recorded, with_scenarios

_NEVER_GIVEN = (CARD, "password")  # an answer never creates them: it repeats what it was sent
_LOGINS = frozenset({"authorization", "proxy-authorization"})
_COOKIES = frozenset({"cookie", "set-cookie"})
_MAX_DEPTH = 60
# what people put into a field is shown there, to them alone; its lines have the field's name first
_FIELD = re.compile(r"(?P<indent> *)- '?(?:textbox|searchbox|combobox|spinbutton)\b(?: \"(?:[^\"\\]|\\.)*\")?")
_VALUE = re.compile(r"(?P<indent> *)- text:")


class _Found(NamedTuple):
    """A mask at a place of one medium; `edge` is None except for exchanges, `scenario` "" if there is none."""

    mask: str
    place: SecretPlace
    edge: Edge | None = None
    scenario: str = ""


def exposures_in(recorded: Recorded, context: AnalysisContext, outside: OutsideEvidence | None,
                 ) -> tuple[Exposure, ...]:
    """Each kind of place once, with its count and scenarios. Only known values count: others are only named secret.

    `outside` is what people saw, None if that was not recorded.
    """
    outside = outside or OutsideEvidence()
    marks = recorded.marks
    found: dict[tuple[SecretPlace, Edge | None], list[_Found]] = defaultdict(list)
    for each in (*_in_exchanges([*recorded.exchanges, *with_scenarios(recorded)], marks, context),
                 *_in_pages(outside.views, marks, context), *_in_consoles(recorded.console, marks, context),
                 *_in_mails(outside.mails, recorded, marks, context),
                 *_in_spans([*recorded.spans, *recorded.foreign_spans], marks), *_in_logs(recorded.logs, marks)):
        found[each.place, each.edge].append(each)
    return tuple(
        Exposure(place, len(alike), edge, tuple(dict.fromkeys(each.scenario for each in alike if each.scenario))
                 [:MAX_SCENARIOS]) for (place, edge), alike in found.items())


def _in_exchanges(exchanges: Iterable[Exchange], marks: frozenset[str], context: AnalysisContext) -> Iterator[_Found]:
    by_scenario: dict[str, list[Exchange]] = defaultdict(list)
    for exchange in exchanges:
        by_scenario[exchange.scenario].append(exchange)
    for of_scenario in by_scenario.values():
        search = _ExchangeSearch(marks, context)
        for exchange in sorted(of_scenario, key=lambda each: each.started_s):
            yield from search.in_exchange(exchange)


@dataclass(slots=True)
class _ExchangeSearch:
    """The exchanges of one scenario, in their order; `carried` are the masks that any of them has carried so far."""

    marks: frozenset[str]
    context: AnalysisContext
    carried: set[str] = field(default_factory=set)

    def in_exchange(self, exchange: Exchange) -> Iterator[_Found]:
        edge = self.context.endpoints.edge(exchange)
        if exchange.caller != STEP:  # what a suite itself sends says nothing about the system
            sender = self.context.pages or BROWSER if exchange.caller == BROWSER else exchange.caller
            for where, mask in self._in_request(exchange):
                place = SecretPlace(sender, kind_of_mask(mask), Medium.REQUEST, where, edge.operation)
                yield _Found(mask, place, edge, exchange.scenario)
        self._carry(exchange.url, exchange.request)
        if self.context.mail is None or exchange.callee != self.context.mail:  # mails are searched themselves
            for where, mask in self._in_response(exchange):
                place = SecretPlace(exchange.callee, kind_of_mask(mask), Medium.RESPONSE, where, edge.operation)
                yield _Found(mask, place, edge, exchange.scenario)
        self._carry("", exchange.response)

    def _in_request(self, exchange: Exchange) -> Iterator[tuple[str, str]]:
        yield from self._in_url(exchange.url)
        yield from self._in_headers("request", exchange.request)
        for where, name_says, mask in self._in_body(exchange.request):
            if kind_of_mask(mask) == CARD and name_says is False:
                yield f"request.body{where}", mask

    def _in_response(self, exchange: Exchange) -> Iterator[tuple[str, str]]:
        yield from self._in_headers("response", exchange.response)
        for where, _, mask in self._in_body(exchange.response):
            if kind_of_mask(mask) in _NEVER_GIVEN or mask in self.carried:
                yield f"response.body{where}", mask

    def _in_url(self, url: str) -> Iterator[tuple[str, str]]:
        if "***" not in url:
            return
        parts = urlsplit(url)
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            yield from ((f"request.query.{name}", mask) for mask in self._marks_in(value))
        yield from (("request.path", mask) for mask in self._marks_in(parts.path))
        if "=" not in parts.query:
            yield from (("request.query", mask) for mask in self._marks_in(parts.query))

    def _in_headers(self, side: str, message: Message) -> Iterator[tuple[str, str]]:
        for name, value in message.headers:
            yield from ((f"{side}.header.{name.title()}", mask) for mask in self._marks_in(value)
                        if not _is_made_for(name.lower(), kind_of_mask(mask)))

    def _in_body(self, message: Message) -> Iterator[tuple[str, bool | None, str]]:
        """(place, whether the member is named for a secret, mask); None for what has no members."""
        text = message.body.text if message.body is not None else None
        if text is None or not self._marks_in(text):
            return
        try:
            document = json.loads(text) if text.lstrip()[:1] in ("{", "[") else None
        except (ValueError, RecursionError):
            document = None
        if document is None:
            yield from (("", None, mask) for mask in sorted(self._marks_in(text)))
            return
        for where, name_says, value in _leaves(document):
            yield from ((where, name_says, mask) for mask in sorted(self._marks_in(value)))

    def _carry(self, url: str, message: Message) -> None:
        self.carried.update(*map(self._marks_in, _texts_of(url, message)))

    def _marks_in(self, text: str) -> frozenset[str]:
        return masks_in(text) & self.marks


def _texts_of(url: str, message: Message) -> list[str]:
    return [url, *(value for _, value in message.headers), (message.body.text or "") if message.body else ""]


def _is_made_for(header: str, kind: str) -> bool:
    """Whether a header is made for this kind of secret: a cookie is not for passwords, and none is for cards."""
    if kind == CARD:
        return False
    if kind == "password":
        return header in _LOGINS
    return header in _LOGINS or header in _COOKIES or kind_of_header(header) is not None


def _leaves(value: object, where: str = "", *, name_says: bool = False, within_card: bool = False,
            depth: int = 0) -> Iterator[tuple[str, bool, str]]:
    """(place, whether its name says that it is a card, text) of each text of a document, names with a mask included."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        for text, item in value.items():
            name = text
            if "***" in text:  # a map whose names are values; places have none
                name = "[name]"
                yield f"{where}.{name}", False, text
            is_card = kind_of_name(str(name)) == CARD
            says = is_card or (within_card and is_number_name(str(name)))
            yield from _leaves(item, f"{where}.{name}", name_says=says, within_card=is_card or within_card,
                               depth=depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, f"{where}[]", name_says=name_says, within_card=within_card, depth=depth + 1)
    elif isinstance(value, str):
        yield where, name_says, value


def _in_pages(views: Mapping[str, OutsideRecord], marks: frozenset[str], context: AnalysisContext) -> Iterator[_Found]:
    """What pages showed; once for each scenario, however many of its steps saw it."""
    found: dict[_Found, None] = {}
    for scenario, record in views.items():
        for view in record.pages:
            component = context.pages or context.parties.name_of(view.url)
            for where, text in (("page", _without_values(view.tree)), ("title", view.title), ("address", view.url)):
                for mask in sorted(masks_in(text) & marks):
                    place = SecretPlace(component, kind_of_mask(mask), Medium.PAGE, where)
                    found[_Found(mask, place, None, scenario)] = None
    yield from found


def _without_values(tree: str) -> str:
    """An ARIA snapshot without the values of fields, which the line of the field has, or one below it."""
    if "***" not in tree:
        return ""
    lines, field = [], ""
    for line in tree.splitlines():
        if opening := _FIELD.match(line):
            field = opening["indent"] + " "
            lines.append(opening.group())
        elif not (field and (value := _VALUE.match(line)) and value["indent"].startswith(field)):
            field = field if line.startswith(field) else ""
            lines.append(line)
    return "\n".join(lines)


def _in_consoles(consoles: Mapping[str, Sequence[ConsoleMessage]], marks: frozenset[str],
                 context: AnalysisContext) -> Iterator[_Found]:
    for scenario, messages in consoles.items():
        for message in messages:
            component = context.pages or context.front or ""
            for mask in sorted(masks_in(message.text) & marks):
                yield _Found(mask, SecretPlace(component, kind_of_mask(mask), Medium.PAGE, "console"), None, scenario)


def _in_mails(mails: Iterable[Mail], recorded: Recorded, marks: frozenset[str],
              context: AnalysisContext) -> Iterator[_Found]:
    """A mail may give a token to whom it is for, unless an exchange had it before. The catcher stands for the sender.
    """
    carried_s = _first_carried(recorded, context)
    for mail in mails:
        texts = (mail.sender, mail.subject, *(value for _, value in mail.headers), mail.text, mail.html)
        for mask in sorted(masks_in("\n".join(texts)) & marks):
            kind = kind_of_mask(mask)
            if kind in _NEVER_GIVEN or carried_s.get(mask, math.inf) < mail.received_s:
                yield _Found(mask, SecretPlace(context.mail or "", kind, Medium.MAIL, "mail"))


def _first_carried(recorded: Recorded, context: AnalysisContext) -> dict[str, float]:
    """Mask → when the first exchange that has it began, without those that read mails."""
    first: dict[str, float] = {}
    for exchange in (*recorded.exchanges, *recorded.between):
        if context.mail is None or exchange.callee != context.mail:
            for mask in frozenset[str]().union(*map(masks_in, _texts_of(exchange.url, exchange.request)),
                                               *map(masks_in, _texts_of("", exchange.response))):
                first[mask] = min(exchange.started_s, first.get(mask, math.inf))
    return first


def _in_spans(spans: Iterable[Span], marks: frozenset[str]) -> Iterator[_Found]:
    for span in spans:
        if span.component == GONOGO:
            continue
        texts = [("span.name", span.name), ("span.url", span.url), ("span.error", span.error_text),
                 *((f"span.attributes.{name}", value) for name, value in span.attributes.items())]
        for where, text in texts:
            for mask in masks_in(text) & marks:
                yield _Found(mask, SecretPlace(span.component, kind_of_mask(mask), Medium.SPAN, where))


def _in_logs(logs: Iterable[LogRecord], marks: frozenset[str]) -> Iterator[_Found]:
    for record in logs:
        for where, text in (("log", record.body), *((f"log.attributes.{name}", value)
                                                     for name, value in record.attributes.items())):
            for mask in masks_in(text) & marks:
                yield _Found(mask, SecretPlace(record.component, kind_of_mask(mask), Medium.LOG, where))

