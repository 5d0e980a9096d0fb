"""Readers as people: recent requests are counted, the silent are found, and nobody inherits an erased reader's key."""

from __future__ import annotations

from datetime import timedelta

import pytest

from depesche.model.subscription import PROVIDER, Target
from depesche.store.database import Database, Transaction
from fakes import FakeClock


def _asked(
    tx: Transaction, clock: FakeClock, address: str, value: str = "Nordlicht", event: str = "requested"
) -> tuple[int, int, int]:
    """Let *address* ask to follow a provider; returns the keys of reader, subscription and target."""
    now = clock.now()
    reader = tx.subscriptions.subscriber(address, address, "de", now).key
    target = tx.targets.enter(Target(PROVIDER, value, value)).key
    wanted = tx.subscriptions.request(reader, target, now).key
    tx.subscriptions.consent(reader, wanted, event, now)
    return reader, wanted, target


def test_recent_requests_are_counted_in_all_and_for_one_target(database: Database, clock: FakeClock) -> None:
    with database.transaction() as tx:
        _asked(tx, clock, "a@example.org")
        clock.move(minutes=50)
        _, _, first = _asked(tx, clock, "b@example.org")
        _, _, other = _asked(tx, clock, "b@example.org", "Hanse")
        _asked(tx, clock, "c@example.org", event="ignored")
        hour_ago = clock.now() - timedelta(minutes=50)
        assert tx.readers.requests(hour_ago) == 2
        assert tx.readers.requests(hour_ago - timedelta(minutes=1)) == 3
        assert (tx.readers.requests(hour_ago, first), tx.readers.requests(hour_ago, other)) == (1, 1)


def test_a_confirmation_answers_what_was_asked_before(database: Database, clock: FakeClock) -> None:
    with database.transaction() as tx:
        reader, first, _ = _asked(tx, clock, "a@example.org")
        long_ago = clock.now() - timedelta(days=1)
        _, second, _ = _asked(tx, clock, "a@example.org", "Hanse")
        assert tx.readers.unanswered(reader, long_ago) == 2
        tx.subscriptions.consent(reader, first, "confirmed", clock.now())
        assert tx.readers.unanswered(reader, long_ago) == 0
        assert tx.readers.unanswered(reader, long_ago, second) == 1
        assert tx.readers.unanswered(reader, clock.now() + timedelta(seconds=1), second) == 0


def test_only_those_who_never_answered_and_of_whom_nobody_asks_are_found(
    database: Database, clock: FakeClock
) -> None:
    with database.transaction() as tx:
        silent, _waiting, follows, left, asked_again, suppressed = (
            _asked(tx, clock, f"{name}@example.org")
            for name in ("silent", "waiting", "follows", "left", "again", "never")
        )
        for _, key, _ in (follows, left):
            tx.subscriptions.confirm(key, clock.now())
            tx.subscriptions.consent(left[0], left[1], "confirmed", clock.now())
        for _, key, _ in (silent, left, asked_again, suppressed):
            tx.subscriptions.end(key, clock.now())
        tx.subscriptions.suppress(suppressed[0], "complaint", clock.now())
        clock.move(days=31)
        tx.subscriptions.consent(asked_again[0], None, "ignored", clock.now())
        before = clock.now() - timedelta(days=30)
        assert tx.readers.never_confirmed(before) == [silent[0]]
        assert tx.readers.never_confirmed(before - timedelta(days=2)) == []
        tx.subscriptions.erase(silent[0], is_unheard=True)
        assert tx.readers.never_confirmed(before) == []


@pytest.mark.parametrize("is_unheard", [False, True])
def test_nobody_inherits_the_key_of_an_erased_reader(
    database: Database, clock: FakeClock, is_unheard: bool
) -> None:
    with database.transaction() as tx:
        first, kept, _ = _asked(tx, clock, "first@example.org")
        newest, wanted, _ = _asked(tx, clock, "newest@example.org")
        tx.subscriptions.confirm(wanted, clock.now())
        tx.subscriptions.erase(newest, is_unheard=is_unheard)
        heir, inherited, _ = _asked(tx, clock, "heir@example.org")
        assert heir not in (first, newest)
        assert inherited not in (kept, wanted)
        assert tx.subscriptions.by_key(newest) is None
        assert tx.subscriptions.by_identity("newest@example.org") is None
        assert tx.subscriptions.get(wanted) is None
        assert tx.subscriptions.of_subscriber(newest) == []
        assert not tx.subscriptions.confirm(wanted, clock.now())
        tx.subscriptions.erase(first)
        assert tx.subscriptions.get(kept) is None
        again, _, _ = _asked(tx, clock, "newest@example.org")
        assert again not in (first, newest, heir)


def test_every_subscription_is_listed_and_a_language_is_kept(database: Database, clock: FakeClock) -> None:
    with database.transaction() as tx:
        reader, first, _ = _asked(tx, clock, "a@example.org")
        _, second, _ = _asked(tx, clock, "a@example.org", "Hanse")
        tx.subscriptions.end(first, clock.now())
        assert tx.readers.every(reader) == [first, second]
        tx.readers.set_language(reader, "en")
        found = tx.subscriptions.by_key(reader)
        assert found is not None
        assert found.language == "en"
