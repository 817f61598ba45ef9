"""Problem documents (RFC 9457) that were passed on: the chain of components, and the error text of the last.

The extension members are `component` (the author of the document), `neighbour` (the component that it called) and
`answer` (that component's own document). A document without them still has an error text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

_MAX_ERROR_TEXT = 200


@dataclass(frozen=True, slots=True)
class ReportedProblem:
    """`chain`: components from the author to the deepest one called; `error_text`: from the deepest document."""

    chain: tuple[str, ...] = ()
    error_text: str = ""


def reported_problem(answer: object) -> ReportedProblem:
    """The problem in the JSON of an answer; empty if that is not an object."""
    chain: list[str] = []
    error_text = ""
    while isinstance(answer, dict):
        error_text = _error_text_of(answer)
        for name in (answer.get("component"), answer.get("neighbour")):
            if isinstance(name, str) and chain[-1:] != [name]:
                chain.append(name)
        answer = answer.get("answer")
    return ReportedProblem(tuple(chain), error_text)


def _error_text_of(document: dict[str, object]) -> str:
    """The `detail` of a problem document, the code and message of an error object, or else the document itself."""
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
