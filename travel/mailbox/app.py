"""The part of Mailpit's HTTP interface that tests need: list, search, read, delete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request

from travel.chassis import Database, Problem, Settings, create_service
from travel.mailbox.messages import Messages
from travel.mailbox.parsing import summary_of
from travel.mailbox.search import Term, parse_query
from travel.mailbox.smtp import start_smtp

DEFAULT_LIMIT = 50


def create_app(settings: Settings) -> Flask:
    messages = Messages(Database(settings["database"], Path(__file__).with_name("schema.sql")),
                        limit=int(settings["max_messages"]))
    app = create_service(settings)
    app.extensions["smtp"] = start_smtp(messages, int(settings["smtp_port"]))
    _add_routes(app, messages)
    return app


def _add_routes(app: Flask, messages: Messages) -> None:
    @app.get("/livez")
    def live() -> Response:
        return Response("ok", mimetype="text/plain")

    @app.get("/api/v1/messages")
    def list_all() -> Response:
        return jsonify(_page(messages, []))

    @app.get("/api/v1/search")
    def search() -> Response:
        terms = parse_query(request.args.get("query", ""))
        if not terms:
            raise Problem(400, "no-query", "Say what to search for: query=to:\"ana@example.com\"")
        return jsonify(_page(messages, terms))

    @app.get("/api/v1/message/<message_id>")
    def show(message_id: str) -> Response:
        document = messages.find(message_id)
        if document is None:
            raise Problem(404, "no-such-message", "There is no message with that ID.")
        return jsonify(document)

    @app.delete("/api/v1/messages")
    def delete() -> Response:
        body = request.get_json(silent=True)
        ids = body.get("IDs") if isinstance(body, dict) else None
        if ids is not None and not (isinstance(ids, list) and all(isinstance(one, str) for one in ids)):
            raise Problem(400, "invalid-ids", "IDs must be a list of message IDs.")
        messages.delete(ids)
        return Response("ok", mimetype="text/plain")


def _page(messages: Messages, terms: list[Term]) -> dict[str, Any]:
    """Mailpit's counts: `total` and `unread` are of the whole mailbox, `messages_count` of what matches."""
    start, limit = _number("start", 0), _number("limit", DEFAULT_LIMIT)
    found = messages.page(start, limit, terms)
    total, matching = messages.count(), messages.count(terms)
    return {"total": total, "unread": total, "count": len(found), "messages_count": matching,
            "messages_unread": matching, "start": start, "tags": [],
            "messages": [summary_of(document) for document in found]}


def _number(name: str, default: int) -> int:
    text = request.args.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Problem(400, "invalid-number", f"{name} must be a whole number from 0.")
    return int(text)
