"""chassis: messages that are kept until they are delivered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from travel.chassis import Database, NeighbourRefused, NeighbourUnreachable
from travel.chassis.outbox import Outbox

AWAY = NeighbourUnreachable("mail", "down")
BUSY = NeighbourRefused("mail", 503, None)
REFUSED = NeighbourRefused("mail", 422, None)


class Receiver:
    """Takes messages, or fails with what `failures` says for a body."""

    def __init__(self) -> None:
        self.failures: dict[str, Exception] = {}
        self.tried: list[str] = []
        self.taken: list[str] = []

    def take(self, body: str) -> None:
        self.tried.append(body)
        if body in self.failures:
            raise self.failures[body]
        self.taken.append(body)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def database(tmp_path: Path) -> Database:
    schema = tmp_path / "schema.sql"
    schema.touch()
    return Database(tmp_path / "outbox.sqlite", schema)


def outbox_for(database: Database, receiver: Receiver, **options: Any) -> Outbox:
    """An outbox that tries again at once."""
    return Outbox(database, {"mail": receiver.take, "other": receiver.take}, first_retry_s=0, **options)


def put(database: Database, outbox: Outbox, *messages: tuple[str, str, str]) -> None:
    with database.transaction() as connection:
        for kind, subject, body in messages:
            outbox.put(connection, kind, subject, body)


def test_messages_of_a_subject_are_delivered_once_and_in_order(database: Database, receiver: Receiver) -> None:
    """And then there is nothing more to do."""
    outbox = outbox_for(database, receiver)
    put(database, outbox, ("mail", "a", "1"), ("mail", "a", "2"), ("mail", "a", "3"))
    assert [outbox.deliver_next() for _ in range(4)] == [True, True, True, False]
    assert receiver.taken == ["1", "2", "3"]


def test_a_message_belongs_to_its_transaction(database: Database, receiver: Receiver) -> None:
    """What was rolled back is not told."""
    outbox = outbox_for(database, receiver)
    with pytest.raises(ZeroDivisionError), database.transaction() as connection:
        outbox.put(connection, "mail", "a", "1")
        raise ZeroDivisionError
    assert not outbox.deliver_next()


def test_a_failing_message_holds_up_its_own_subject_alone(database: Database, receiver: Receiver) -> None:
    """Neither another subject nor another kind waits for it."""
    outbox = outbox_for(database, receiver)
    receiver.failures["1"] = AWAY
    put(database, outbox, ("mail", "a", "1"), ("mail", "a", "2"), ("mail", "b", "3"), ("other", "a", "4"))
    for _ in range(10):
        outbox.deliver_next()
    assert receiver.taken == ["3", "4"]
    receiver.failures.clear()
    while outbox.deliver_next():
        pass
    assert receiver.taken == ["3", "4", "1", "2"]


@pytest.mark.parametrize("error", [REFUSED, NeighbourRefused("mail", 500, None), ValueError("a fault of ours")])
def test_a_bad_message_is_parked_and_those_behind_it_go_on(database: Database, receiver: Receiver,
                                                           error: Exception) -> None:
    """After as many faults as configured; it stays in the table with its last error."""
    outbox = outbox_for(database, receiver, park_after=3)
    receiver.failures["1"] = error
    put(database, outbox, ("mail", "a", "1"), ("mail", "a", "2"))
    while outbox.deliver_next():
        pass
    assert receiver.tried == ["1", "1", "1", "2"]
    [parked] = database.all("SELECT * FROM outbox")
    assert (parked["parked"], parked["last_error"]) == (1, str(error))


@pytest.mark.parametrize("error", [AWAY, BUSY])
def test_an_outage_of_any_length_parks_nothing(database: Database, receiver: Receiver, error: Exception) -> None:
    """A neighbour that is away is not the message's fault."""
    outbox = outbox_for(database, receiver, park_after=2)
    receiver.failures["1"] = error
    put(database, outbox, ("mail", "a", "1"))
    for _ in range(20):
        assert outbox.deliver_next()
    receiver.failures.clear()
    assert outbox.deliver_next()
    assert receiver.taken == ["1"]


def test_an_impatient_outbox_gives_up_on_whoever_is_away(database: Database, receiver: Receiver) -> None:
    """As third parties do with webhooks."""
    outbox = outbox_for(database, receiver, park_after=2, patient=False)
    receiver.failures["1"] = AWAY
    put(database, outbox, ("mail", "a", "1"))
    assert [outbox.deliver_next() for _ in range(3)] == [True, True, False]


def test_a_failed_message_waits_longer_each_time(database: Database, receiver: Receiver) -> None:
    """Twice as long, up to the longest wait."""
    outbox = Outbox(database, {"mail": receiver.take}, first_retry_s=60, longest_retry_s=200)
    receiver.failures["1"] = AWAY
    put(database, outbox, ("mail", "a", "1"))
    waits = []
    for _ in range(4):
        assert outbox.deliver_next()
        assert not outbox.deliver_next()
        [message] = database.all("SELECT due_at, due_at - (julianday('now') - 2440587.5) * 86400 AS wait FROM outbox")
        waits.append(round(message["wait"], -1))
        with database.transaction() as connection:
            connection.execute("UPDATE outbox SET due_at = 0")
    assert waits == [60, 120, 200, 200]


def test_a_restart_forgets_nothing(database: Database, receiver: Receiver) -> None:
    """Messages live in the database."""
    put(database, outbox_for(database, receiver), ("mail", "a", "1"))
    assert outbox_for(database, receiver).deliver_next()
    assert receiver.taken == ["1"]
