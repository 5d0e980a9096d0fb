"""Lists of few among many are complete from part to part, and found by an index, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from depesche.instruments.linking.linker import Linker
from depesche.model.take import Subject
from depesche.ops.bench.inputs import generate
from depesche.store.database import Database
from depesche.store.stories import catalogue
from depesche.store.stories.catalogue import Place, Wanted
from depesche.stories.desk import Desk
from depesche.stories.incoming import Receipt
from fakes import NOON

STORIES = 40


@pytest.fixture
def filled(database: Database) -> Database:
    """Stories of which every seventh is in French and every fifth has a topic."""
    issuers = generate.register(2)
    linker, desk = Linker(issuers), Desk()
    with database.transaction() as tx:
        tx.instruments.put(issuers)
        for n, story in enumerate(generate.stories(STORIES, issuers, mentioning=1.0)):
            take = generate.take(story)
            rare = {"language": "fr"} if n % 7 == 0 else {}
            topic = {"subjects": (Subject("medtop", "20000170", "Schiffbau"),)} if n % 5 == 0 else {}
            made = type(take)(**{name: getattr(take, name) for name in take.__slots__} | rare | topic)  # type: ignore[arg-type]
            desk.file(made, linker.link(made), Receipt("desk", story.at), tx, story.at + timedelta(minutes=1))
    return database


def paged(database: Database, wanted: Wanted, limit: int) -> tuple[list[Place], int]:
    """Return a list from its parts, and how many there were."""
    found: list[Place] = []
    place: Place | None = None
    parts = 0
    while True:
        parts += 1
        with database.reading() as tx:
            some, place = tx.catalogue.stories(wanted, limit, place)
        assert len(some) <= limit
        found += some
        if place is None:
            return found, parts


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(language="fr"),
        Wanted(language="xx"),
        Wanted(topic="20000170"),
        Wanted(topic="20000170", language="fr"),
        Wanted(instrument=1),
        Wanted(instrument=1, topic="20000170"),
        Wanted(instrument=2, provider="nobody"),
        Wanted(since=NOON - timedelta(days=3650), language="fr"),
    ],
    ids=str,
)
def test_parts_make_the_whole(filled: Database, wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, _ = paged(filled, wanted, 1000)
    monkeypatch.setattr(catalogue, "LOOKED_AT", 9)
    found, _ = paged(filled, wanted, 2)
    assert found == whole == sorted(whole, reverse=True)
    if wanted == Wanted():
        assert len(found) == STORIES
    with filled.reading() as tx:
        cards = tx.newsstand.cards([key for _, key in found])
    assert len(cards) == len(found)
    assert all(one.language == wanted.language for one in cards if wanted.language)


def test_few_are_not_looked_for_among_all_at_once(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "LOOKED_AT", 10)
    found, parts = paged(filled, Wanted(language="xx"), 1)
    assert found == []
    assert parts >= 3


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Wanted(topic="20000170"), "ix_version_topics_code_at"),
        (Wanted(instrument=1, language="fr", provider="x"), "ix_mentions_instrument"),
        (Wanted(provider="x", until=NOON), "ix_stories_provider_at"),
        (Wanted(language="de"), "ix_stories_state_at"),
    ],
    ids=str,
)
def test_an_index_leads(filled: Database, wanted: Wanted, index: str) -> None:
    if not filled.is_sqlite:
        return
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(filled.engine, "before_cursor_execute", note)
    with filled.reading() as tx:
        tx.catalogue.stories(wanted, 5, (1e10, 9))
        statement, parameters = asked[0]
        plan = tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
    assert index in plan[0][3]
    assert not any("SCAN" in row[3] for row in plan if "SUBQUERY" not in row[3])
