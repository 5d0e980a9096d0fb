"""The readership as the newsroom has it: written counts, lists between processes, spikes, the external log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from depesche.audience.readership import Readership
from depesche.lib.clock import epoch
from depesche.model.audience import Spike, Visit, is_spike
from depesche.store import schema
from depesche.store.database import Database

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0"


@pytest.fixture
def filled(database: Database) -> Database:
    """A database with ten public stories of as many lineages, a killed one, and one that shares a lineage with the first."""
    with database.transaction() as tx:
        for key in range(1, 13):
            lineage = 1 if key == 12 else key
            if key < 12:
                tx.connection.execute(schema.lineages.insert().values(id=key, latest_at=0.0))
            state = "killed" if key == 11 else "public"
            story = {
                "id": key, "lineage_id": lineage, "wire": "w", "provider": "p", "slug": f"s{key}", "headline_key": f"h{key}",
                "state": state, "current_id": key, "latest": 1, "order_number": 1, "order_at": 0.0, "at": float(key),
            }  # fmt: skip
            tx.connection.execute(schema.stories.insert().values(**story))
            version = {
                "id": key, "story_id": key, "number": 1, "action": "new", "status": "usable", "at": float(key), "filed_at": 0.0,
                "first_created": 0.0, "released": True, "language": "de", "headline": f"h{key}", "body_html": "", "body_text": "",
            }  # fmt: skip
            tx.connection.execute(schema.versions.insert().values(**version))
    return database


def _house(database: Database, clock, name: str = "one", **more) -> Readership:
    return Readership(database, clock, name=name, rate_limit=0, **more)


def _walk(house: Readership, reader: int, *stories: int) -> None:
    for story in stories:
        assert house.counter.count(story, Visit(f"10.0.{reader}.1", BROWSER)) == "counted"


def test_what_is_written_is_learned_once(filled, clock) -> None:
    house = _house(filled, clock)
    _walk(house, 1, 1, 2)
    house.flush()
    now = epoch(clock.now())
    assert house.reads.together(1, 2, now) == pytest.approx(1.0)
    assert _house(filled, clock).reads.together(1, 2, now) == pytest.approx(1.0)


def test_two_processes_know_the_same_after_they_have_talked(filled, clock) -> None:
    one, two = _house(filled, clock, "one"), _house(filled, clock, "two")
    assert (one.exchange(), two.exchange()) == (set(), set())
    _walk(one, 1, 1, 2)
    _walk(two, 2, 1, 3)
    one.flush()
    two.flush()
    one.exchange()
    assert two.exchange() == {1, 2}
    assert one.exchange() == {1, 3}
    assert (one.exchange(), two.exchange()) == (set(), set()), "nothing is heard twice"
    now = epoch(clock.now())
    for house in (one, two):
        assert house.reads.together(1, 2, now) == pytest.approx(1.0)
        assert house.reads.together(1, 3, now) == pytest.approx(1.0)
    three = _house(filled, clock, "three")
    assert three.exchange() == set()
    assert dict(three.reads.list(1, 5, now)) == pytest.approx(dict(one.reads.list(1, 5, now)))


def test_news_between_processes_are_forgotten_within_minutes(filled, clock) -> None:
    house = _house(filled, clock)
    for _ in range(3):
        _walk(house, 1, 1, 2)
        house.flush()
        house.exchange()
        clock.move(minutes=6)
    with filled.reading() as tx:
        rows = tx.connection.execute(schema.coread_news.select()).all()
    assert len(rows) == 2
    house.forget()
    with filled.reading() as tx:
        assert len(tx.coreads.numbers_told()) == 1
    assert all("10.0" not in row.rows_json and "Mozilla" not in row.rows_json for row in rows)


def test_a_batch_that_cannot_be_written_is_counted_later(filled, clock) -> None:
    house = _house(filled, clock)
    _walk(house, 1, 1, 2)
    with filled.transaction() as tx:
        tx.connection.exec_driver_sql("ALTER TABLE rejections RENAME TO elsewhere")
    house.counter.count(1, Visit("10.0.1.1", "curl/8"))
    with pytest.raises(Exception, match="rejections"):
        house.flush()
    with filled.transaction() as tx:
        tx.connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO rejections")
    house.flush()
    assert house.views(1) == 1
    assert house.tally.counted == 2
    assert house.tally.rejected == {"robot": 1}
    assert sum(house.tally.writings) == 1


def test_views_follow_what_is_written(filled, clock) -> None:
    house = _house(filled, clock)
    assert house.views(1) == 0
    assert house.knows(1)
    assert not house.knows(2)
    _walk(house, 1, 1)
    house.flush()
    assert house.views(1) == 1
    assert house.views(11) is None
    assert house.views(99) is None
    clock.move(seconds=-1)
    assert not house.knows(1), "a clock that stepped back proves nothing"


def test_a_killed_story_is_known_as_such_within_seconds(filled, clock) -> None:
    house = _house(filled, clock)
    assert house.is_public(1)
    with filled.transaction() as tx:
        tx.connection.execute(schema.stories.update().where(schema.stories.c.id == 1).values(state="killed"))
    clock.move(seconds=6)
    assert house.counter.count(1, Visit("10.0.1.1", BROWSER)) == "unknown"


def test_what_is_asked_for_together_is_looked_up_together(filled, clock) -> None:
    house = _house(filled, clock)
    with filled.transaction() as tx:
        tx.views.add({(1, 480_012): 3, (2, 480_012): 4, (11, 480_012): 5})
    assert [house.views(story) for story in (1, 2, 11, 999)] == [3, 4, None, None]
    clock.move(seconds=6)
    with filled.transaction() as tx:
        tx.views.add({(2, 480_012): 1})
        tx.connection.execute(schema.stories.update().where(schema.stories.c.id == 11).values(state="public"))
    assert not any(house.knows(story) for story in (1, 2, 11, 999))
    assert house.views(1) == 3
    assert all(house.knows(story) for story in (1, 2, 11, 999)), "one question answered all four"
    assert [house.views(story) for story in (1, 2, 11, 999)] == [3, 5, 5, None]
    clock.move(seconds=6)
    assert house.views(1) == 3
    clock.move(seconds=6)
    assert house.views(1) == 3
    assert house.knows(1)
    assert not house.knows(2), "what nobody asks for is not looked up"


def test_readers_of_another_part_of_the_story_fill_its_list(filled, clock) -> None:
    house = _house(filled, clock, wanted=4)
    _walk(house, 1, 12, 5)
    house.flush()
    found = house.also_read(1)
    assert found[0] == (5, "chain")
    assert all(story not in {1, 11, 12} for story, _ in found)
    assert {kind for _, kind in found[1:]} == {"newest"}
    assert len(found) == 4


def test_how_many_went_on_is_a_count_and_not_a_weight(filled, clock) -> None:
    house = _house(filled, clock)
    for reader in range(1, 42):
        _walk(house, reader, 1, 2)
    _walk(house, 50, 2, 1)
    house.flush()
    clock.move(hours=6)
    offers = {one.story: one for one in house.offers(1)}
    assert (offers[2].kind, offers[2].readers) == ("read", 41)
    assert offers[2].weight == pytest.approx((41 + 0.2) / 8)
    clock.move(days=4)
    assert {one.story: one.readers for one in house.offers(1)}.get(2, 0) == 0


def test_old_co_reads_are_dropped(filled, clock) -> None:
    house = _house(filled, clock)
    _walk(house, 1, 1, 2)
    house.flush()
    assert house.forget() == 0
    clock.move(days=4)
    assert house.forget() == 4


# -- spikes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("views", "usual", "is_one"), [(100, 0, False), (101, 0, True), (400, 100, False), (401, 100, True)]
)
def test_a_spike_is_over_three_times_the_usual_and_a_hundred(views, usual, is_one) -> None:
    assert is_spike(views, usual) is is_one


def test_a_story_far_above_its_own_day_is_flagged_once_and_grows(filled, clock) -> None:
    house, hour = _house(filled, clock), int(epoch(clock.now()) // 3600)
    with filled.transaction() as tx:
        tx.views.add({(1, hour - back): 10 for back in range(1, 31)})
        tx.views.add({(1, hour): 130})
    assert house.watch() == []
    with filled.transaction() as tx:
        tx.views.add({(1, hour): 1})
    assert house.watch() == [Spike(1, hour, 131, 10.0)]
    with filled.transaction() as tx:
        tx.views.add({(1, hour): 500})
    assert house.watch() == []
    with filled.reading() as tx:
        assert tx.views.spikes(hour) == [Spike(1, hour, 631, 10.0)]
        assert tx.views.spikes(hour + 1) == []


def test_a_new_story_is_measured_by_the_best_of_the_week(filled, clock) -> None:
    house, hour = _house(filled, clock), int(epoch(clock.now()) // 3600)
    with filled.transaction() as tx:
        tx.views.add({(1, hour - back): 1_000 for back in range(1, 48)})
        tx.views.add({(2, hour): 3_000, (3, hour): 3_200})
    assert [one.story for one in house.watch()] == [3]


def test_the_hour_before_is_looked_at_once_more(filled, clock) -> None:
    house, hour = _house(filled, clock), int(epoch(clock.now()) // 3600)
    with filled.transaction() as tx:
        tx.views.add({(2, hour): 400})
    clock.move(hours=1)
    assert house.watch() == [Spike(2, hour, 400, 0.0)]


# -- the external log ----------------------------------------------------------------------------


def test_the_view_log_adds_up_to_the_counts_and_names_nobody(filled, clock, tmp_path: Path) -> None:
    log = tmp_path / "views.jsonl"
    house = _house(filled, clock, log=log)
    _walk(house, 1, 1, 2)
    house.counter.count(1, Visit("203.0.113.9", "curl/8"))
    house.flush()
    clock.move(seconds=31)
    _walk(house, 1, 1)
    house.flush()
    house.flush()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert sum(one["views"] for one in lines if one.get("story") == 1) == house.views(1) == 2
    assert [one for one in lines if "rejected" in one] == [
        {"at": lines[0]["at"], "day": f"{clock.now():%Y-%m-%d}", "rejected": "robot", "visits": 1}
    ]
    assert set().union(*lines) == {"at", "story", "hour", "views", "day", "rejected", "visits"}
    assert "10.0" not in log.read_text()
    assert "203.0" not in log.read_text()


def test_a_view_log_that_cannot_be_written_stops_no_counting(filled, clock, tmp_path: Path) -> None:
    house = _house(filled, clock, log=tmp_path / "missing" / "views.jsonl")
    _walk(house, 1, 1)
    assert house.flush() == {1}
    assert house.views(1) == 1
    assert house.flush() == set()


def test_days_are_exported_in_order(filled, clock) -> None:
    hour = int(epoch(clock.now()) // 3600)
    day = hour // 24
    with filled.transaction() as tx:
        tx.views.add(
            {
                (2, day * 24): 3,
                (2, day * 24 + 23): 4,
                (1, day * 24): 1,
                (11, day * 24): 9,
                (1, day * 24 - 1): 2,
            }
        )
    with filled.reading() as tx:
        assert list(tx.views.days(day - 1, day)) == [
            (day - 1, 1, "h1", "p", 2), (day, 1, "h1", "p", 1), (day, 2, "h2", "p", 7), (day, 11, None, "p", 9),
        ]  # fmt: skip
        assert list(tx.views.days(day + 1, day + 9)) == []
