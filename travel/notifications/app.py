"""notifications over HTTP: an event is accepted once, its mail is sent by a worker."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request

from travel.chassis import Database, Neighbour, Problem, Settings, create_service, start_worker
from travel.chassis.outbox import Outbox
from travel.notifications.events import InvalidEvent, parse_event
from travel.notifications.mail import compose
from travel.notifications.post import PostOffice


def create_app(settings: Settings) -> Flask:
    database = Database(settings["database"], Path(__file__).with_name("schema.sql"))
    post_office = PostOffice(settings["smtp_host"], int(settings["smtp_port"]), float(settings["smtp_timeout_s"]))

    def send(event: dict[str, Any]) -> None:
        post_office.send(compose(event, settings["sender"], settings["public_url"]))

    outbox = Outbox(database, {"mail": send})
    app = create_service(settings, [Neighbour("mailbox", settings["mailbox_url"])])
    app.extensions["travel"] = {"outbox": outbox}

    @app.post("/events")
    def receive() -> tuple[Response, int]:
        try:
            event = parse_event(request.get_json())
        except InvalidEvent as error:
            raise Problem(422, "invalid-event", "No mail can be written from this event.",
                          errors=error.errors) from error
        is_new = _accept(database, outbox, event)
        return jsonify(event_id=event["event_id"], accepted=is_new), 202 if is_new else 200

    if settings.get("workers", True):
        start_worker("notifications-outbox", outbox.deliver_next, idle_s=0.05)
    return app


def _accept(database: Database, outbox: Outbox, event: dict[str, Any]) -> bool:
    """Keep the event and the mail to be written of it, in one step; False where it was here before."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    try:
        with database.transaction() as connection:
            connection.execute("INSERT INTO events VALUES (?, ?, ?)", (event["event_id"], event["type"], now))
            outbox.put(connection, "mail", event["booking"]["id"], event)
    except sqlite3.IntegrityError:
        return False
    return True
