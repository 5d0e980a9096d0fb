"""How wires stand: silence is measured by their own rhythm."""

from __future__ import annotations

from datetime import timedelta

import pytest

from depesche.model.wire import Wire
from depesche.store.database import Database
from depesche.store.wires.polls import Poll
from depesche.wires.standing import Standing, standings
from fakes import NOON, FakeClock

COAST = Wire("coast", "Küstenfunk")
POLLED = Wire("coast", "Küstenfunk", kind="poll", url="https://feed.example/")
HOUR = 3600.0


def standing(database: Database, clock: FakeClock, wire: Wire = COAST) -> Standing:
    with database.reading() as tx:
        (found,) = standings(tx, [wire], clock.now())
    return found


def bring(database: Database, clock: FakeClock, hours: list[float], lag: float | None = None) -> None:
    """Bring an item after each of *hours*, one after the other."""
    for one in hours:
        clock.move(hours=one)
        with database.transaction() as tx:
            tx.health.beat("coast", clock.now(), 1, lag)


def test_a_wire_that_never_brought_anything_is_new_and_after_three_days_silent(
    database: Database, clock: FakeClock
) -> None:
    assert standing(database, clock).state == "new"
    with database.transaction() as tx:
        tx.health.begin("coast", clock.now())
        tx.health.begin("coast", clock.move(hours=71))
    assert (standing(database, clock).state, standing(database, clock).last_at) == ("new", None)
    clock.move(hours=2)
    found = standing(database, clock)
    assert (found.state, found.alarm) == ("silent", "nothing has come yet: since 2026-03-02 12:00 UTC")


def test_nights_and_weekends_are_part_of_the_rhythm(database: Database, clock: FakeClock) -> None:
    working_day = [12.0, *[1.0] * 12]
    bring(database, clock, (working_day * 5 + [48.0]) * 2)
    found = standing(database, clock)
    assert found.limit == 1.5 * 48 * HOUR, "the weekend was the longest gap"
    clock.move(hours=71)
    assert standing(database, clock).state == "ok"
    clock.move(hours=2)
    found = standing(database, clock)
    assert found.state == "silent"
    assert "longer than usual" in str(found.alarm)


def test_a_busy_wire_is_missed_sooner_than_a_rare_one(database: Database, clock: FakeClock) -> None:
    bring(database, clock, [0.1] * 24 * 10 * 8)
    assert standing(database, clock).limit == HOUR
    clock.move(hours=1.1)
    assert standing(database, clock).state == "silent"


def test_a_young_wire_is_given_a_day(database: Database, clock: FakeClock) -> None:
    bring(database, clock, [0.1] * 9)
    assert standing(database, clock).limit == 7 * 24 * HOUR, "nine items tell no rhythm"
    bring(database, clock, [0.1])
    assert standing(database, clock).limit == 24 * HOUR


def test_a_wire_that_ends_after_its_first_items_is_missed(database: Database, clock: FakeClock) -> None:
    bring(database, clock, [1.0] * 3)
    clock.move(hours=7 * 24 - 1)
    assert standing(database, clock).state == "ok"
    clock.move(hours=2)
    assert standing(database, clock).state == "silent"


def test_a_feed_that_goes_on_answering_and_brings_nothing_is_silent(
    database: Database, clock: FakeClock
) -> None:
    """The poll is well, the wire is not."""
    bring(database, clock, [6.0] * 4 * 8)
    for _ in range(10):
        clock.move(hours=1)
        with database.transaction() as tx:
            tx.polls.put(Poll("coast", clock.now() + timedelta(hours=1), last_item_at=clock.now()))
    wire = Wire("coast", "Küstenfunk", kind="poll", url="https://feed.example/")
    found = standing(database, clock, wire)
    assert (found.state, found.failures) == ("silent", 0)


def test_an_operator_may_know_better(database: Database, clock: FakeClock) -> None:
    wire = Wire("coast", "Küstenfunk", silence_hours=2)
    bring(database, clock, [24.0] * 20)
    clock.move(hours=2.1)
    assert standing(database, clock, wire).state == "silent"


def test_old_gaps_are_forgotten(database: Database, clock: FakeClock) -> None:
    bring(database, clock, [240.0, 100.0, *[1.0] * 24 * 15])
    assert standing(database, clock).limit == 1.5 * HOUR


def test_pace_and_lag_follow_what_is_newest(database: Database, clock: FakeClock) -> None:
    bring(database, clock, [10.0] * 5, lag=100.0)
    bring(database, clock, [1.0] * 60, lag=2.0)
    found = standing(database, clock)
    assert found.pace == pytest.approx(HOUR, rel=0.05)
    assert found.lag == pytest.approx(2.0, rel=0.2)
    assert (found.items, found.last_at) == (65, clock.now())


def test_items_of_one_moment_are_no_gaps(database: Database, clock: FakeClock) -> None:
    bring(database, clock, [0.0] * 20)
    found = standing(database, clock)
    assert (found.items, found.pace) == (20, None)


@pytest.mark.parametrize(("failures", "alarms"), [(1, False), (2, False), (3, True)])
def test_a_hiccup_is_no_alarm(database: Database, clock: FakeClock, failures: int, alarms: bool) -> None:
    with database.transaction() as tx:
        tx.polls.put(Poll("coast", NOON, failures=failures, last_error="status 500"))
    found = standing(database, clock, POLLED)
    assert (found.state, found.error, bool(found.alarm)) == ("failing", "status 500", alarms)


def test_a_site_that_is_gone_is_an_alarm(database: Database, clock: FakeClock) -> None:
    with database.transaction() as tx:
        tx.polls.put(Poll("coast", NOON, gone=True, failures=1))
    found = standing(database, clock, POLLED)
    assert (found.state, found.next_at) == ("gone", None)
    assert found.alarm


def test_what_waits_and_what_was_refused_is_counted(database: Database, clock: FakeClock) -> None:
    with database.transaction() as tx:
        for n in range(5):
            tx.spool.add(b"%d" % n, wire="coast", provider="", name="x", at=NOON)
        tx.spool.mark([1], "refused", "x")
        tx.spool.mark([2], "filed")
    found = standing(database, clock)
    assert (found.waiting, found.refused) == (3, 1)


def test_an_alarm_is_news_once(database: Database, clock: FakeClock) -> None:
    with database.transaction() as tx:
        assert not tx.health.alarm("coast", "x"), "a wire nobody looks after yet"
        tx.health.begin("coast", NOON)
        assert [tx.health.alarm("coast", said) for said in (None, "a", "a", "b", None, None)] == [
            False, True, False, True, True, False,
        ]  # fmt: skip


def test_items_that_are_all_refused_are_an_alarm(database: Database, clock: FakeClock) -> None:
    bring(database, clock, [1.0] * 12)
    for number in range(3):
        assert standing(database, clock).state == "ok"
        clock.move(minutes=1)
        with database.transaction() as tx:
            key, _ = tx.spool.add(b"%d" % number, wire="coast", provider="", name="x", at=clock.now())
            tx.spool.mark([key], "refused", "no story")
    found = standing(database, clock)
    assert (found.state, found.alarm) == ("failing", "its last 3 items were refused; the spool says why")
    bring(database, clock, [0.1])
    assert standing(database, clock).state == "ok", "what came since was good"
