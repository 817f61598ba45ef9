"""Begins a trace for a few of a generator's requests, so that the calls which they cause are known as the run's.

One for each request would make components that sample a share of their traces record all of them, under load.
`traced_requests` sends them. Locust is not imported here.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from gonogo.config import Environment
from gonogo.model.trace_ids import LOAD_SPAN_ID, TraceIds
from gonogo.scenarios.browser.trace_context import HEADER, FirstParty, header_of
from gonogo.traffic.http.endpoints import template

PAUSE_S = 1.0  # between two traces of an endpoint
MAX_LOOK_S = 0.02  # between two requests whose endpoint is looked at, which costs as much as half a request
MAX_ENDPOINTS = 1_000


@dataclass(slots=True)
class LoadTraces:
    """The traces of one process; third parties receive none."""

    first_party: FirstParty
    ids: TraceIds
    _next_s: dict[tuple[str, str], float] = field(default_factory=dict)
    _next_look_s: float = 0.0

    @classmethod
    def of(cls, environment: Environment, ids: TraceIds) -> LoadTraces | None:
        """None if nothing would receive the spans, or the environment wants no trace context."""
        if environment.traces is None or not environment.evidence.trace_context:
            return None
        return cls(FirstParty.of(environment), ids)

    def message(self) -> dict[str, Any]:
        """What a worker needs to send traces too; `of_message` reads it."""
        return {"prefix": self.ids.prefix, "origins": sorted(self.first_party.origins),
                "third_parties": list(self.first_party.third_parties)}

    @classmethod
    def of_message(cls, message: Mapping[str, Any]) -> LoadTraces:
        return cls(FirstParty(frozenset(message["origins"]), tuple(message["third_parties"])),
                   TraceIds(message["prefix"]))

    def mark(self, method: str, url: str, headers: MutableMapping[str, str]) -> None:
        """Set the header if a trace is due, and remove the one of the request that was redirected here."""
        if self.ids.issued(str(headers.get(HEADER, ""))[3:]):
            del headers[HEADER]
        now = time.monotonic()
        if now < self._next_look_s:
            return
        # by chance: of requests that always follow each other at once, each has its turn
        self._next_look_s = now + random.uniform(0, MAX_LOOK_S)  # noqa: S311  no secret
        if HEADER not in headers and self.first_party.owns(url) and self._is_due(method, url, now):
            headers[HEADER] = header_of(self.ids.new(), LOAD_SPAN_ID)

    def _is_due(self, method: str, url: str, now: float) -> bool:
        endpoint = (method, template(urlsplit(url).path))
        is_new = endpoint not in self._next_s
        if now < self._next_s.get(endpoint, 0.0) or (is_new and len(self._next_s) >= MAX_ENDPOINTS):
            return False
        self._next_s[endpoint] = now + PAUSE_S
        return True
