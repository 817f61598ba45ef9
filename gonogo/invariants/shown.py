"""All texts that a run showed to people and to the suite's steps, each with its place and its reader."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from gonogo.model.calls import BROWSER, STEP
from gonogo.model.exchange import Exchange, Message
from gonogo.model.outside import Mail, OutsideRecord, Place, PlaceKind
from gonogo.outside import Seen
from gonogo.outside.json_items import leaves_of
from gonogo.outside.markup import text_lines
from gonogo.outside.pages import lines_of
from gonogo.traffic.http.endpoints import Endpoints, template
from gonogo.traffic.http.parties import Parties

_TEXTS = ("text/plain", "text/html", "text/csv")


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text at a `place` in a scenario (its key): `where` is a page's role, an answer's member or a mail's part.

    `at_s` is when it was shown, in seconds since the epoch, 0 if unknown.
    """

    scenario: str
    place: Place
    where: str
    text: str
    at_s: float = 0.0


def shown_texts(seen: Seen, endpoints: Endpoints, parties: Parties) -> Iterator[ShownText]:
    """Pages, downloads, answers and mails, in this order. Answers of tools of the suite show nothing."""
    for key, record in seen.records.items():
        yield from _of_record(key, record, parties)
    for exchange in seen.exchanges:
        if exchange.caller in (BROWSER, STEP) and exchange.callee not in seen.tools and exchange.status:
            yield from _of_answer(exchange, endpoints)
    readers = readers_of_mails(seen)
    for mail in seen.mails:
        of_mail = {reader for each in mail.recipients for reader in readers.get(each.lower(), ())}
        for scenario, person in sorted(of_mail):
            place = Place(PlaceKind.MAIL, mail_name(mail), person, component=seen.catcher)
            yield from (ShownText(scenario, place, where, text, mail.received_s) for where, text in _of_mail(mail))


def told_to_partners(seen: Seen, endpoints: Endpoints) -> Iterator[ShownText]:
    """What the system sent to third parties, where a tap has recorded it."""
    for exchange in seen.between:
        if exchange.callee in seen.third_parties and exchange.scenario:
            edge = endpoints.edge(exchange)
            place = Place(PlaceKind.PARTNER, edge.operation, component=edge.callee)
            shown = ShownText(exchange.scenario, place, "", "", exchange.started_s)
            request = exchange.request
            members = ((f"body.{path}", value) for path, value in leaves_of(request.json()) if isinstance(value, str))
            for where, text in (*request.headers, *exchange.query, *members):
                yield replace(shown, where=where, text=unquote(text))


def is_address(where: str) -> bool:
    """Whether the text there is an address, which people follow and do not read."""
    return where == "/url" or where.endswith((" href", " src"))


def answer_place(exchange: Exchange, endpoints: Endpoints) -> Place:
    edge = endpoints.edge(exchange)
    return Place(PlaceKind.ANSWER, edge.operation, exchange.person, exchange.step, component=edge.callee)


def page_name(url: str) -> str:
    """The template of its path; "/" for an address that is none."""
    try:
        return template(urlsplit(url).path or "/")
    except ValueError:
        return "/"


def mail_name(mail: Mail) -> str:
    """The subject as far as it is the same in every run: its words without a figure."""
    words = mail.subject.split()
    return " ".join(word for word in words if word.isalpha() and not word.isupper()) or "mail"


def readers_of_mails(seen: Seen) -> Mapping[str, frozenset[tuple[str, str]]]:
    """Address (lower case) → (scenario, person) of those that named it; "" for a person that is not known.

    An address that steps made is its person's to whom alone an answer showed it.
    """
    named: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for key, record in seen.records.items():
        for each in record.inputs:
            if "@" in each.value:
                named[each.value.lower()][key].add(each.person)
    typed = {(address, key) for address, keys in named.items() for key in keys}
    for exchange in seen.exchanges:
        if exchange.callee in seen.tools:
            continue
        for address in _addresses(exchange.request):
            named[address][exchange.scenario] |= {exchange.person} - {""}
        for address in _addresses(exchange.response) if exchange.person else ():
            if exchange.scenario in named[address] and (address, exchange.scenario) not in typed:
                named[address][exchange.scenario].add(exchange.person)
    return {address: frozenset((key, next(iter(people)) if len(people) == 1 else "") for key, people in keys.items())
            for address, keys in named.items()}


def _addresses(message: Message) -> Iterator[str]:
    return (value.lower() for _, value in leaves_of(message.json()) if isinstance(value, str) and "@" in value)


def _of_record(key: str, record: OutsideRecord, parties: Parties) -> Iterator[ShownText]:
    steps = {step.index: step for step in record.steps}
    for view in record.pages:
        step = steps.get(view.step)
        place = Place(PlaceKind.PAGE, page_name(view.url), view.person, step.text if step else "",
                      component="" if parties.is_first_party(view.url) else parties.name_of(view.url))
        shown = ShownText(key, place, "title", view.title, step.ended_s if step else 0.0)
        yield shown
        yield from (replace(shown, where=line.role, text=line.text) for line in lines_of(view.tree))
    for download in record.downloads:
        step = steps.get(download.step)
        place = Place(PlaceKind.DOWNLOAD, download.mime, download.person, step.text if step else "")
        for line in (download.text or "").splitlines():
            yield ShownText(key, place, "line", line, step.ended_s if step else 0.0)


def _of_answer(exchange: Exchange, endpoints: Endpoints) -> Iterator[ShownText]:
    place = answer_place(exchange, endpoints)
    at_s = exchange.started_s + exchange.duration_ms / 1000 if exchange.started_s else 0.0
    shown = ShownText(exchange.scenario, place, "body", "", at_s)
    document, body = exchange.response.json(), exchange.response.body
    if document is not None:
        yield from (replace(shown, where=path or "body", text=value) for path, value in leaves_of(document)
                    if isinstance(value, str))
    elif body is not None and body.text and body.mime in _TEXTS:
        yield from (replace(shown, where=where, text=line) for where, line in _lines(body.text, body.mime))


def _lines(text: str, mime: str) -> Iterator[tuple[str, str]]:
    if mime == "text/html":
        yield from ((f"html{kind}", line) for kind, line in text_lines(text))
    else:
        yield from (("text", line) for line in text.splitlines())


def _of_mail(mail: Mail) -> Iterator[tuple[str, str]]:
    yield "subject", mail.subject
    yield from (("text", line) for line in mail.text.splitlines() if line.strip())
    yield from ((f"html{kind}", line) for kind, line in text_lines(mail.html))
