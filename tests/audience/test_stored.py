"""Batches written to a database and read back, and also-read after a restart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from depesche.audience.alsoread import AlsoRead, reads
from depesche.audience.counter import Counter
from depesche.model.audience import Visit
from depesche.store import schema
from depesche.store.audience import coreads
from depesche.store.database import Database, Transaction

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0"


@pytest.fixture
def tx(database: Database) -> Iterator[Transaction]:
    with database.transaction() as tx:
        for key in range(1, 11):
            tx.connection.execute(schema.lineages.insert().values(id=key, latest_at=0.0))
            tx.connection.execute(
                schema.stories.insert().values(
                    id=key, lineage_id=key, wire="w", provider="p", slug=f"s{key}", headline_key="h",
                    state="public", latest=1, order_number=1, order_at=0.0, at=0.0,
                )
            )  # fmt: skip
        yield tx


def test_batches_add_up_by_hour_and_in_total(tx) -> None:
    tx.views.add({(1, 100): 3, (1, 101): 2, (2, 100): 1})
    tx.views.add({(1, 101): 4, (3, 101): 1})
    assert tx.views.total(1) == 9
    assert tx.views.totals([1, 2, 3, 4]) == {1: 9, 2: 1, 3: 1, 4: 0}
    assert tx.views.series(1, 0) == [(100, 3), (101, 6)]
    assert tx.views.series(1, 101) == [(101, 6)]


def test_a_view_that_moved_leaves_its_hour(tx) -> None:
    tx.views.add({(1, 100): 1})
    tx.views.add({(1, 100): -1, (1, 101): 1})
    assert tx.views.series(1, 0) == [(101, 1)]
    assert tx.views.total(1) == 1
    assert tx.newsstand.most_read(100, 5) == [(1, 1)]


def test_most_read_counts_from_the_hour_given(tx) -> None:
    tx.views.add({(1, 90): 50, (1, 100): 1, (2, 100): 4, (3, 101): 2, (3, 102): 2})
    assert tx.newsstand.most_read(100, 10) == [(3, 4), (2, 4), (1, 1)]
    assert tx.newsstand.most_read(90, 1) == [(1, 51)]
    assert (tx.views.sum(100), tx.views.sum(90)) == (9, 59)


def test_rejections_add_up_by_day_and_reason(tx) -> None:
    tx.views.reject({(20_000, "robot"): 3, (20_000, "repeat"): 1})
    tx.views.reject({(20_000, "robot"): 2, (20_001, "rate"): 7})
    assert tx.views.rejections(20_000, 20_000) == {(20_000, "repeat"): 1, (20_000, "robot"): 5}
    assert tx.views.rejections(20_001, 20_009) == {(20_001, "rate"): 7}


def test_coreads_add_up_and_old_days_can_go(tx) -> None:
    tx.coreads.add({(20_000, 1, 2): 1.5, (19_990, 1, 2): 1.0})
    tx.coreads.add({(20_000, 1, 2): 0.25, (20_000, 2, 1): 0.2})
    assert tx.coreads.since(20_000) == {(20_000, 1, 2): 1.75, (20_000, 2, 1): 0.2}
    assert tx.coreads.drop_before(20_000) == 1
    assert tx.coreads.since(0) == {(20_000, 1, 2): 1.75, (20_000, 2, 1): 0.2}


def test_stories_that_are_gone_do_not_spoil_the_batch(tx) -> None:
    tx.views.add({(1, 100): 1, (999, 100): 5})
    tx.coreads.add({(20_000, 1, 2): 1.0, (20_000, 1, 999): 1.0})
    assert tx.views.totals([1, 999]) == {1: 1, 999: 0}
    assert tx.coreads.since(0) == {(20_000, 1, 2): 1.0}


def test_empty_batches_are_no_work(tx) -> None:
    tx.views.add({})
    tx.views.reject({})
    tx.coreads.add({})
    assert tx.newsstand.most_read(0, 5) == []


def test_also_read_is_the_same_after_a_restart(tx, clock) -> None:
    counter = Counter(clock, exists=lambda story: story <= 10)
    running = AlsoRead()
    for step in range(400):
        clock.move(seconds=150 if step % 3 else 900)
        counter.count(1 + step * 7 % 10, Visit(f"192.0.{step % 5}.1", BROWSER))
        if step % 20 == 0:
            batch = counter.drain()
            tx.views.add(batch.views)
            tx.coreads.add(batch.coreads)
            running.learn(batch.coreads, clock.now().timestamp())
    now = clock.now().timestamp()
    restarted = AlsoRead()
    restarted.learn(tx.coreads.since(int(now // 86_400) - 3), now)
    for page in range(1, 11):
        for (story, score), (again, scored) in zip(
            running.list(page, 5, now), restarted.list(page, 5, now), strict=True
        ):
            assert story == again
            assert score == pytest.approx(scored, rel=1e-9)


def test_rows_of_a_single_read_survive_the_store(tx) -> None:
    rows = reads(2, [(1, 1.0)], 20_000.75 * 86_400)
    tx.coreads.add(rows)
    assert tx.coreads.since(20_000) == rows


@pytest.mark.parametrize("odd", ["\0", "%", "_", '"', "\\", "'; --", "x" * 80, "medtop:20000344\0"])
def test_what_no_topic_is_called_finds_nothing(tx, odd: str) -> None:
    tx.views.add({(1, 100): 1})
    assert tx.newsstand.most_read(100, 5, topic=odd) == []


def test_co_reads_are_read_back_in_parts(tx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coreads, "_PART", 7)
    tx.coreads.add({(20_000, i, j): i + j / 16 for i in range(1, 6) for j in range(1, 6)})
    parts = list(tx.coreads.parts_since(20_000))
    assert [len(part) for part in parts] == [7, 7, 7, 4]
    assert {row: weight for part in parts for row, weight in part.items()} == tx.coreads.since(20_000)
    assert list(tx.coreads.parts_since(20_001)) == []
