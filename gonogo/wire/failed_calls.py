"""Which calls of a failing scenario went wrong, and how deep below them the error began.

An error that is passed on is followed through problem documents (RFC 9457) with the extension members
`component` (who speaks), `neighbour` (whom it had asked) and `answer` (what that one said).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from gonogo.evidence.model import FailedCall
from gonogo.wire.har import Exchange

_ID = re.compile(r"^(?=.*\d)[\w-]{8,}$|^\d+$")
_LONGEST_SAID = 200


def failed_calls(exchanges: Iterable[Exchange]) -> tuple[FailedCall, ...]:
    """The calls that were answered with 500 or above, or not at all; first come, first told."""
    return tuple(_failed_call(exchange) for exchange in exchanges if exchange.status >= 500 or exchange.status == 0)


def _failed_call(exchange: Exchange) -> FailedCall:
    chain, said = _follow(exchange.answer)
    return FailedCall(edge=f"{exchange.method} {_template(exchange.path)}", status=exchange.status,
                      chain=tuple(chain), said=said)


def _follow(answer: object) -> tuple[list[str], str]:
    """Components from the first that spoke to the deepest that was asked, and what the deepest said."""
    chain: list[str] = []
    said = ""
    while isinstance(answer, dict):
        said = _said(answer)
        for name in (answer.get("component"), answer.get("neighbour")):
            if isinstance(name, str) and chain[-1:] != [name]:
                chain.append(name)
        answer = answer.get("answer")
    return chain, said


def _said(document: dict[str, object]) -> str:
    """A problem document's `detail`, an error object's code and message, or else the document itself."""
    detail, error = document.get("detail"), document.get("error")
    if isinstance(detail, str):
        text = detail
    elif isinstance(error, dict) and "message" in error:
        text = f"{error.get('code', '')} {error['message']}".strip()
    else:
        text = json.dumps(document, ensure_ascii=False)
    errors = document.get("errors")
    if errors:
        text += " " + json.dumps(errors, ensure_ascii=False)
    return text[:_LONGEST_SAID]


def _template(path: str) -> str:
    """`/api/bookings/5f0c…` → `/api/bookings/[id]`."""
    return "/".join("[id]" if _ID.match(part) else part for part in path.split("/"))
