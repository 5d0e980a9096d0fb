"""Licences that end: what goes, what stays, on both databases."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from depesche.lib import images
from depesche.model.take import PictureRef
from depesche.newsroom import Newsroom
from depesche.ops import retention
from depesche.settings import Settings
from fakes import FakeClock

ITEM = '{{"uri": "x:{0}", "type": "text", "headline": "Boje {0}", "body_text": "Geheimer Text {0}."}}'


@pytest.fixture
def room(tmp_path: Path, database_url: str) -> Iterator[Newsroom]:
    given = [
        {"name": "short", "provider": "Küstenfunk", "token": "t", "retention_days": 2},
        {"name": "long", "provider": "Landfunk", "token": "t"},
        {"name": "feed", "provider": "Seefunk", "kind": "poll", "url": "https://feed.example/"},
    ]
    made = Newsroom(Settings(data_dir=tmp_path, database_url=database_url, wires=given), FakeClock())  # type: ignore[arg-type]
    yield made
    made.close()


def bring(room: Newsroom, wire: str, *numbers: int) -> None:
    for n in numbers:
        room.spool(ITEM.format(n).encode(), wire=wire, name=str(n))
    while room.file_waiting():
        pass


def shown(room: Newsroom) -> list[str]:
    with room.database.reading() as tx:
        found = [tx.newsstand.version(story) for story in tx.newsstand.public_ids()]
    return [one.headline for one in found if one]


def move(room: Newsroom, **by: float) -> None:
    room.clock.move(**by)  # type: ignore[attr-defined]


def test_only_stories_of_wires_whose_licence_ends_go_and_only_then(room: Newsroom) -> None:
    bring(room, "short", 1)
    bring(room, "long", 2)
    move(room, days=1)
    bring(room, "short", 3)
    move(room, days=1)
    assert room.expire() == 0
    move(room, seconds=1)
    assert room.expire() == 1
    assert shown(room) == ["Boje 2", "Boje 3"]
    move(room, days=1)
    assert room.expire() == 1
    assert shown(room) == ["Boje 2"]
    with room.database.reading() as tx:
        assert tx.spool.counts() == {"filed": 1, "purged": 2}


def test_more_than_a_batch_is_done_in_pieces(room: Newsroom) -> None:
    bring(room, "short", *range(150))
    move(room, days=3)
    assert retention.tidy(room) is True
    assert retention.tidy(room) is False
    assert shown(room) == []


def test_an_updated_story_lives_from_its_update_on(room: Newsroom) -> None:
    bring(room, "short", 1)
    move(room, days=1)
    room.spool(ITEM.format(1).replace("Geheimer", "Neuer").encode(), wire="short", name="u")
    room.file_waiting()
    move(room, days=1.5)
    assert room.expire() == 0
    move(room, days=1)
    assert room.expire() == 1
    with room.database.reading() as tx:
        standing = tx.newsstand.standing(1)
        assert standing is not None
        assert (standing.state, standing.was_public, standing.notice) == ("expired", True, None)
        assert tx.newsstand.version(1) is None
        assert tx.newsstand.chain(1) == ()


def test_pictures_go_with_the_last_story_that_shows_them(room: Newsroom) -> None:
    bring(room, "short", 1)
    bring(room, "long", 2)
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(out, "JPEG")
    made = images.sanitise(out.getvalue())
    with room.database.transaction() as tx:
        for story in (1, 2):
            version = tx.newsstand.version(story)
            assert version is not None
            tx.pictures.refer(version.key, [PictureRef("a.jpg")])
        waiting = tx.pictures.waiting()
        assert len(waiting) == 2
        tx.pictures.keep(made.sha256, made.media_type, made.width, made.height, made.renditions, made.more)
        for one in waiting:
            tx.pictures.settle(one.version, one.place, sha256=made.sha256, caption="Boje", credit="Kolk")
    move(room, days=3)
    retention.tidy(room)
    with room.database.reading() as tx:
        assert tx.pictures.wires_showing(made.sha256) == {"long"}, "another story still shows it"
        version = tx.newsstand.version(2)
        assert version is not None
        (picture,) = tx.pictures.of_versions([version.key])[version.key]
        assert (picture.caption, picture.credit, picture.plain) == ("Boje", "Kolk", (40, "jpg"))
    with room.database.transaction() as tx:
        tx.retention.purge([2])
    retention.tidy(room)
    with room.database.reading() as tx:
        assert tx.connection.exec_driver_sql("SELECT count(*) FROM pictures").scalar() == 0


def test_what_waits_or_is_held_back_is_not_forgotten_before_it_was_seen(room: Newsroom) -> None:
    room.spool(ITEM.format(1).encode(), wire="short", name="1")
    move(room, days=3)
    assert room.expire() == 0
    with room.database.reading() as tx:
        assert tx.spool.counts() == {"waiting": 1}


# -- polls that bring nothing new --------------------------------------------------------------------


def feed(*entries: int, built: int = 0) -> bytes:
    items = "".join(f"<item><guid>tide:{n}</guid><title>Boje {n}</title></item>" for n in entries)
    return f"<rss><channel><title>See</title><lastBuildDate>{built}</lastBuildDate>{items}</channel></rss>".encode()


def polled(room: Newsroom, raw: bytes) -> None:
    room.spool(raw, wire="feed", name="feed")
    room.file_waiting()


def test_the_bytes_of_polls_that_brought_nothing_new_go_after_three_days(room: Newsroom) -> None:
    polled(room, feed(1, built=1))
    polled(room, feed(1, built=2))
    polled(room, feed(1, 2, built=3))
    polled(room, feed(1, 2, built=4))
    move(room, days=2.9)
    assert retention.tidy(room) is False
    with room.database.reading() as tx:
        assert tx.spool.counts() == {"filed": 4}
    move(room, days=0.2)
    polled(room, feed(1, 2, built=5))
    for _ in range(2):
        retention.tidy(room)
    with room.database.reading() as tx:
        kept = [tx.spool.get(key) for key in range(1, 6)]
    assert [one.state for one in kept if one] == ["filed", "purged", "filed", "purged", "filed"]
    assert [bool(one.raw) for one in kept if one] == [True, False, True, False, True]
    again, is_new = room.spool(feed(1, built=2), wire="feed", name="feed")
    assert (again, is_new) == (2, False), "it is known by its hash"
    assert shown(room) == ["Boje 1", "Boje 2"]


def test_a_feed_without_entries_is_not_refused(room: Newsroom) -> None:
    polled(room, feed())
    polled(room, b"<rss><channel><title>cut off")
    polled(room, b"nothing at all")
    with room.database.reading() as tx:
        found = [(one.state, one.reason is None) for key in (1, 2, 3) if (one := tx.spool.get(key))]
    assert found[0] == ("filed", True)
    assert found[2] == ("refused", False)
    room.spool(feed(), wire="long", name="pushed")
    (done,) = room.file_waiting()
    assert done.refusals == ["there is no story in it"], "whoever pushes means to bring something"
