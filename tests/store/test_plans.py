"""How SQLite finds what a page shows: by keys, never by walking everything that is public."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from depesche.instruments.linking.linker import Linker
from depesche.ops.bench.inputs import generate
from depesche.store.database import Database
from depesche.store.stories.newsstand import Newsstand
from depesche.stories.desk import Desk
from depesche.stories.incoming import Receipt
from fakes import NOON

STORIES = 30
HARMLESS = ("SEARCH stories USING INDEX ix_stories_state_at (state=?)", "SCAN anon_", "SCAN json_each")
"""The newest beside a story come off the index of times, as many as are wanted; rows that were found, and keys that were given, are walked once."""
EVERYTHING = ("ix_stories_state_at", "ix_versions_released", "SCAN")

READS: dict[str, Callable[[Newsstand], object]] = {
    "page": lambda stand: stand.page(1),
    "cards": lambda stand: stand.cards(range(1, STORIES)),
    "beside": lambda stand: stand.beside(1, range(2, STORIES), 6),
    "share": lambda stand: stand.of_instrument(1, 5, (NOON.timestamp(), 9)),
    "older version": lambda stand: stand.version(1, 1),
    "rebuild": lambda stand: stand.public_ids(3, 10),
    "lineage": lambda stand: stand.lineage_stories(1),
}


@pytest.fixture
def filled(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copy(migrated_sqlite, tmp_path / "depesche.sqlite")
    database = Database(f"sqlite:///{tmp_path}/depesche.sqlite")
    issuers = generate.register(2)
    linker, desk = Linker(issuers), Desk()
    with database.transaction() as tx:
        tx.instruments.put(issuers)
        for story in generate.stories(STORIES, issuers, mentioning=1.0):
            take = generate.take(story)
            desk.file(take, linker.link(take), Receipt("desk", story.at), tx, story.at + timedelta(minutes=1))
    yield database
    database.close()


@pytest.mark.parametrize("name", READS)
def test_what_has_keys_is_found_by_them(filled: Database, name: str) -> None:
    asked: list[str] = []
    with filled.reading() as tx:
        driver: Any = tx.connection.connection.driver_connection
        driver.set_trace_callback(asked.append)
        assert READS[name](tx.newsstand)
        driver.set_trace_callback(None)
        asked = [one for one in asked if one.startswith("SELECT")]
        assert asked
        for statement in asked:
            plan = tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
            steps = [str(row[3]) for row in plan if not str(row[3]).startswith(HARMLESS)]
            assert not [step for step in steps if any(word in step for word in EVERYTHING)], statement
