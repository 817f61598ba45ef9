"""One operation of an OpenAPI document: checks requests and answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gonogo.model.calls import ContractFault, GapCause
from gonogo.model.exchange import Exchange
from gonogo.traffic.contract.bodies import Content
from gonogo.traffic.contract.faults import Fault, Gap
from gonogo.traffic.contract.parameters import Parameter, Parameters, header_values
from gonogo.traffic.contract.schemas import SchemaFault, Schemas

NOT_MODIFIED = 304  # the answer to a cache; documents only have the 200
_WITHOUT_BODY = (204, 205, NOT_MODIFIED)


@dataclass(frozen=True, slots=True)
class Answer:
    """One documented answer; `broken` are the reasons why parts of it cannot be used."""

    content: Content
    headers: tuple[Parameter, ...] = ()
    broken: tuple[str, ...] = ()

    @classmethod
    def of(cls, raw: object, schemas: Schemas) -> Answer:
        headers: list[Parameter] = []
        broken: list[str] = []
        content = Content("response", True, {})
        try:
            known = schemas.resolved(raw)
            content = Content.of(known, schemas, "response", required=True)
            for name, header in _named(known.get("headers")):
                if name.lower() != "content-type":
                    headers.append(Parameter.of({**schemas.resolved(header), "name": name, "in": "header"}, schemas,
                                                "response"))
        except SchemaFault as why:
            broken.append(str(why))
        return cls(content, tuple(headers), tuple(broken))

    def faults(self, exchange: Exchange) -> Iterator[Fault | Gap]:
        response = exchange.response
        yield from (Gap("response", GapCause.PART, why) for why in self.broken)
        for header in self.headers if response.headers else ():
            values = header_values(response.headers, header.name)
            where = f"response.header.{header.name}"
            # each cookie has a header: one of them is the documented one
            each = [[value] for value in values] if header.name.lower() == "set-cookie" and values else [values]
            yield from min((list(header.faults([(header.name, value) for value in some], where)) for some in each),
                           key=len)
        if exchange.method != "HEAD" and exchange.status not in _WITHOUT_BODY:
            is_redirect = 300 <= exchange.status < 400  # browsers do not record the bodies of redirects
            yield from (each for each in self.content.faults(response)
                        if not (is_redirect and isinstance(each, Gap) and each.cause is GapCause.BODY))


@dataclass(frozen=True, slots=True)
class Operation:
    """The documented request and answers; the keys of `answers` are "200", "4XX" or "DEFAULT".

    `broken` are the reasons why the request's body cannot be used.
    """

    parameters: Parameters
    body: Content
    answers: Mapping[str, Answer]
    broken: tuple[str, ...] = ()

    @classmethod
    def of(cls, path_item: Mapping[str, Any], operation: Mapping[str, Any], schemas: Schemas,
           keys: frozenset[str] = frozenset()) -> Operation:
        """`keys` are names of API keys in the query. What cannot be used is kept as broken parts."""
        answers = {str(status).upper(): Answer.of(raw, schemas) for status, raw in _named(operation.get("responses"))
                   if not str(status).startswith("x-")}
        parameters = Parameters.of(path_item, operation, schemas, keys)
        try:
            raw = schemas.resolved(operation.get("requestBody"))
            body = Content.of(raw, schemas, "request", required=bool(raw.get("required")))
        except SchemaFault as why:
            return cls(parameters, Content("request", False, {}), answers, (str(why),))
        return cls(parameters, body, answers)

    @property
    def problems(self) -> Iterator[str]:
        """Why parts of it, except schemas, cannot be used."""
        yield from (f"request: {why}" for why in (*self.parameters.broken, *self.broken))
        yield from (f"response {status}: {why}" for status, answer in self.answers.items() for why in answer.broken)

    @property
    def contents(self) -> tuple[Content, ...]:
        return (self.body, *(answer.content for answer in self.answers.values()))

    def request_faults(self, exchange: Exchange, path: Mapping[str, str]) -> Iterator[Fault | Gap]:
        yield from self.parameters.faults(path, exchange.query, exchange.request.headers)
        yield from (Gap("request.body", GapCause.PART, why) for why in self.broken)
        yield from self.body.faults(exchange.request)

    def answer_faults(self, exchange: Exchange) -> Iterator[Fault | Gap]:
        if exchange.status == 0:
            return
        answer = self._answer(exchange.status)
        if answer is not None:
            yield from answer.faults(exchange)
        elif exchange.status != NOT_MODIFIED:
            known = tuple(status.replace("DEFAULT", "others") for status in self.answers)
            yield Fault("response.status", ContractFault("status", str(exchange.status), known))

    def undocumented(self, exchange: Exchange) -> Iterator[str]:
        yield from self.parameters.undocumented(exchange.query)
        if not self.broken:
            yield from self.body.undocumented(exchange.request)
        answer = self._answer(exchange.status)
        if answer is not None and not answer.broken and exchange.status not in _WITHOUT_BODY:
            yield from answer.content.undocumented(exchange.response)

    def _answer(self, status: int) -> Answer | None:
        names = (str(status), f"{status // 100}XX", "DEFAULT")
        return next((self.answers[name] for name in names if name in self.answers), None)


def _named(value: object) -> Iterator[tuple[str, Any]]:
    """The members of an object without vendors' extensions; none of anything else."""
    yield from value.items() if isinstance(value, dict) else ()
