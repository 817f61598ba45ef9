"""One HTTP request and its response, as plain data; the common form of every recording.

`records.har` reads recordings.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

MAX_TEXT_BYTES = 64 * 1024  # of a body; what is longer is cut, and noted as cut


def is_json(mime: str) -> bool:
    return mime.endswith(("/json", "+json"))


@dataclass(frozen=True, slots=True)
class Body:
    """What was sent. `mime` is the media type alone, in lower case, "" if unknown.

    `size` counts the bytes of the whole body, -1 where unknown; `text` is None for a binary body and for one
    that was not recorded, and ends early where `truncated`.
    """

    mime: str
    size: int
    text: str | None = None
    truncated: bool = False

    @property
    def is_json(self) -> bool:
        return is_json(self.mime)


@dataclass(frozen=True, slots=True)
class Message:
    """Headers in their order and with their own spelling, and a body or None."""

    headers: tuple[tuple[str, str], ...] = ()
    body: Body | None = None

    def header(self, name: str) -> str | None:
        """The value of the first header of this name; None where there is none."""
        return next(iter(self.header_values(name)), None)

    def header_values(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.headers if key.lower() == name.lower())

    def json(self) -> object | None:
        """The body's JSON, whatever media type it claims; None where it is none, or was not recorded whole."""
        if self.body is None or self.body.text is None or self.body.truncated:
            return None
        if not self.body.is_json and not self.body.text.lstrip().startswith(("{", "[")):
            return None
        try:
            return json.loads(self.body.text)  # type: ignore[no-any-return]  # foreign JSON
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer.

    `status` is 0 where no answer came, and `failure` then is the reason, if known. `started_s` are seconds
    since the epoch (0: unknown). `caller` and `callee` are components, `evidence.calls.BROWSER` or STEP. `scenario` is
    the key of the scenario that it belongs to, `person` the one whose browser sent it, "" where none is known.
    `trace_id` and `span_id` are those of the request's traceparent: the span is the caller's.
    """

    method: str
    url: str
    status: int
    started_s: float = 0.0
    duration_ms: float = 0.0
    request: Message = field(default_factory=Message)
    response: Message = field(default_factory=Message)
    caller: str = ""
    callee: str = ""
    scenario: str = ""
    step: str = ""
    person: str = ""
    trace_id: str = ""
    span_id: str = ""
    resource_type: str = ""
    failure: str = ""

    @property
    def path(self) -> str:
        return urlsplit(self.url).path or "/"

    @property
    def reads(self) -> bool:
        """Whether it asks for something and changes nothing."""
        return self.method in ("GET", "HEAD")

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The query's parameters, decoded, in their order; a name may come more than once."""
        return tuple(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))
