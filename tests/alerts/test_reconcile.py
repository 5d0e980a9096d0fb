"""Letters in doubt are settled by the mail server's log, and those it does not know stay in doubt."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from newsdesk import SECRET, Newsroom

from depesche.alerts.returns.bounces import BounceDesk
from depesche.alerts.returns.reconcile import Reconciled, reconcile
from depesche.alerts.returns.suppression import SuppressionList
from depesche.model.subscription import UNCERTAIN, Outgoing
from depesche.store.database import Database
from depesche.store.letters.outbox import Fate
from fakes import FakeClock


@pytest.fixture
def room(database: Database, clock: FakeClock) -> Newsroom:
    return Newsroom(database, clock)


def doubtful(room: Newsroom, address: str) -> Outgoing:
    """Return a letter of which nobody knows whether the mail server has it."""
    room.ask(address)
    with room.database.transaction() as tx:
        reader = tx.subscriptions.by_identity(address)
        assert reader is not None
        letter = tx.outbox.of_subscriber(reader.key)[-1]
        tx.outbox.settle([Fate(letter.key, UNCERTAIN, "no answer", tried=True)], room.clock.now())
    return letter


def log_of(letter: Outgoing, queue: str, status: str, dsn: str, said: str) -> list[bytes]:
    begin = "2026-03-02T09:30:00+01:00 relay postfix"
    return [
        f"{begin}/cleanup[1]: {queue}: message-id={letter.decision.message_id}\n".encode(),
        f"{begin}/smtp[2]: {queue}: to=<x@post.example>, relay=mx, dsn={dsn}, status={status} ({said})\n".encode(),
    ]


def state(room: Newsroom, letter: Outgoing) -> str:
    return now_of(room, letter).state


def now_of(room: Newsroom, letter: Outgoing) -> Outgoing:
    with room.database.reading() as tx:
        return next(one for one in tx.outbox.of_subscriber(letter.subscriber.key) if one.key == letter.key)


def test_each_letter_gets_the_fate_that_the_log_tells(room: Newsroom) -> None:
    desk = BounceDesk(room.database, room.clock, SuppressionList(SECRET))
    sent, gone, late, absent = (doubtful(room, f"{name}@post.example") for name in ("ada", "bo", "cy", "di"))
    log = [
        *log_of(sent, "4A1", "sent", "2.0.0", "250 ok"),
        *log_of(
            gone,
            "4A2",
            "bounced",
            "5.1.1",
            "host mx said: 550 5.1.1 no such user (in reply to RCPT TO command)",
        ),
        *log_of(late, "4A3", "deferred", "4.4.1", "connection timed out"),
    ]
    assert reconcile(room.database, desk, log, room.clock.now(), dry=True) == Reconciled(4, 2, 1, 1)
    assert {state(room, one) for one in (sent, gone, late, absent)} == {"uncertain"}
    assert reconcile(room.database, desk, log, room.clock.now()) == Reconciled(4, 2, 1, 1)
    assert [state(room, one) for one in (sent, gone, late, absent)] == [
        "sent",
        "bounced",
        "sent",
        "uncertain",
    ]
    assert now_of(room, sent).sent_at == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    with room.database.reading() as tx:
        reader = tx.subscriptions.by_key(gone.subscriber.key)
        assert reader is not None
        assert reader.suppressed
        assert [one.source for one in tx.bounces.newest()] == ["log"]
    assert reconcile(room.database, desk, log, room.clock.now()) == Reconciled(1, 0, 0, 1)


def test_without_doubt_the_log_is_not_read(room: Newsroom) -> None:
    def log() -> object:
        raise AssertionError("the log was read")
        yield b""

    desk = BounceDesk(room.database, room.clock, SuppressionList(SECRET))
    assert reconcile(room.database, desk, log(), room.clock.now()) == Reconciled(0, 0, 0, 0)  # type: ignore[arg-type]
