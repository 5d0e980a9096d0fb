"""Chunks: claimed by one, settled into those who had their letter, those who wait and those with a row of their own."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from pyroaring import BitMap

from depesche.model.subscription import ALERT, DROPPED, KILL_LETTER, SENT, Dispatch
from depesche.store.database import Database, Transaction
from depesche.store.schema import metadata
from fakes import FakeClock

HOUR = timedelta(hours=1)


def _story(tx: Transaction) -> None:
    """Enter a bare story with readers 1 to 2000."""
    sql = tx.connection.exec_driver_sql
    sql("INSERT INTO lineages (latest_at) VALUES (5)")
    sql(
        "INSERT INTO stories (lineage_id, provider, wire, slug, state, latest, at, sponsored, headline_key, was_public,"
        " order_number, order_at) VALUES (1, 'N', 'n', 's', 'public', 0, 5, false, '', true, 1, 5)"
    )
    for key in range(1, 8):
        tx.subscriptions.subscriber(f"r{key}@example.org", f"r{key}@example.org", "de", FakeClock().now())


def _decide(
    tx: Transaction, clock: FakeClock, people: BitMap, kind: str = ALERT, channel: str = "email"
) -> int:
    one = Dispatch(0, kind, 1, 1, 1, (1,), len(people), clock.now(), clock.now(), clock.now() + 6 * HOUR)
    return tx.dispatches.decide(one, {channel: people})


@pytest.fixture
def told(database: Database, clock: FakeClock) -> Database:
    with database.transaction() as tx:
        _story(tx)
    return database


def test_a_dispatch_is_cut_into_chunks_of_500(told: Database, clock: FakeClock) -> None:
    with told.transaction() as tx:
        key = _decide(tx, clock, BitMap(range(1, 1202)))
        chunks = tx.chunks.between([key], 1, 2000)
        assert [(one.recipients.min(), one.recipients.max(), len(one.recipients)) for one in chunks] == [
            (1, 500, 500), (501, 1000, 500), (1001, 1201, 201),
        ]  # fmt: skip
        assert [one.key for one in tx.chunks.between([key], 700, 800)] == [chunks[1].key]
        assert tx.ledger.balance(1).pending == 1201
        assert tx.dispatches.of_version(1, 1) == BitMap(range(1, 1202))


def test_a_chunk_is_claimed_by_one_and_in_order(told: Database, clock: FakeClock) -> None:
    with told.transaction() as tx:
        _decide(tx, clock, BitMap(range(1, 601)))
        _decide(tx, clock, BitMap([1]), channel="webhook")
        until = clock.now() + HOUR
        first = tx.chunks.claim("email", "one", clock.now(), until)
        second = tx.chunks.claim("email", "two", clock.now(), until)
        assert first is not None
        assert second is not None
        assert (len(first.recipients), len(second.recipients)) == (500, 100)
        assert tx.chunks.claim("email", "three", clock.now(), until) is None
        assert not tx.chunks.is_due("email", clock.now())
        assert tx.chunks.is_due("webhook", clock.now())
        assert [[one.key for one in found] for found in tx.chunks.leased("one", clock.now())] == [
            [first.key],
            [],
        ]
        clock.move(hours=1)
        tx.chunks.prolong(first.key, clock.now() + HOUR)
        assert [[one.key for one in found] for found in tx.chunks.leased("nobody", clock.now())] == [
            [],
            [second.key],
        ]


def test_expiry_and_drop_tell_whom_they_told_nothing(told: Database, clock: FakeClock) -> None:
    with told.transaction() as tx:
        _decide(tx, clock, BitMap([1, 2, 3]))
        _decide(tx, clock, BitMap([3, 4]), KILL_LETTER)
        assert tx.chunks.drop_story(1, "gone", clock.now()) == {1: BitMap([1, 2, 3])}
        assert tx.ledger.balance(1).states() == {"pending": 2, "dropped": 3}
        assert tx.chunks.expire(clock.move(hours=7)) == (2, {})
        assert tx.ledger.balance(1).is_even


def test_the_ledger_notices_what_is_missing(told: Database, clock: FakeClock) -> None:
    with told.transaction() as tx:
        key = _decide(tx, clock, BitMap([1, 2, 3]))
        other = _decide(tx, clock, BitMap([1, 2, 3]))
        assert tx.ledger.uneven(clock.now() - HOUR) == []
        [chunk] = tx.chunks.between([key], 1, 3)
        tx.chunks.take_out(chunk.key, BitMap([2]))
        assert tx.ledger.uneven(clock.now() - HOUR) == [key]
        assert tx.ledger.uneven(clock.now() + HOUR) == []
        [chunk] = tx.chunks.between([other], 1, 3)
        tx.chunks.take_out(chunk.key, BitMap([1, 2, 3]))
        assert tx.ledger.uneven(clock.now() - HOUR) == [key, other]
        assert tx.ledger.counts() == {"pending": 2}


def test_the_ledger_answers_who_got_what_and_when(told: Database, clock: FakeClock) -> None:
    with told.transaction() as tx:
        _decide(tx, clock, BitMap([1, 2, 3]))
        chunk = tx.chunks.claim("email", "one", clock.now(), clock.now() + HOUR)
        assert chunk is not None
        tx.chunks.finish(chunk, BitMap([1, 2]), clock.move(minutes=3), {clock.now() + HOUR: BitMap([3])})
        [letter] = tx.ledger.of_subscriber(2)
        assert (letter.state, letter.sent_at, letter.decision.story) == (SENT, clock.now(), 1)
        [letter] = tx.ledger.of_subscriber(3)
        assert (letter.state, letter.sent_at) == ("pending", None)
        assert tx.ledger.of_subscriber(4) == []
        assert tx.ledger.newest(5) == [1]


def test_an_erased_reader_is_in_no_set_any_more(told: Database, clock: FakeClock) -> None:
    with told.transaction() as tx:
        people = BitMap([1, 2])
        _decide(tx, clock, people)
        _decide(tx, clock, BitMap([2]))
        tx.dispatches.tell(1, ALERT, people, clock.now())
        tx.subscriptions.erase(2)
        assert tx.ledger.uneven(clock.now() - HOUR) == []
        assert tx.dispatches.told([1]) == tx.dispatches.of_version(1, 1) == BitMap([1])
        assert tx.ledger.balance(1).matched == 1


def test_what_is_old_and_over_is_forgotten(told: Database, clock: FakeClock) -> None:
    with told.transaction() as tx:
        _decide(tx, clock, BitMap([1, 2]))
        _decide(tx, clock, BitMap([1, 2]))
        tx.dispatches.tell(1, ALERT, BitMap([1, 2]), clock.now())
        chunk = tx.chunks.claim("email", "one", clock.now(), clock.now() + HOUR)
        assert chunk is not None
        tx.chunks.finish(chunk, chunk.recipients, clock.now(), {})
        assert tx.ledger.forget(clock.now()) == 0
        assert tx.ledger.forget(clock.move(days=90)) == 2, (
            "one dispatch and who was told; the other waits still"
        )
        tx.chunks.expire(clock.now())
        assert tx.ledger.forget(clock.now()) == 1
        assert tx.ledger.newest(5) == []
        assert not tx.dispatches.told([1])


class Machine(RuleBasedStateMachine):
    """Whatever couriers make of chunks, everybody matched stays in exactly one place."""

    @initialize()
    def begin(self) -> None:
        self.clock = FakeClock()
        self.database = Database("sqlite://")
        with self.database.transaction() as tx:
            metadata.create_all(tx.connection)
            _story(tx)
        self.claimed: list[object] = []

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()

    @rule(people=st.sets(st.integers(1, 7), min_size=1))
    def decides(self, people: set[int]) -> None:
        with self.database.transaction() as tx:
            _decide(tx, self.clock, BitMap(people))

    @rule(outcomes=st.lists(st.sampled_from(["sent", "left", "later"]), min_size=7, max_size=7))
    def hands_over(self, outcomes: list[str]) -> None:
        with self.database.transaction() as tx:
            chunk = tx.chunks.claim("email", "one", self.clock.now(), self.clock.now() + HOUR)
            if chunk is None:
                return
            parts = {
                name: BitMap(one for one in chunk.recipients if outcomes[one - 1] == name)
                for name in outcomes
            }
            left = {chunk.due_at: parts.get("left"), self.clock.now() + HOUR: parts.get("later")}
            waiting = {at: people for at, people in left.items() if people}
            tx.chunks.finish(chunk, parts.get("sent", BitMap()), self.clock.now(), waiting)

    @rule(reader=st.integers(1, 7))
    def takes_out(self, reader: int) -> None:
        with self.database.transaction() as tx:
            tx.ledger.erase(reader)

    @rule(hours=st.integers(0, 7))
    def time_passes(self, hours: int) -> None:
        with self.database.transaction() as tx:
            tx.chunks.expire(self.clock.move(hours=hours))

    @rule()
    def is_stopped(self) -> None:
        with self.database.transaction() as tx:
            tx.chunks.drop_story(1, DROPPED, self.clock.now())

    @invariant()
    def everybody_is_in_one_place(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.database.reading() as tx:
            assert tx.ledger.uneven(FakeClock().now() - HOUR) == []
            for one in tx.dispatches.of_story(1):
                places = Counter(
                    key for chunk in tx.chunks.between([one.key], 1, 9) for key in chunk.recipients
                )
                assert set(places.values()) <= {1}


TestChunks = Machine.TestCase
TestChunks.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
