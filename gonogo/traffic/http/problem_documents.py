"""Problem documents (RFC 9457) that were passed on: who spoke, whom it had asked, and what that one said.

Followed are the extension members `component` (who speaks), `neighbour` (whom it had asked) and `answer` (what
that one said); without them a document still tells what was said.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

_MAX_ERROR_TEXT = 200


@dataclass(frozen=True, slots=True)
class ReportedProblem:
    """`chain`: components from the first that spoke to the deepest that was asked; `said`: the deepest's words."""

    chain: tuple[str, ...] = ()
    error_text: str = ""


def follow(answer: object) -> ReportedProblem:
    """What the JSON of an answer tells; empty where it is no object."""
    chain: list[str] = []
    error_text = ""
    while isinstance(answer, dict):
        error_text = _said(answer)
        for name in (answer.get("component"), answer.get("neighbour")):
            if isinstance(name, str) and chain[-1:] != [name]:
                chain.append(name)
        answer = answer.get("answer")
    return ReportedProblem(tuple(chain), error_text)


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
    return text[:_MAX_ERROR_TEXT]
