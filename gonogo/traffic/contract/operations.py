"""One operation of an OpenAPI document: checks requests and answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gonogo.model.calls import ContractFault
from gonogo.model.exchange import Exchange
from gonogo.traffic.contract.bodies import Content
from gonogo.traffic.contract.faults import Fault
from gonogo.traffic.contract.parameters import Parameter, Parameters, header_values
from gonogo.traffic.contract.schemas import Schemas

NOT_MODIFIED = 304  # the answer to a cache; documents only have the 200
_WITHOUT_BODY = (204, 205, NOT_MODIFIED)


@dataclass(frozen=True, slots=True)
class Answer:
    """One documented answer."""

    content: Content
    headers: tuple[Parameter, ...]

    @classmethod
    def of(cls, raw: Mapping[str, Any], schemas: Schemas) -> Answer:
        headers = tuple(Parameter.of({**schemas.resolved(header), "name": name, "in": "header"}, schemas, "response")
                        for name, header in (raw.get("headers") or {}).items() if name.lower() != "content-type")
        return cls(Content.of(raw, schemas, "response", required=True), headers)

    def faults(self, exchange: Exchange) -> Iterator[Fault]:
        response = exchange.response
        for header in self.headers if response.headers else ():
            values = header_values(response.headers, header.name)
            where = f"response.header.{header.name}"
            # each cookie has a header: one of them is the documented one
            each = [[value] for value in values] if header.name.lower() == "set-cookie" and values else [values]
            yield from min((header.faults(some, where) for some in each), key=len)
        if exchange.method != "HEAD" and exchange.status not in _WITHOUT_BODY:
            yield from self.content.faults(response)


@dataclass(frozen=True, slots=True)
class Operation:
    """The documented request and answers; the keys of `answers` are "200", "4XX" or "DEFAULT"."""

    parameters: Parameters
    body: Content
    answers: Mapping[str, Answer]

    @classmethod
    def of(cls, path_item: Mapping[str, Any], operation: Mapping[str, Any], schemas: Schemas) -> Operation:
        """Raises SchemaFault if a schema cannot be prepared."""
        body = schemas.resolved(operation.get("requestBody"))
        answers = {str(status).upper(): Answer.of(schemas.resolved(raw), schemas)
                   for status, raw in (operation.get("responses") or {}).items()}
        return cls(Parameters.of(path_item, operation, schemas),
                   Content.of(body, schemas, "request", required=bool(body.get("required"))), answers)

    def request_faults(self, exchange: Exchange, path: Mapping[str, str]) -> Iterator[Fault]:
        yield from self.parameters.faults(path, exchange.query, exchange.request.headers)
        yield from self.body.faults(exchange.request)

    def answer_faults(self, exchange: Exchange) -> Iterator[Fault]:
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
        yield from self.body.undocumented(exchange.request)
        answer = self._answer(exchange.status)
        if answer is not None and exchange.status not in _WITHOUT_BODY:
            yield from answer.content.undocumented(exchange.response)

    def _answer(self, status: int) -> Answer | None:
        names = (str(status), f"{status // 100}XX", "DEFAULT")
        return next((self.answers[name] for name in names if name in self.answers), None)
