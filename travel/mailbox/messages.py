"""The messages that were caught, newest first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from travel.chassis import Database
from travel.mailbox.search import Term


class Messages:
    """At most `limit` are kept: the oldest go first."""

    def __init__(self, database: Database, limit: int) -> None:
        self._database = database
        self._limit = limit

    def add(self, document: dict[str, Any]) -> None:
        everyone = document["To"] + document["Cc"] + document["Bcc"]
        content = "\n".join([document["Subject"], document["Text"], document["HTML"]])
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO messages (id, document, recipients, sender, subject, message_id, content) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (document["ID"], json.dumps(document, ensure_ascii=False), _searchable(everyone),
                 _searchable([document["From"]]), document["Subject"].lower(), document["MessageID"].lower(),
                 content.lower()))
            connection.execute("DELETE FROM messages WHERE number <= ?", ((cursor.lastrowid or 0) - self._limit,))

    def count(self, terms: Sequence[Term] = ()) -> int:
        row = self._database.one(f"SELECT count(*) AS n FROM messages {_where(terms)}",  # noqa: S608 - our columns
                                 [term.text for term in terms])
        return int(row["n"]) if row else 0

    def page(self, start: int, limit: int, terms: Sequence[Term] = ()) -> list[dict[str, Any]]:
        rows = self._database.all(
            f"SELECT document FROM messages {_where(terms)} "  # noqa: S608 - our columns
            "ORDER BY number DESC LIMIT ? OFFSET ?", [*(term.text for term in terms), limit, start])
        return [json.loads(row["document"]) for row in rows]

    def find(self, message_id: str) -> dict[str, Any] | None:
        """The message with that ID; `latest` is the newest."""
        if message_id == "latest":
            return next(iter(self.page(0, 1)), None)
        row = self._database.one("SELECT document FROM messages WHERE id = ?", (message_id,))
        document: dict[str, Any] | None = json.loads(row["document"]) if row else None
        return document

    def delete(self, message_ids: Sequence[str] | None) -> None:
        """Those named, or all where none is."""
        with self._database.transaction() as connection:
            if message_ids:
                connection.executemany("DELETE FROM messages WHERE id = ?", [(one,) for one in message_ids])
            else:
                connection.execute("DELETE FROM messages")


def _searchable(addresses: Sequence[dict[str, str]]) -> str:
    return "\n".join(f"{address['Name']} <{address['Address']}>" for address in addresses).lower()


def _where(terms: Sequence[Term]) -> str:
    return "WHERE " + " AND ".join(term.condition for term in terms) if terms else ""
