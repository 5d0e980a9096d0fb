"""The outbox: one decision is one row, and every row ends in a state that says what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pyroaring import BitMap

from depesche.model.subscription import (
    ALERT,
    DEAD,
    DROPPED,
    EXPIRED,
    INTENT,
    PENDING,
    SENT,
    UNCERTAIN,
    Balance,
    Decision,
    Outgoing,
)
from depesche.store.database import Database, Transaction
from depesche.store.letters.outbox import Fate
from fakes import FakeClock

HOUR = timedelta(hours=1)


@pytest.fixture
def reader(database: Database, clock: FakeClock) -> int:
    with database.transaction() as tx:
        return tx.subscriptions.subscriber("Anna@Example.org", "anna@example.org", "de", clock.now()).key


def _decision(reader: int, clock: FakeClock, name: str = "1:1:alert", **more: object) -> Decision:
    fields: dict[str, object] = {
        "kind": ALERT, "subscriber": reader, "message_id": f"<{name}@x>", "due_at": clock.now(),
        "expires_at": clock.now() + 6 * HOUR, "lineage": 1, "version": 1, "reasons": ("ZZ1", "ZZ2"),
    }  # fmt: skip
    return Decision(name=name, **{**fields, **more})  # type: ignore[arg-type]


def _all(tx: Transaction, reader: int) -> list[Outgoing]:
    return tx.outbox.of_subscriber(reader)


def test_a_decision_comes_back_as_it_was_taken(database: Database, clock: FakeClock, reader: int) -> None:
    taken = _decision(reader, clock)
    with database.transaction() as tx:
        tx.outbox.decide([taken], clock.now())
        (found,) = _all(tx, reader)
    assert (found.decision, found.state, found.tries, found.sent_at) == (taken, PENDING, 0, None)
    assert found.subscriber.address == "Anna@Example.org"


def test_deciding_again_changes_nothing(database: Database, clock: FakeClock, reader: int) -> None:
    with database.transaction() as tx:
        tx.outbox.decide([_decision(reader, clock)], clock.now())
        tx.outbox.decide([_decision(reader, clock, version=2, reasons=())], clock.now())
        (found,) = _all(tx, reader)
    assert (found.decision.version, found.decision.reasons) == (1, ("ZZ1", "ZZ2"))


@pytest.mark.parametrize("state", [DROPPED, EXPIRED, SENT, DEAD, UNCERTAIN])
@pytest.mark.parametrize("tried", [True, False])
def test_only_an_alert_that_nobody_tried_to_send_has_told_nothing(
    database: Database, clock: FakeClock, reader: int, state: str, tried: bool
) -> None:
    with database.transaction() as tx:
        tx.outbox.decide([_decision(reader, clock)], clock.now())
        tx.dispatches.tell(1, ALERT, BitMap([reader, 77]), clock.now())
        (found,) = tx.outbox.claim(clock.now())
        tx.outbox.settle([Fate(found.key, state, "gone", tried=tried)], clock.now())
        is_untold = state in (DROPPED, EXPIRED) and not tried
        assert set(tx.dispatches.told([1])) == ({77} if is_untold else {reader, 77})


def test_letters_are_claimed_oldest_first_and_when_due(
    database: Database, clock: FakeClock, reader: int
) -> None:
    later = clock.now() + HOUR
    with database.transaction() as tx:
        tx.outbox.decide(
            [
                _decision(reader, clock, "late", due_at=later),
                _decision(reader, clock, "a"),
                _decision(reader, clock, "b"),
            ],
            clock.now(),
        )
        assert [one.decision.name for one in tx.outbox.claim(clock.now())] == ["a", "b"]
        assert [one.decision.name for one in tx.outbox.claim(clock.now(), limit=1)] == ["a"]
        assert [one.decision.name for one in tx.outbox.claim(later)] == ["a", "b", "late"]


def test_a_claimed_letter_is_nobody_elses(database: Database, clock: FakeClock, reader: int) -> None:
    with database.transaction() as tx:
        tx.outbox.decide([_decision(reader, clock)], clock.now())
        (found,) = tx.outbox.claim(clock.now())
        tx.outbox.intend([found.key])
    with database.transaction() as tx:
        assert tx.outbox.claim(clock.now()) == []
        assert not tx.outbox.is_due(clock.now())
        assert tx.outbox.intended("ours", clock.now()) == ([found.key], [])
        tx.outbox.intend([found.key], "theirs", clock.now() + HOUR)
        assert tx.outbox.intended("ours", clock.now()) == ([], [])
        assert tx.outbox.intended("ours", clock.move(hours=1)) == ([], [found.key])


def test_doubtful_letters_are_due_again_until_they_expire(
    database: Database, clock: FakeClock, reader: int
) -> None:
    with database.transaction() as tx:
        tx.outbox.decide([_decision(reader, clock)], clock.now())
        (found,) = tx.outbox.claim(clock.now())
        tx.outbox.settle([Fate(found.key, UNCERTAIN, "?", clock.now() + HOUR, tried=True)], clock.now())
        assert not tx.outbox.is_due(clock.now())
        assert tx.outbox.is_due(clock.move(hours=1))
        assert not tx.outbox.is_due(clock.now(), resend=False)
        assert tx.outbox.claim(clock.now(), resend=False) == []
        (again,) = tx.outbox.claim(clock.now())
        tx.outbox.settle([Fate(again.key, UNCERTAIN, "parked")], clock.now())
        assert not tx.outbox.is_due(clock.now())
        assert tx.outbox.expire(clock.move(days=1)) == 0
        (parked,) = _all(tx, reader)
    assert (parked.state, parked.tries, parked.reason) == (UNCERTAIN, 1, "parked")


def test_the_time_of_sending_is_that_of_the_answer(database: Database, clock: FakeClock, reader: int) -> None:
    answered: datetime = clock.now()
    with database.transaction() as tx:
        tx.outbox.decide([_decision(reader, clock), _decision(reader, clock, "b")], clock.now())
        first, second = tx.outbox.claim(clock.now())
        clock.move(minutes=3)
        fates = [Fate(first.key, SENT, tried=True, sent_at=answered), Fate(second.key, SENT, tried=True)]
        tx.outbox.settle(fates, clock.now())
        assert [one.sent_at for one in _all(tx, reader)] == [answered, clock.now()]


def test_expiry_takes_the_late_and_unsent_only(database: Database, clock: FakeClock, reader: int) -> None:
    with database.transaction() as tx:
        tx.outbox.decide([_decision(reader, clock, name) for name in "abc"], clock.now())
        tx.outbox.decide([_decision(reader, clock, "d", expires_at=clock.now() + 9 * HOUR)], clock.now())
        sent, claimed, *_ = tx.outbox.claim(clock.now())
        tx.outbox.settle([Fate(sent.key, SENT)], clock.now())
        tx.outbox.intend([claimed.key])
        assert tx.outbox.expire(clock.move(hours=6)) == 1
        assert [one.state for one in _all(tx, reader)] == [SENT, INTENT, EXPIRED, PENDING]
        assert tx.outbox.counts() == {SENT: 1, INTENT: 1, EXPIRED: 1, PENDING: 1}


def test_a_balance_is_even_when_every_decision_is_in_a_state(
    database: Database, clock: FakeClock, reader: int
) -> None:
    with database.reading() as tx:
        assert tx.ledger.balance(7) == Balance()
    assert Balance(3, 1, 0, 0, 1, 0, 1).is_even
    assert not Balance(3, 1, 0, 0, 1).is_even
