"""A story meets a saved search if, and only if, the search page would find it with that query."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable

import pytest
import tantivy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from depesche.model.story import StoryPage
from depesche.ops.bench.inputs.wishes import Wishes, page
from depesche.ops.bench.tools.brute import PlainSearch, PlainStory
from depesche.search import document
from depesche.search.compiler import Compiler
from depesche.search.percolator.percolate import CannotSave, Percolator
from depesche.search.query import parse

from .conftest import Edition
from .strategies import COMPOUNDS, SHARES, pages, queries


def seen(story: StoryPage) -> tantivy.Document:
    return document.document(story, SHARES.get, COMPOUNDS)


def text(words: str, **said: str) -> tantivy.Document:
    return seen(page(1, said.get("provider", "Küstenfunk"), said.get("language", "de"), "Kopf", words))


def met(percolator: Percolator, made: tantivy.Document) -> list[int]:
    return [int(key) for key in percolator.match(made)]


class Archive:
    """Stories in the engine."""

    def __init__(self, stories: Iterable[StoryPage]) -> None:
        index = document.register(tantivy.Index(document.schema()))
        writer = index.writer(15_000_000, 1)
        self.documents = {story.version.story: seen(story) for story in stories}
        for made in self.documents.values():
            writer.add_document(made)
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._searcher = index.searcher()
        self._compiler = Compiler(document.schema())

    def found(self, query: str) -> set[int]:
        """Return the stories that have every word of *query*."""
        compiled = self._compiler.compile(parse(query), None, every=True)
        if compiled is None:
            return set()
        places = [place for _, place in self._searcher.search(compiled, limit=len(self.documents)).hits]
        return {int(one or 0) for one in self._searcher.fast_field_values("story", places)}


@pytest.fixture(scope="module")
def archive() -> Archive:
    """A hundred stories of few words, always the same."""
    found: list[StoryPage] = []

    @settings(max_examples=100, database=None, derandomize=True, deadline=None)
    @given(st.data())
    def collect(data: st.DataObject) -> None:
        found.append(data.draw(pages(len(found) + 1)))

    collect()
    return Archive(found)


@settings(max_examples=80, deadline=None)
@given(asked=st.lists(queries(), min_size=1, max_size=5))
def test_as_the_engine_finds(archive: Archive, asked: list[str]) -> None:
    percolator = Percolator()
    refused = percolator.load(enumerate(asked))
    matched = {story: set(met(percolator, made)) for story, made in archive.documents.items()}
    for key, query in enumerate(asked):
        if key not in refused:
            assert {story for story, keys in matched.items() if key in keys} == archive.found(query), query


@settings(max_examples=100, deadline=None)
@given(story=pages(), asked=st.lists(queries(), min_size=1, max_size=12))
def test_as_one_search_after_another_finds(story: StoryPage, asked: list[str]) -> None:
    made = seen(story)
    plain = PlainStory(made)
    percolator = Percolator()
    refused = percolator.load(enumerate(asked))
    expected = [
        key for key, query in enumerate(asked) if key not in refused and PlainSearch(query).fits(plain)
    ]
    assert met(percolator, made) == expected


def test_a_thousand_random_searches_and_stories() -> None:
    wishes = Wishes(words=5_000)
    asked = list(wishes.searches(1_000))
    percolator = Percolator()
    assert percolator.load(enumerate(asked)) == {}
    plain = [PlainSearch(query) for query in asked]
    hits = 0
    for story in wishes.stories(40):
        made = seen(story)
        looked_into = PlainStory(made)
        expected = [key for key, search in enumerate(plain) if search.fits(looked_into)]
        assert met(percolator, made) == expected
        hits += len(expected)
    assert hits > 500


@pytest.mark.parametrize(
    "query",
    ["hafen", "Muenchhausen", "kurs", "company merge", "gewinn am hafen", '"schwarze null"', "hafen -gewinn", "prognose OR umschlag",
     "F.LUT", "7&7 netze", "wkn:mrw001", "von:dpa", "provider:kuestenfunk hafen", "-streik von:kuestenfunk", "Moorwerk sprache:de"],
)  # fmt: skip
def test_as_the_search_page_finds(edition: Edition, query: str) -> None:
    percolator = Percolator()
    percolator.add(7, query)
    with edition.database.reading() as tx:
        found = {
            story
            for story in edition.stories.values()
            if (shown := tx.newsstand.page(story))
            and met(percolator, document.document(shown, tx.instruments.by_isin))
        }
    assert found == set(edition.searcher.search(query).stories) != set()


def test_a_change_is_seen_by_the_next_story() -> None:
    percolator = Percolator()
    story = text("Der Hafen wächst.")
    assert met(percolator, story) == []
    percolator.add(4_294_967_295, "hafen")
    percolator.add(0, "wachsen OR hafen")
    assert met(percolator, story) == [0, 4_294_967_295]
    assert (len(percolator), 0 in percolator, 1 in percolator) == (2, True, False)
    assert percolator.remove(0)
    assert not percolator.remove(0)
    assert met(percolator, story) == [4_294_967_295]
    percolator.add(4_294_967_295, "werft")
    assert met(percolator, story) == []
    assert met(percolator, text("Die Werft baut.")) == [4_294_967_295]
    assert len(percolator) == 1
    percolator.discard([7, 4_294_967_295])
    percolator.discard([])
    assert (len(percolator), met(percolator, text("Die Werft baut."))) == (0, [])
    percolator.add(4_294_967_295, "werft")
    assert met(percolator, text("Die Werft baut.")) == [4_294_967_295]
    percolator.compact()
    assert percolator.remove(4_294_967_295)
    percolator.compact()
    assert met(percolator, story) == []


def test_a_word_too_long_to_be_indexed_breaks_a_phrase() -> None:
    percolator = Percolator()
    percolator.add(1, '"rote zahlen"')
    assert met(percolator, text("rote zahlen")) == [1]
    assert met(percolator, text(f"rote {'w' * 64} zahlen")) == []
    assert met(percolator, text(f"rote {'w' * 63} zahlen")) == []


def test_a_word_meets_the_compounds_it_is_part_of() -> None:
    percolator = Percolator()
    searches = [
        "hafen",
        "streik",
        "Streiks zahlen",
        '"hafen streik"',
        "hafen -streik",
        "von:küstenfunk hafenstreik",
    ]
    assert percolator.load(enumerate(searches)) == {}
    assert met(percolator, text("Hafenstreik")) == [0, 1, 5]
    assert met(percolator, text("Der Hafenzahlenstreik endet.")) == [0, 1, 2]
    assert met(percolator, text("Hafenstreik", language="en")) == [5]


def test_a_phrase_does_not_reach_from_field_to_field() -> None:
    percolator = Percolator()
    percolator.add(1, '"kopf hafen"')
    assert met(percolator, text("Hafen")) == []


def test_what_cannot_be_kept_is_told_and_nothing_is_changed() -> None:
    percolator = Percolator()
    percolator.add(1, "hafen")
    with pytest.raises(CannotSave):
        percolator.add(1, "-hafen")
    refused = percolator.load([(2, "werft"), (3, "der"), (4, "")])
    assert {key: error.reason for key, error in refused.items()} == {3: "too_common", 4: "empty"}
    assert len(percolator) == 2
    assert met(percolator, text("Hafen mit Werft")) == [1, 2]


@pytest.mark.parametrize("key", [-1, 1 << 32])
def test_keys_are_small_numbers(key: int) -> None:
    with pytest.raises(ValueError, match="below 2"):
        Percolator().add(key, "hafen")


class Changes(RuleBasedStateMachine):
    """Any order of changes leaves the searches that a plain dictionary would hold."""

    STORIES = (
        text("Hafen und Werft"),
        text("Werft in roten Zahlen"),
        text("Zahlen am Hafen", provider="dpa"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.percolator = Percolator()
        self.model: dict[int, str] = {}

    keys = st.integers(0, 40)
    asked = st.sampled_from(
        ["hafen", "werft -zahlen", '"rote zahlen"', "hafen OR zahlen", "von:dpa hafen", "werft zahlen"]
    )

    @rule(key=keys, query=asked)
    def add(self, key: int, query: str) -> None:
        self.percolator.add(key, query)
        self.model[key] = query

    @rule(searches=st.lists(st.tuples(keys, asked), max_size=20))
    def load(self, searches: list[tuple[int, str]]) -> None:
        assert self.percolator.load(searches) == {}
        self.model.update(searches)

    @rule(key=keys)
    def remove(self, key: int) -> None:
        assert self.percolator.remove(key) == (self.model.pop(key, None) is not None)

    @rule()
    def compact(self) -> None:
        self.percolator.compact()

    @invariant()
    def holds_what_it_should(self) -> None:
        assert len(self.percolator) == len(self.model)
        for made in self.STORIES:
            plain = PlainStory(made)
            expected = sorted(key for key, query in self.model.items() if PlainSearch(query).fits(plain))
            assert met(self.percolator, made) == expected


TestChanges = Changes.TestCase
TestChanges.settings = settings(max_examples=20, stateful_step_count=15, deadline=None)


def test_large_and_small_parts_together() -> None:
    percolator = Percolator()
    percolator.load((key, f"wort{key % 700} hafen") for key in range(25_000))
    for key in range(25_000, 25_300):
        percolator.add(key, f"wort{key % 700} OR werft")
    for key in range(0, 25_000, 2):
        percolator.remove(key)
    assert len(percolator) == 12_800
    assert met(percolator, text("Hafen wort7")) == [
        key for key in range(7, 25_300, 700) if key % 2 or key >= 25_000
    ]
    assert met(percolator, text("Werft")) == list(range(25_000, 25_300))


def test_one_thread_changes_while_another_matches() -> None:
    percolator = Percolator()
    percolator.load((key, "hafen") for key in range(100))
    story = text("Der Hafen wächst mit der Werft.")
    done = threading.Event()
    failed: list[list[int]] = []

    def match() -> None:
        while not done.is_set():
            keys = met(percolator, story)
            if keys[:100] != list(range(100)) or keys[100:] != sorted(set(keys[100:])):
                failed.append(keys)

    reader = threading.Thread(target=match)
    reader.start()
    rng = random.Random(1)
    try:
        for key in range(100, 900):
            percolator.add(key, "werft")
            percolator.add(rng.randrange(100), "hafen OR wachsen")
            if key % 3:
                percolator.remove(key)
    finally:
        done.set()
        reader.join()
    assert failed == []
    assert met(percolator, story) == [*range(100), *(key for key in range(100, 900) if key % 3 == 0)]
