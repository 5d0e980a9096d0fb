"""Deliveries by SFTP: markers, renames, growing files and subfolders."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from depesche.model.wire import Wire
from depesche.store.database import Database
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


def of(database: Database, clock: FakeClock, folder: Path, **more: object) -> FolderWatch:
    wire = Wire("sftp", "Küstenfunk", kind="folder", path=str(folder), **more)  # type: ignore[arg-type]
    return FolderWatch(database, clock, wire, 1000)


def put(path: Path, body: bytes = b"<x/>", *, fresh: bool = False) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    if not fresh:
        os.utime(path, (1, 1))
    return path


def names(database: Database) -> list[str]:
    with database.reading() as tx:
        return [one.name for one in tx.spool.waiting()]


@pytest.mark.parametrize("marker", ["a.xml.ok", "a.ok"])
def test_with_a_marker_nothing_is_taken_before_it(
    database: Database, clock: FakeClock, folder: Path, marker: str
) -> None:
    watch = of(database, clock, folder, marker=".ok")
    put(folder / "a.xml")
    assert [watch.scan(), watch.scan()] == [0, 0]
    put(folder / marker, b"", fresh=True)
    assert watch.scan() == 1
    assert sorted(one.name for one in (folder / "done").iterdir()) == sorted(["a.xml", marker])
    assert [one.name for one in folder.iterdir()] == ["done"]
    assert watch.problems == {}


def test_a_marker_that_comes_first_waits_for_its_file(
    database: Database, clock: FakeClock, folder: Path
) -> None:
    watch = of(database, clock, folder, marker=".ok")
    put(folder / "a.xml.ok", b"md5 0123")
    assert watch.scan() == 0
    put(folder / "a.xml", fresh=True)
    assert watch.scan() == 1
    assert names(database) == ["a.xml"]


def test_markers_are_no_items_even_when_nobody_waits_for_them(
    database: Database, clock: FakeClock, folder: Path
) -> None:
    watch = of(database, clock, folder)
    for name in ("a.xml", "a.xml.ok", "b.json", "b.done", "late.xml.rdy"):
        put(folder / name, b"bytes of " + name.encode())
    assert watch.scan() == 2
    assert sorted(names(database)) == ["a.xml", "b.json"]
    assert sorted(one.name for one in (folder / "done").iterdir()) == [
        "a.xml",
        "a.xml.ok",
        "b.done",
        "b.json",
    ]
    assert (folder / "late.xml.rdy").exists(), "its file is still to come"


def test_a_file_that_is_renamed_when_it_is_whole_is_taken_then(
    database: Database, clock: FakeClock, folder: Path
) -> None:
    watch = of(database, clock, folder)
    part = put(folder / "a.xml.filepart", b"<x>", fresh=True)
    assert watch.scan() == 0
    part.write_bytes(b"<x>whole</x>")
    os.utime(part, (1, 1))
    part.rename(folder / "a.xml")
    assert watch.scan() == 1


def test_a_file_that_still_grows_is_not_taken(database: Database, clock: FakeClock, folder: Path) -> None:
    watch = of(database, clock, folder)
    clock.time = clock.time.replace(year=1990)  # every file looks as if it were being written now
    growing = folder / "a.xml"
    for size in range(1, 5):
        growing.write_bytes(b"x" * size)
        assert watch.scan() == 0
    assert watch.scan() == 1
    with database.reading() as tx:
        assert [one.raw for one in tx.spool.waiting()] == [b"xxxx"]


def test_subfolders_are_looked_into_where_the_wire_says_so(
    database: Database, clock: FakeClock, folder: Path
) -> None:
    put(folder / "top.xml", b"top")
    put(folder / "2026/03/deep.xml", b"deep")
    put(folder / "2026/03/deep.xml.ok", b"")
    put(folder / ".hidden/no.xml", b"no")
    assert of(database, clock, folder).scan() == 1
    watch = of(database, clock, folder, subfolders=True)
    put(folder / "pictures/a.jpg", b"not an item")
    assert watch.scan() == 1
    with database.reading() as tx:
        _, deep = tx.spool.waiting()
    assert (deep.name, deep.base) == ("2026/03/deep.xml", str(folder / "2026/03"))
    assert (folder / "done/2026/03/deep.xml").read_bytes() == b"deep"
    assert (folder / "done/2026/03/deep.xml.ok").exists()
    assert (folder / "pictures/a.jpg").exists()
    assert watch.scan() == 0, "what is done is not looked into"
    put(folder / "2026/03/deep.xml", b"deeper")
    assert watch.scan() == 1
    assert (folder / "done/2026/03/deep-2.xml").read_bytes() == b"deeper"


def test_a_subfolder_that_is_a_link_leads_nowhere(
    database: Database, clock: FakeClock, folder: Path, tmp_path: Path
) -> None:
    put(tmp_path / "elsewhere/secret.xml", b"secret")
    (folder / "in").symlink_to(tmp_path / "elsewhere")
    (folder / "round").symlink_to(folder)
    watch = of(database, clock, folder, subfolders=True)
    assert watch.scan() == 0
    assert set(watch.problems) == {"in", "round"}
    (folder / "done").mkdir()
    (folder / "done/sub").symlink_to(tmp_path / "elsewhere")
    put(folder / "sub/a.xml", b"a")
    assert watch.scan() == 1
    assert "sub/a.xml" in watch.problems, "taken in, but not moved through the link"
    assert sorted(one.name for one in (tmp_path / "elsewhere").iterdir()) == ["secret.xml"]
    assert watch.scan() == 0


def test_a_subfolder_whose_name_is_no_text_stops_nobody(
    database: Database, clock: FakeClock, folder: Path
) -> None:
    watch = of(database, clock, folder, subfolders=True)
    odd = folder / os.fsdecode(b"M\xfcnchen")
    put(odd / "a.xml", b"a")
    put(folder / "zz" / "b.xml", b"b")
    assert watch.scan() == 2
    assert sorted(names(database)) == ["M\ufffdnchen/a.xml", "zz/b.xml"]
    assert not list(odd.iterdir())
    assert [one.name for one in (folder / "done" / odd.name).iterdir()] == ["a.xml"]
