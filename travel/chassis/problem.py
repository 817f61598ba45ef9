"""Errors over HTTP, as RFC 9457 problem details."""

from __future__ import annotations


class Problem(Exception):
    """Raised in a view to answer `application/problem+json`.

    `status` is the HTTP status, `code` a stable kebab-case name for programs, `detail` a sentence
    for people, `extra` further members of the document (for instance `errors` by field).
    """

    def __init__(self, status: int, code: str, detail: str, **extra: object) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.extra = extra

    def document(self) -> dict[str, object]:
        return {
            "type": f"urn:travel:problem:{self.code}",
            "title": self.code.replace("-", " ").capitalize(),
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.extra,
        }
