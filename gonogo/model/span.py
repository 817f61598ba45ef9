"""A span: one operation of a component, with its duration and outcome.

`gonogo.traffic.spans` receives, fetches and reads spans.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["server", "client", "producer", "consumer", "internal"]

GONOGO = "gonogo"  # the component of the spans of scenarios and steps
SCENARIO = "gonogo.scenario"  # attribute: the scenario's key
ATTEMPT = "gonogo.attempt"  # attribute: which try of the scenario, from 1
STEP = "gonogo.step"  # attribute: the step's text


@dataclass(frozen=True, slots=True)
class Span:
    """Ids are lower-case hex, `parent_id` "" at the root of a trace; `started_s` are seconds since the epoch.

    `component` is the resource's service.name. `status` is the HTTP status, 0 where none was seen; `failed` is what
    the producer says, or a status of 500 and above. `url` is as whole as the producer tells it, for a call that is
    not HTTP `system://host:port`; `route` the callee's own template (`/bookings/<id>`); `peer` the name that the
    caller has for the callee, where it tells one; `system` "http" or the name of another protocol; `operation` what
    was asked over that other protocol; `error_text` the error's message; `links` are the ids of other traces that the
    span belongs with, as of the messages that it works off. `unread` are further attributes, which are searched for
    secrets and never written.
    """

    trace_id: str
    span_id: str
    parent_id: str
    component: str
    name: str
    kind: Kind
    started_s: float
    duration_ms: float
    failed: bool = False
    status: int = 0
    method: str = ""
    url: str = ""
    route: str = ""
    peer: str = ""
    system: str = ""
    operation: str = ""
    error_text: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def ended_s(self) -> float:
        return self.started_s + self.duration_ms / 1000
