"""The probe stage's requests and the classes of their answers, as plain data.

A request is stored with `{{name}}` for what differs from send to send, so that it can be sent again in a later run. The
class of an answer is what two answers to the same request have in common: no value, but status and shape.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gonogo.model.stages import StageEvidence

UNIQUE = "unique"  # the placeholder of a text that is new with each send

STATUS, MEDIA, PROBLEM = "status", "media type", "problem type"  # aspects of an answer, beside the places of its body
_SERVER_ERRORS = range(500, 600)


@dataclass(frozen=True, slots=True)
class Change:
    """What is awkward about a request, as `kind` ("empty", "apostrophe") at `place` ("body.name", "query.date").

    `detail` is a type, a number or a short value, where the kind has one. Without a place it is the request as a whole.
    """

    kind: str
    place: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ProbeRequest:
    """A request to the front API. `operation` ("POST /api/customers") is that of the document of `component`.

    `path` begins at the host. `mime` is that of the `body`, "" without one; the body is JSON, for a form an object.
    `signed`: with what the sign-in returned. Texts may have placeholders.
    """

    operation: str
    component: str
    change: Change
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    mime: str = ""
    body: object = None
    signed: bool = True

    @property
    def method(self) -> str:
        return self.operation.partition(" ")[0]

    @property
    def key(self) -> str:
        """Sixteen hexadecimal digits of what is sent: equal for equal requests."""
        sent = [self.operation, self.path, self.query, self.headers, self.mime, self.body, self.signed]
        return hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class PlaceClass:
    """The kinds of the values at one place of a body ("type string"); `parent` contains it, "" if it is no member."""

    parent: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerClass:
    """`status` is 0 without an answer; `mime` is the media type alone, `problem` the `type` of a problem document.

    `places` are those of a JSON body, such as "response.body.items[].id".
    """

    status: int
    mime: str = ""
    problem: str = ""
    places: Mapping[str, PlaceClass] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether the server failed: it answered 5xx, or not at all."""
        return self.status == 0 or self.status in _SERVER_ERRORS

    @property
    def accepted(self) -> bool:
        return 0 < self.status < 400


class DifferenceKind(StrEnum):
    """How the class of an answer differs from that of the baseline."""

    FAILED = "failed"  # the server failed, which it did not
    REFUSED = "refused"  # what was accepted is refused
    ACCEPTED = "accepted"  # what was refused is accepted
    ANSWER = "answer"  # another status of the same kind, media type, or type of problem
    SHAPE = "shape"  # a place of the body is gone, or has values of other kinds


@dataclass(frozen=True, slots=True)
class AnswerDifference:
    """`where` is the aspect or the place that differs; `was` and `now` are its values, "" of a place that is gone."""

    kind: DifferenceKind
    where: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class KnownRequest:
    """A request with the class of its answer, as the baseline keeps it.

    `unstable` are the aspects and places that differed between two sends, `failed`: one of the answers was a server
    error. `ms` is how long it took.
    """

    request: ProbeRequest
    answer: AnswerClass
    unstable: frozenset[str] = frozenset()
    failed: bool = False
    ms: float = 0.0


@dataclass(frozen=True, slots=True)
class ProbeBaseline:
    """What a GO keeps of the stage; `versions` are those that answered: component → image and settings."""

    requests: tuple[KnownRequest, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProbedRequest:
    """A request and the classes of its answers, one for each send; `known`: it is the baseline's.

    The others are of the last send: its trace and span (both "" where it was not to be recorded), when it began in
    seconds since the epoch, how long it took, and the beginning of an error's body, masked.
    """

    request: ProbeRequest
    answers: tuple[AnswerClass, ...]
    known: bool = False
    trace_id: str = ""
    span_id: str = ""
    started_s: float = 0.0
    ms: float = 0.0
    error_body: str = ""

    @property
    def scenario(self) -> str:
        """The key of its calls among those of scenarios."""
        return f"probe:{self.request.key}"


@dataclass(frozen=True, slots=True)
class ProbeEvidence(StageEvidence):
    """What the stage left. `planned` requests of the baseline were to be sent again.

    `operations` is the number of operations that can be probed, `left_out` names others, with why. `signed`: the
    environment has a sign-in. `excluded` requests of the baseline are of operations that the environment leaves out.
    `unfilled` requests of the baseline need a value that the sign-in did not return. `stopped_by` is "" if nothing was
    left to send, "time", "requests" or "no answer". `fault` ended the stage, `sign_in_error` that of the suite's code.
    `refused` are requests that the environment does not permit, which were not sent. `closed`: the record has an end.
    """

    url: str
    requests: tuple[ProbedRequest, ...] = ()
    planned: int = 0
    operations: int = 0
    left_out: tuple[str, ...] = ()
    signed: bool = False
    excluded: int = 0
    unfilled: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    closed: bool = False
    stopped_by: str = ""
    fault: str = ""
    sign_in_error: str = ""

    @property
    def replayed(self) -> int:
        return sum(each.known for each in self.requests)
