"""What another process commits is heard of: news at once, everything else not at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from depesche.model.take import Take
from depesche.store.changes import Changes
from depesche.store.database import Database
from depesche.stories.desk import Desk
from depesche.stories.incoming import Receipt
from fakes import FakeClock

PATIENCE = 10.0
AT = FakeClock().now()


@pytest.fixture
def ear(database_url: str) -> Iterator[Changes]:
    """An ear with a pool of its own, as another process has it, that has heard all there was."""
    elsewhere = Database(database_url)
    changes = elsewhere.changes()
    assert changes.wait(PATIENCE)
    changes.wait(0.0)
    yield changes
    changes.close()
    elsewhere.close()


def _spool(database: Database, raw: bytes) -> None:
    with database.transaction() as tx:
        tx.spool.add(raw, wire="w", provider="P", name="n", at=AT)


def _later(step: object, *arguments: object) -> threading.Thread:
    thread = threading.Timer(0.15, step, arguments)  # type: ignore[arg-type]
    thread.start()
    return thread


def test_an_item_that_another_brings_is_heard(database: Database, ear: Changes) -> None:
    bringing = _later(_spool, database, b"one")
    began = time.monotonic()
    assert ear.wait(PATIENCE)
    assert time.monotonic() - began < PATIENCE  # woken, not slept out
    bringing.join()


def test_an_entry_of_the_journal_is_heard(database: Database, ear: Changes) -> None:
    take = Take(format="ninjs", provider="P", guid="g", headline="Ein Titel", headline_raw="Ein Titel")
    with database.transaction() as tx:
        Desk().file(take, [], Receipt("w", AT), tx, AT)
    assert ear.wait(PATIENCE)


def test_what_is_no_news_wakes_nobody(database: Database, ear: Changes) -> None:
    with database.transaction() as tx:
        tx.cursors.move("somebody", 3, AT)
        tx.health.begin("w", AT)
    assert not ear.wait(0.2)


def test_the_same_bytes_again_wake_nobody(database: Database, ear: Changes) -> None:
    _spool(database, b"one")
    assert ear.wait(PATIENCE)
    _spool(database, b"one")
    assert not ear.wait(0.2)


def test_what_came_before_listening_is_not_missed(database_url: str, database: Database) -> None:
    _spool(database, b"early")
    late = database.changes()
    assert late.wait(PATIENCE)
    late.close()


def test_news_that_was_rolled_back_wakes_nobody(database: Database, ear: Changes) -> None:
    with suppress(RuntimeError), database.transaction() as tx:
        tx.spool.add(b"never", wire="w", provider="P", name="n", at=AT)
        raise RuntimeError
    assert not ear.wait(0.2)


def test_an_ear_that_was_closed_can_listen_again(database: Database, ear: Changes) -> None:
    ear.close()
    _spool(database, b"two")
    assert ear.wait(PATIENCE)
