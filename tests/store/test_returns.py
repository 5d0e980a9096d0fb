"""Letters that came back are found in rows, digests and chunks, and counted where they belong."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pyroaring import BitMap
from sqlalchemy import select

from depesche.lib.clock import epoch
from depesche.model.bounce import letter_number
from depesche.model.subscription import ALERT, PENDING, SENT, UNCERTAIN, Decision
from depesche.store import schema
from depesche.store.database import Database, Transaction
from depesche.store.letters.outbox import Fate
from fakes import FakeClock


@pytest.fixture
def readers(database: Database, clock: FakeClock) -> list[int]:
    """Five subscribers."""
    with database.transaction() as tx:
        names = [f"r{n}@post.example" for n in range(5)]
        return [tx.subscriptions.subscriber(one, one, "de", clock.now()).key for one in names]


def row(tx: Transaction, clock: FakeClock, reader: int, name: str, state: str = SENT, **more: object) -> int:
    """Return the row of a letter."""
    now = clock.now()
    tx.outbox.decide(
        [Decision(name, ALERT, reader, f"<{name}@news.example>", now, now + timedelta(hours=6))], now
    )
    key = int(tx.connection.scalars(select(schema.outbox.c.id).where(schema.outbox.c.decision == name)).one())
    tx.outbox.settle([Fate(key, state, tried=True)], now)
    if more:
        tx.connection.execute(schema.outbox.update().where(schema.outbox.c.id == key).values(**more))
    return key


def chunk(tx: Transaction, clock: FakeClock, readers: list[int], state: str = SENT) -> int:
    """Return a dispatch whose one chunk holds *readers*."""
    at = epoch(clock.now())
    run = tx.connection.execute
    lineage = run(schema.lineages.insert(), {"latest_at": at}).inserted_primary_key[0]
    story = run(schema.stories.insert(), {
        "lineage_id": lineage, "wire": "w", "provider": "p", "slug": "s", "headline_key": "h", "state": "public", "latest": 1, "order_number": 1,
        "order_at": at, "at": at,
    }).inserted_primary_key[0]  # fmt: skip
    times = {"due_at": at, "expires_at": at + 3600}
    told = {
        "kind": ALERT,
        "story_id": story,
        "lineage_id": lineage,
        "version_id": 1,
        "targets_json": "[]",
        "matched": len(readers),
    }
    dispatch = run(schema.dispatches.insert(), {**told, "decided_at": at, **times}).inserted_primary_key[0]
    run(schema.chunks.insert(), {
        "dispatch_id": dispatch, "channel": "email", "first": min(readers), "last": max(readers), "recipients": BitMap(readers).serialize(),
        "size": len(readers), "state": state, "done_at": at if state == SENT else None, **times,
    })  # fmt: skip
    return int(dispatch)


def states(tx: Transaction) -> dict[str, str]:
    return {r.decision: r.state for r in tx.connection.execute(select(schema.outbox))}


def sizes(tx: Transaction) -> list[tuple[int, list[int]]]:
    return [
        (r.size, list(BitMap.deserialize(r.recipients))) for r in tx.connection.execute(select(schema.chunks))
    ]


def test_a_row_is_found_by_its_number_and_its_reader(
    database: Database, clock: FakeClock, readers: list[int]
) -> None:
    with database.transaction() as tx:
        key = row(tx, clock, readers[0], "one")
        number = letter_number(key, None)
        assert tx.returns.of_message_id("<one@news.example>") == (readers[0], number)
        assert tx.returns.of_message_id("<two@news.example>") is None
        assert not tx.returns.came_back(readers[1], number, "not his")
        assert tx.returns.came_back(readers[0], number, "no such user")
        assert not tx.returns.came_back(readers[0], number, "again")
        assert states(tx) == {"one": "bounced"}


def test_what_a_digest_carried_comes_back_with_it(
    database: Database, clock: FakeClock, readers: list[int]
) -> None:
    with database.transaction() as tx:
        digest = row(tx, clock, readers[0], "digest")
        row(tx, clock, readers[0], "item", carrier_id=digest)
        row(tx, clock, readers[0], "other")
        assert tx.returns.came_back(readers[0], letter_number(digest, None), "full")
        assert states(tx) == {"digest": "bounced", "item": "bounced", "other": "sent"}


def test_a_letter_that_waits_cannot_come_back(
    database: Database, clock: FakeClock, readers: list[int]
) -> None:
    with database.transaction() as tx:
        key = row(tx, clock, readers[0], "one", PENDING)
        assert not tx.returns.came_back(readers[0], letter_number(key, None), "how?")


def test_who_shared_a_chunk_gets_a_row(database: Database, clock: FakeClock, readers: list[int]) -> None:
    with database.transaction() as tx:
        dispatch = chunk(tx, clock, readers[:3])
        chunk(tx, clock, readers[:3])
        number = letter_number(0, dispatch)
        assert tx.returns.came_back(readers[1], number, "gone")
        assert not tx.returns.came_back(readers[1], number, "again")
        assert not tx.returns.came_back(readers[4], number, "never had it")
        assert sorted(sizes(tx)) == [(2, [readers[0], readers[2]]), (3, readers[:3])]
        assert states(tx) == {f"{readers[1]}@{dispatch}": "bounced"}
        for one in (readers[0], readers[2]):
            assert tx.returns.came_back(one, number, "gone")
        assert sizes(tx) == [(3, readers[:3])]


def test_a_chunk_under_way_cannot_come_back_yet(
    database: Database, clock: FakeClock, readers: list[int]
) -> None:
    with database.transaction() as tx:
        dispatch = chunk(tx, clock, readers, state="intent")
        assert not tx.returns.came_back(readers[0], letter_number(0, dispatch), "early")


def test_the_last_success_is_in_rows_or_chunks(
    database: Database, clock: FakeClock, readers: list[int]
) -> None:
    begin, me = clock.now(), readers[0]
    with database.transaction() as tx:
        assert tx.returns.last_success(me, begin, clock.now()) is None
        clock.move(hours=1)
        row(tx, clock, me, "one")
        row(tx, clock, readers[1], "two")
        row(tx, clock, me, "three", UNCERTAIN)
        first = clock.now()
        clock.move(hours=1)
        dispatch = chunk(tx, clock, readers[:2])
        second = clock.now()
        chunk(tx, clock, readers[1:])
        clock.move(hours=1)
        assert tx.returns.last_success(me, begin, clock.now()) == second
        assert tx.returns.last_success(me, begin, first) == first
        assert tx.returns.last_success(me, clock.now(), clock.now()) is None
        tx.returns.came_back(me, letter_number(0, dispatch), "full")
        assert tx.returns.last_success(me, begin, clock.now()) == first


def test_letters_in_doubt_and_readers_not_mailed(
    database: Database, clock: FakeClock, readers: list[int]
) -> None:
    with database.transaction() as tx:
        key = row(tx, clock, readers[0], "one", UNCERTAIN)
        row(tx, clock, readers[0], "two")
        row(tx, clock, readers[0], "carried", UNCERTAIN, carrier_id=key)
        row(tx, clock, readers[0], "pushed", UNCERTAIN, channel="webpush")
        assert tx.returns.uncertain() == {"<one@news.example>": key}
        tx.subscriptions.suppress(readers[3], "gone", clock.now())
        assert tx.returns.suppressed_identities() == ["r3@post.example"]
