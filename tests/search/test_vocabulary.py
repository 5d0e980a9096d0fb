"""Index and saved searches read stories by the same vocabulary, whenever it changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from depesche.search.analysis import vocabulary
from depesche.search.analysis.vocabulary import Vocabulary
from depesche.search.document import PARTS, document
from depesche.search.index import IndexFollower, Searcher
from depesche.search.percolator.percolate import Percolator
from depesche.store.database import Database
from fakes import NOON, FakeClock

from .conftest import Paper

TALK = "Am Kai war der Hafen leer, und der Streik ging weiter."


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let four stories be enough for a vocabulary."""
    monkeypatch.setattr(vocabulary, "_FIRST", 4)


def met(database: Database, query: str, stories: list[int]) -> set[int]:
    """Return which of *stories* meet a saved search."""
    percolator, words = Percolator(), Vocabulary()
    percolator.add(1, query)
    with database.reading() as tx:
        return {
            story
            for story in stories
            if (page := tx.newsstand.page(story))
            and len(percolator.match(document(page, tx.instruments.by_isin, words.of(tx))))
        }


def test_a_growing_archive_learns_its_words(database_url: str, tmp_path: Path, few: None) -> None:
    database = Database(database_url)
    paper = Paper(database)
    follower = IndexFollower(database, tmp_path / "search", FakeClock())
    searcher = Searcher(tmp_path / "search", database, clock=FakeClock())
    first = paper.publish("Hafenstreik", "Es geht um mehr Lohn.")
    assert follower.ensure()
    assert searcher.search("streik").stories == ()
    talk = [paper.publish(f"Meldung {n}", TALK) for n in range(3)]
    assert follower.ensure()  # it has outgrown having none
    assert not follower.ensure()
    every = [first, *talk]
    for query in ("hafen", "streik", "hafen -lohn", '"hafen streik"', "hafenstreik"):
        assert set(searcher.search(query).stories) == met(database, query, every), query
    assert first in searcher.search("streik").stories
    assert set(searcher.search("streik").stories) == set(every)
    with database.reading() as tx:
        assert (tx.vocabularies.current(), tx.vocabularies.stories()) == (1, 4)
        assert {"hafen", "streik", "kai"} <= set(tx.vocabularies.nouns(1))
        assert tx.vocabularies.nouns(7) == []
    follower.close()
    database.close()


def test_another_vocabulary_makes_another_index(database: Database, tmp_path: Path, paper: Paper) -> None:
    story = paper.publish("Hafenstreik")
    here, there = (IndexFollower(database, tmp_path / name) for name in ("here", "there"))
    assert here.ensure()
    assert there.ensure()
    with database.transaction() as tx:
        assert tx.vocabularies.put(["hafen", "streik"], NOON) == 1
    assert here.ensure()
    assert not here.ensure()
    assert Searcher(tmp_path / "here", database).search("streik").stories == (story,)
    assert Searcher(tmp_path / "there", database).search("streik").stories == ()
    assert there.ensure()
    assert Searcher(tmp_path / "there", database).search("streik").stories == (story,)
    for follower in (here, there):
        follower.close()


def test_a_rebuild_asked_for_reads_the_words_anew(database: Database, tmp_path: Path, paper: Paper) -> None:
    follower = IndexFollower(database, tmp_path / "search", FakeClock())
    story = paper.publish("Hafenstreik", TALK)
    paper.publish("Ebbe", TALK)
    paper.publish("Strike", "The Hafen and the Streik.", language="en")
    assert follower.rebuild() == 3
    with database.reading() as tx:
        assert "hafen" in tx.vocabularies.nouns(1)
        page = tx.newsstand.page(story)
        assert page is not None
        assert document(page, tx.instruments.by_isin, Vocabulary().of(tx)).get_all(PARTS) == ["haf", "streik"]
    for number in (2, 3):
        follower.rebuild()
        with database.reading() as tx:
            assert tx.vocabularies.current() == number
    with database.reading() as tx:
        assert tx.vocabularies.nouns(1) == []  # two are kept
        assert tx.vocabularies.nouns(2) != []
    follower.close()


def test_a_headline_outranks_a_part_of_a_compound(database: Database, tmp_path: Path, paper: Paper) -> None:
    part = paper.publish("Hafenstreik beendet")
    whole = paper.publish("Streik beendet")
    with database.transaction() as tx:
        tx.vocabularies.put(["hafen", "streik"], NOON)
    follower = IndexFollower(database, tmp_path / "search")
    follower.ensure()
    found = Searcher(tmp_path / "search", database, clock=FakeClock()).search("streik")
    assert found.stories == (whole, part)
    follower.close()
