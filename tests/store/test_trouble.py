"""A database that is away, locked or full is told from one that was asked something wrong."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from depesche.model.errors import StoreError
from depesche.store import database as module
from depesche.store.database import Database
from depesche.store.place import Place


def test_a_locked_database_is_away_for_writers_and_here_for_readers(
    tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "locked.sqlite"
    path.write_bytes(migrated_sqlite.read_bytes())
    monkeypatch.setattr(module, "_BUSY_MS", 50)
    database = Database(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="does not answer: database is locked"), database.transaction():
        pytest.fail("somebody else writes")
    with database.reading() as tx:
        assert tx.journal.last() == 0
    other.execute("ROLLBACK")
    with database.transaction() as tx:
        assert tx.journal.last() == 0
    other.close()
    database.close()


def test_a_full_disk_is_trouble_of_the_database(tmp_path: Path, migrated_sqlite: Path) -> None:
    path = tmp_path / "full.sqlite"
    path.write_bytes(migrated_sqlite.read_bytes())
    database = Database(f"sqlite:///{path}")

    def fill() -> None:
        with database.transaction() as tx:
            pages = tx.connection.exec_driver_sql("PRAGMA page_count").scalar()
            tx.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            for number in range(1000):
                tx.chores.reach("x" * 1000 + str(number), number)

    with pytest.raises(StoreError, match="full"):
        fill()
    with database.reading() as tx:
        assert tx.chores.position("x" * 1000 + "0") == 0, "nothing of it was kept"
    database.close()


def test_a_mistake_of_ours_stays_one(database: Database) -> None:
    with pytest.raises((OperationalError, ProgrammingError)), database.reading() as tx:
        tx.connection.execute(text("SELECT nothing FROM nowhere"))
    twice = text("INSERT INTO chores (name, position) VALUES ('x', 1), ('x', 2)")
    with pytest.raises(IntegrityError), database.transaction() as tx:
        tx.connection.execute(twice)


def test_no_error_tells_what_was_to_be_stored(database: Database) -> None:
    """Errors go to the log, and private notes must not."""
    insert = text("INSERT INTO chores (name, position) VALUES (:name, NULL)")
    with pytest.raises(IntegrityError) as caught, database.transaction() as tx:
        tx.connection.execute(insert, {"name": "Telefon 040 1234"})
    assert "parameters hidden" in str(caught.value)


@pytest.mark.postgres
def test_a_server_that_is_not_there_is_away(tmp_path: Path) -> None:
    database = Database(f"postgresql:///x?host={tmp_path}&connect_timeout=1")
    for opened in (database.reading, database.transaction):
        with pytest.raises(StoreError, match="does not answer"), opened():
            pytest.fail("there is no server")
    with pytest.raises(StoreError, match="does not answer"):
        database.place().take()
    database.close()


@pytest.mark.postgres
def test_a_connection_that_breaks_is_trouble_and_the_next_one_is_well(postgres_url: str) -> None:
    database, other = Database(postgres_url), Database(postgres_url)

    def write() -> None:
        with database.transaction() as tx:
            tx.chores.reach("lost", 7)
            own = tx.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
            with other.transaction() as theirs:
                theirs.connection.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})
            tx.chores.reach("lost", 8)

    with pytest.raises(StoreError, match="does not answer"):
        write()
    with database.reading() as tx:
        assert tx.chores.position("lost") == 0
    database.close()
    other.close()


@pytest.mark.postgres
def test_every_connection_in_use_is_trouble(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CONNECTION_SECONDS", 0.05)
    database = Database(postgres_url)
    held = [database.engine.connect() for _ in range(30)]
    with pytest.raises(StoreError, match="every connection"), database.reading():
        pytest.fail("there is none left")
    for one in held:
        one.close()
    with database.reading() as tx:
        assert tx.journal.last() == 0
    database.close()


# -- the worker's place ------------------------------------------------------------------------------


def test_there_is_one_place(database: Database) -> None:
    first, second = database.place(), Database(database.url).place()
    assert first.take()
    assert not second.take()
    assert first.keep()
    first.leave()
    assert second.take()
    second.leave()


@pytest.mark.postgres
@pytest.mark.parametrize("is_taken", [False, True])
def test_a_place_the_server_has_forgotten_is_taken_again_or_lost(postgres_url: str, is_taken: bool) -> None:
    database, other = Database(postgres_url), Database(postgres_url)
    mine, theirs = Place(database.engine), Place(other.engine)
    assert mine.take()
    with other.transaction() as tx:
        tx.connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            )
        )
    if is_taken:
        assert theirs.take()
    assert mine.keep() is not is_taken
    assert theirs.take() is False or is_taken
    mine.leave()
    theirs.leave()
    database.close()
    other.close()
