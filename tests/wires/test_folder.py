"""A watched folder: complete files are taken in once and moved aside; nothing leads out of it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from depesche.lib.clock import epoch
from depesche.model.wire import Wire
from depesche.store.database import Database
from depesche.store.wires.spool import Spooled
from depesche.wires.doors.aside import reserved
from depesche.wires.doors.folder import FolderWatch
from fakes import FakeClock


@pytest.fixture
def database(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Database]:
    shutil.copy(migrated_sqlite, tmp_path / "spool.sqlite")
    opened = Database(f"sqlite:///{tmp_path}/spool.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    made.mkdir()
    return made


@pytest.fixture
def watch(database: Database, clock: FakeClock, folder: Path) -> FolderWatch:
    return FolderWatch(database, clock, Wire("coast", "Küstenfunk", kind="folder", path=str(folder)), 1000)


@pytest.fixture
def put(folder: Path, clock: FakeClock):
    """Write a file that was finished some seconds ago by the clock."""

    def write(name: str, content: bytes = b"<item/>", age: float = 60) -> Path:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        at = epoch(clock.now()) - age
        os.utime(path, (at, at))
        return path

    return write


def spooled(database: Database) -> list[Spooled]:
    with database.reading() as tx:
        return tx.spool.waiting()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_complete_file_is_spooled_and_moved(
    watch: FolderWatch, put, folder: Path, database: Database
) -> None:
    put("story.xml", b"<story/>")
    assert watch.scan() == 1
    (item,) = spooled(database)
    assert (item.raw, item.name, item.wire, item.provider) == (
        b"<story/>",
        "story.xml",
        "coast",
        "Küstenfunk",
    )
    assert item.base == str(folder)
    assert names(folder) == ["done"]
    assert (folder / "done" / "story.xml").read_bytes() == b"<story/>"
    assert watch.scan() == 0


def test_the_oldest_goes_first(watch: FolderWatch, put, database: Database) -> None:
    put("a.xml", b"third", age=10)
    put("b.xml", b"first", age=30)
    put("c.xml", b"second", age=20)
    assert watch.scan() == 3
    assert [item.raw for item in spooled(database)] == [b"first", b"second", b"third"]


def test_a_file_still_being_written_waits(
    watch: FolderWatch, put, clock: FakeClock, database: Database
) -> None:
    put("story.xml", b"<half", age=0)
    assert watch.scan() == 0
    put("story.xml", b"<half and more", age=0)
    assert watch.scan() == 0, "it has grown since the last scan"
    assert watch.scan() == 1, "it looks as before"
    put("later.xml", b"<x/>", age=0)
    clock.move(seconds=2)
    assert watch.scan() == 1, "last written more than a second ago"
    assert [item.raw for item in spooled(database)] == [b"<half and more", b"<x/>"]


@pytest.mark.parametrize(
    "name", [".hidden.xml", "a.xml.part", "a.tmp", "a.xml~", "A.FILEPART", "x.crdownload"]
)
def test_unfinished_names_are_left_alone(watch: FolderWatch, put, folder: Path, name: str) -> None:
    put(name)
    assert (watch.scan(), watch.scan()) == (0, 0)
    assert names(folder) == [name]
    assert watch.problems == {}


def test_a_file_renamed_when_complete_is_taken(watch: FolderWatch, put, folder: Path) -> None:
    put("a.xml.part")
    assert watch.scan() == 0
    (folder / "a.xml.part").rename(folder / "a.xml")
    assert watch.scan() == 1


def test_pictures_stay_where_stories_refer_to_them(watch: FolderWatch, put, folder: Path) -> None:
    for name in ("a.jpg", "b.JPEG", "c.png", "d.webp"):
        put(name, b"picture")
    put("story.xml")
    assert watch.scan() == 1
    assert names(folder) == ["a.jpg", "b.JPEG", "c.png", "d.webp", "done"]


def test_the_same_bytes_again_are_moved_but_not_counted(
    watch: FolderWatch, put, folder: Path, database: Database
) -> None:
    put("story.xml", b"same")
    assert watch.scan() == 1
    put("story.xml", b"same")
    put("copy.xml", b"same")
    assert watch.scan() == 0
    assert len(spooled(database)) == 1
    assert names(folder / "done") == ["copy.xml", "story-2.xml", "story.xml"]


def test_nothing_in_done_is_ever_overwritten(watch: FolderWatch, put, folder: Path) -> None:
    for content in (b"one", b"two", b"three"):
        put("story.xml", content)
        put("noending", content + b"!")
        assert watch.scan() == 2
    done = folder / "done"
    assert [(done / name).read_bytes() for name in ("story.xml", "story-2.xml", "story-3.xml")] == [
        b"one",
        b"two",
        b"three",
    ]
    assert sorted(names(done)) == [
        "noending",
        "noending-2",
        "noending-3",
        "story-2.xml",
        "story-3.xml",
        "story.xml",
    ]


def test_links_and_pipes_are_refused_and_named(
    watch: FolderWatch, put, folder: Path, tmp_path: Path, database: Database
) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_bytes(b"outside")
    (folder / "link.xml").symlink_to(secret)
    (folder / "dangling.xml").symlink_to(tmp_path / "nothing")
    os.mkfifo(folder / "pipe.xml")
    (folder / "sub").mkdir()
    put("good.xml")
    assert watch.scan() == 1
    assert watch.scan() == 0
    assert [item.name for item in spooled(database)] == ["good.xml"]
    assert set(watch.problems) == {"link.xml", "dangling.xml", "pipe.xml"}
    assert names(folder) == ["dangling.xml", "done", "link.xml", "pipe.xml", "sub"]


def test_a_done_that_leads_elsewhere_is_refused_and_nothing_is_lost(
    watch: FolderWatch, put, folder: Path, tmp_path: Path, database: Database
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folder / "done").symlink_to(elsewhere)
    put("story.xml", b"kept")
    assert watch.scan() == 1
    assert watch.scan() == 0
    assert names(elsewhere) == []
    assert [item.raw for item in spooled(database)] == [b"kept"]
    assert "cannot be moved" in watch.problems["story.xml"]
    (folder / "done").unlink()
    assert watch.scan() == 0
    assert watch.problems == {}
    assert names(folder) == ["done"], "it is moved as soon as that is possible"


def test_a_newer_file_under_the_name_of_one_that_could_not_be_moved_is_taken(
    watch: FolderWatch, put, folder: Path, database: Database
) -> None:
    put("done", b"in the way")
    put("story.xml", b"kept")
    assert watch.scan() == 2  # the file in the way is an item like any other
    put("story.xml", b"next")
    assert watch.scan() == 1
    assert {item.raw for item in spooled(database)} == {b"kept", b"next", b"in the way"}


def test_empty_and_large_files_are_named_and_left(watch: FolderWatch, put, folder: Path) -> None:
    put("empty.xml", b"")
    put("large.xml", b"x" * 1001)
    put("good.xml", b"x" * 1000)
    assert watch.scan() == 1
    assert watch.problems == {"empty.xml": "is empty", "large.xml": "has 1001 bytes; 1000 are allowed"}
    assert names(folder) == ["done", "empty.xml", "large.xml"]
    put("empty.xml", b"late")
    assert watch.scan() == 1
    assert set(watch.problems) == {"large.xml"}


if os.geteuid() != 0:  # root can read everything

    def test_an_unreadable_file_is_named_and_left(watch: FolderWatch, put) -> None:
        put("closed.xml").chmod(0)
        put("good.xml")
        assert watch.scan() == 1
        assert "cannot be read" in watch.problems["closed.xml"]


def test_a_missing_folder_is_named_and_found_later(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    watch = FolderWatch(database, clock, Wire("late", "x", kind="folder", path=str(tmp_path / "late")))
    assert watch.scan() == 0
    assert "cannot be read" in watch.problems["."]
    (tmp_path / "late").mkdir()
    assert watch.scan() == 0
    assert watch.problems == {}


def test_a_name_that_is_no_text_is_taken_all_the_same(
    watch: FolderWatch, folder: Path, put, database: Database
) -> None:
    path = put("plain.xml", b"odd")
    path.rename(folder / os.fsdecode(b"M\xfcnchen\n.xml"))
    assert watch.scan() == 1
    (item,) = spooled(database)
    assert item.name == "M\ufffdnchen .xml"


def test_a_crash_between_spool_and_move_neither_loses_nor_doubles(
    database: Database, clock: FakeClock, put, folder: Path
) -> None:
    wire = Wire("coast", "Küstenfunk", kind="folder", path=str(folder))
    path = put("story.xml", b"story")
    with database.transaction() as tx:  # what a worker killed at that moment leaves behind
        tx.spool.add(b"story", wire="coast", provider="Küstenfunk", name="story.xml", at=clock.now())
    assert FolderWatch(database, clock, wire).scan() == 0
    assert len(spooled(database)) == 1
    assert not path.exists()


def test_many_files_are_all_taken(watch: FolderWatch, put, database: Database) -> None:
    for number in range(250):
        put(f"{number}.xml", b"item %d" % number)
    assert watch.scan() == 250
    with database.reading() as tx:
        assert tx.spool.counts() == {"waiting": 250}


def test_thousands_of_one_name_find_a_free_number_at_once(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    made = [reserved(handle, "news.xml") for _ in range(3000)]
    assert made[:3] == ["news.xml", "news-2.xml", "news-3.xml"]
    assert len(set(made)) == 3000
    (folder / "news-7.xml").unlink()
    assert reserved(handle, "news.xml") not in made[:6]
    assert reserved(handle, ".hidden") == ".hidden"
    assert reserved(handle, ".hidden") == ".hidden-2"
    os.close(handle)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sets(st.integers(1, 40)))
def test_a_reserved_name_is_always_new(folder: Path, taken: set[int]) -> None:
    home = Path(tempfile.mkdtemp(dir=folder))
    for number in taken:
        (home / ("a.xml" if number == 1 else f"a-{number}.xml")).touch()
    handle = os.open(home, os.O_RDONLY)
    before = {path.name for path in home.iterdir()}
    assert reserved(handle, "a.xml") not in before
    os.close(handle)


def test_an_upload_that_stood_still_is_taken_in_again_when_it_goes_on(
    watch: FolderWatch, put, folder: Path, database: Database, clock: FakeClock
) -> None:
    """Its sender's handle follows the file into done/."""
    path = put("story.json", b'{"uri": "x", ')
    with path.open("ab") as upload:
        assert watch.scan() == 1
        assert names(folder / "done") == ["story.json"]
        upload.write(b'"headline": "Boje"}')
        upload.flush()
        moved = folder / "done" / "story.json"
        now = epoch(clock.now())
        os.utime(moved, (now, now))
        assert watch.scan() == 0, "it is still being written"
        clock.move(seconds=5)
        assert watch.scan() == 1
    assert [one.raw for one in spooled(database)] == [
        b'{"uri": "x", ',
        b'{"uri": "x", "headline": "Boje"}',
    ]
    assert watch.scan() == 0, "once"
    clock.move(hours=2)
    watch.scan()
    os.utime(moved, (now + 9, now + 9))
    assert watch.scan() == 0, "nobody waits for ever"


def test_what_takes_the_place_of_a_file_in_done_is_no_delivery(
    watch: FolderWatch, put, folder: Path, clock: FakeClock, tmp_path: Path
) -> None:
    put("story.xml")
    assert watch.scan() == 1
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    os.utime(secret, (1, 1))
    (folder / "done" / "story.xml").unlink()
    (folder / "done" / "story.xml").symlink_to(secret)
    assert watch.scan() == 0
    put("two.xml", b"two")
    assert watch.scan() == 1
    shutil.rmtree(folder / "done")
    outside = tmp_path / "outside"
    outside.mkdir()
    secret.rename(outside / "two.xml")
    (folder / "done").symlink_to(outside)
    assert watch.scan() == 0
