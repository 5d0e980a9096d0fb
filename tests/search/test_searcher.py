"""What a reader types is found the way a reader means it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.search.index import IndexFollower, Searcher
from depesche.store.database import Database
from fakes import NOON

from .conftest import MOORWERK, Edition, Paper


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Münchhausen", {"port"}),
        ("Muenchhausen", {"port"}),
        ("MUNCHHAUSEN", {"port"}),
        ("koeslin", {"english"}),
        ("Köslin", {"english"}),
        ("kurs", {"port"}),
        ("company merge", {"english"}),
        ("gewinn hafen", {"both"}),
        ("gewinn am hafen", {"both"}),
        ("torfkonzern umschlag", {"moor", "port"}),  # no story has both: either
        ('"schwarze null"', {"both"}),
        ("„schwarze Null“", {"both"}),
        ("schwarze null", {"both", "null"}),
        ("hafen -gewinn", {"port"}),
        ('null -"schwarze null"', {"null"}),
        ("prognose OR umschlag", {"moor", "port"}),
        ("umschlag ODER magie", {"port", "null"}),
        ("F.LUT", {"gas"}),
        ("7&7", {"gas"}),
        ("7&7 netze", {"gas"}),
        (MOORWERK.isin, {"moor"}),
        (MOORWERK.isin.lower(), {"moor"}),
        ("MRW001", {"moor"}),
        (f"isin:{MOORWERK.isin}", {"moor"}),
        ("wkn:mrw001", {"moor"}),
        ("wkn:mrw001 hafen", set()),
        ("von:dpa-watt", {"gas"}),
        ("von:dpa", {"gas"}),
        ("provider:kuestenfunk hafen", {"port", "both"}),
        ("von:niemand", set()),
        ("streik seit:2026-02-01", {"new"}),
        ("streik bis:2025", {"old"}),
        ("since:2026-03-02 -hafen", {"moor", "english"}),
        ("-streik seit:01.03.2026 bis:01.03.2026", {"port"}),
        ("nichtsdergleichen", set()),
        ("", set()),
        ('""', set()),
        ("-", set()),
    ],
)  # fmt: skip
def test_queries(edition: Edition, query: str, found: set[str]) -> None:
    hits = edition.searcher.search(query)
    names = {key: name for name, key in edition.stories.items()}
    assert {names[key] for key in hits.stories} == found
    assert hits.total == len(found)


def test_of_equal_stories_the_newer_comes_first(edition: Edition) -> None:
    assert edition.searcher.search("streik schacht").stories == (
        edition.stories["new"],
        edition.stories["old"],
    )


def test_a_headline_outranks_a_newer_passing_mention(
    paper: Paper, follower: IndexFollower, searcher: Searcher
) -> None:
    about = paper.publish("Quallenplage an der Küste", "Badende klagen.", at=NOON - timedelta(days=5))
    aside = paper.publish(
        "Tourismus legt zu", "Trotz Quallenplage kamen viele Gäste an den Strand und blieben lange."
    )
    follower.ensure()
    assert searcher.search("quallenplage").stories == (about, aside)


def test_language_narrows(edition: Edition) -> None:
    assert edition.searcher.search("hafen OR harbour", language="en").stories == (edition.stories["english"],)
    assert (
        edition.stories["english"] not in edition.searcher.search("hafen OR harbour", language="de").stories
    )


@pytest.mark.parametrize(
    "query", ["Moorwerk", "moorwerk ag", "MOO", "mrw001", MOORWERK.isin, f"isin:{MOORWERK.isin}", "moor"]
)
def test_a_share_asked_for_by_code_or_name_comes_with_the_answer(edition: Edition, query: str) -> None:
    assert [share.isin for share in edition.searcher.search(query).shares] == [MOORWERK.isin]


def test_shares_do_not_need_an_index(paper: Paper, searcher: Searcher) -> None:
    hits = searcher.search("Moorwerk")
    assert hits.stories == ()
    assert [share.name for share in hits.shares] == ["Moorwerk AG"]


def test_pages_follow_each_other_without_gap_or_repeat(
    paper: Paper, follower: IndexFollower, searcher: Searcher
) -> None:
    keys = {paper.publish(f"Tidenkalender {n}", at=NOON - timedelta(hours=7 * n)) for n in range(25)}
    follower.ensure()
    pages = [searcher.search("tidenkalender", limit=10, offset=start) for start in (0, 10, 20, 30)]
    assert [len(page.stories) for page in pages] == [10, 10, 5, 0]
    assert {key for page in pages for key in page.stories} == keys
    assert {page.total for page in pages} == {25}
    assert searcher.search("tidenkalender", limit=0).stories == ()


def test_many_hits_are_ranked_as_if_each_had_been_weighed(
    paper: Paper, follower: IndexFollower, searcher: Searcher
) -> None:
    """More hits than are weighed one by one: bands of age must give the order of the full sort."""
    keys = [
        paper.publish(
            "Wattwanderung" if n % 7 == 0 else "Ausflug",
            "Wattwanderung " + "mit Führung und Fernsicht " * (n % 5),
            at=NOON - timedelta(hours=31 * n),
        )
        for n in range(260)
    ]
    follower.ensure()
    first = searcher.search("wattwanderung", limit=15)
    assert first.total == len(keys)
    every = searcher.search("wattwanderung", limit=len(keys)).stories
    assert set(every) == set(keys)
    assert first.stories == every[:15]


@pytest.fixture
def many(
    paper: Paper, follower: IndexFollower, searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> list[int]:
    """Stories of two years, every tenth with the word in its headline; 60 are all that can be paged through."""
    for name, number in (("DEEPEST", 60), ("_FEW", 20), ("_ENOUGH_WITH_PHRASE", 40)):
        monkeypatch.setattr(f"depesche.search.ranking.{name}", number)
    monkeypatch.setattr("depesche.search.searcher.DEEPEST", 60)
    keys = [
        paper.publish(
            "Deichbau" if n % 10 == 0 else "Arbeiten",
            f"Deichbau bei Ebbe{n // 100} und Flut",
            at=NOON - timedelta(hours=3 * n if n < 80 else 240 + 150 * (n - 80)),
        )
        for n in range(200)
    ]
    follower.ensure()
    return keys


@pytest.mark.parametrize("by_time", [False, True])
@pytest.mark.parametrize(
    ("query", "enough"), [("deichbau", 60), ('"deichbau bei"', 40), ("deichbau OR flut", 60)]
)
def test_what_is_everywhere_is_found_from_the_newest_on(
    many: list[int], searcher: Searcher, query: str, enough: int, by_time: bool
) -> None:
    hits = searcher.search(query, limit=10, by_time=by_time, with_facets=True)
    assert hits.has_more
    assert enough <= hits.total < len(many)
    assert sum(n for _, n in hits.facets.providers) == hits.total
    in_headlines = not by_time and '"' not in query
    first = many[0 : hits.total : 10] if in_headlines else many[:10]
    assert hits.stories[: len(first)] == tuple(first)
    pages = [searcher.search(query, limit=10, offset=start, by_time=by_time) for start in range(0, 60, 10)]
    assert {len(page.stories) for page in pages} == {10}
    if '"' not in query:  # a phrase is counted further only for those who turn the pages
        assert len({key for page in pages for key in page.stories}) == 60


def test_what_is_rare_is_counted_to_its_end(many: list[int], searcher: Searcher) -> None:
    hits = searcher.search("deichbau seit:2001-01-01 -arbeiten", limit=5)
    assert (hits.total, hits.has_more) == (20, False)


def test_frequent_words_that_seldom_meet_are_looked_for_in_all_stories(
    many: list[int], searcher: Searcher
) -> None:
    hits = searcher.search("ebbe1 flut", limit=5)
    assert (hits.total, hits.has_more) == (100, False)
    assert hits.stories[0] == many[100]


@settings(max_examples=120, deadline=None)
@given(
    query=st.one_of(
        st.text(max_size=80),
        st.text(alphabet='abÄß"„“ -:+^~*?[](){}\\/!&|.<>#\x00\ud800', max_size=60),
        st.lists(
            st.sampled_from(
                ["hafen", '"', "-", "isin:", "wkn:x", "seit:2026-99-99", "seit:9999", "OR", "von:", "(", "*:*", "a AND b", "~2", "[a TO b]",
                 "story:1", "bis:0001-01-01", '"null', "1&1", "\x00", "und der", "IN [", "/.*/", "headline_de:x"]
            ),
            max_size=8,
        ).map(" ".join),
    )
)  # fmt: skip
def test_any_text_gets_an_answer(edition: Edition, query: str) -> None:
    hits = edition.searcher.search(query, limit=3)
    assert len(hits.stories) <= 3
    assert set(hits.stories) <= set(edition.stories.values())


@pytest.mark.parametrize(
    "query",
    [
        "a" * 10_000,
        "a " * 5_000,
        '"' * 10_000,
        "-" * 10_000,
        "9" * 10_000,
        "(" * 10_000,
        '"' + "hafen " * 2_000,
    ],
)
def test_ten_thousand_characters_get_an_answer(edition: Edition, query: str) -> None:
    assert edition.searcher.search(query).total >= 0


def test_before_there_is_an_index_every_answer_is_empty(database: Database, tmp_path: Path) -> None:
    hits = Searcher(tmp_path / "nowhere" / "search", database).search("hafen")
    assert (hits.total, hits.stories, hits.shares) == (0, (), ())


def test_letters_of_a_dead_kind_in_copy_do_not_stop_the_follower(
    paper: Paper, follower: IndexFollower, searcher: Searcher
) -> None:
    story = paper.publish("Soft\u00adhyphen im Wort", "7" * 50_000 + " " + "x" * 70_000 + " Ende")
    follower.ensure()
    assert searcher.search("softhyphen").stories == (story,)
    assert searcher.search("ende").stories == (story,)


def test_each_kind_of_database_takes_any_query(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url)
    paper = Paper(database)
    story = paper.publish("Hafen wächst", about=MOORWERK)
    gone = paper.publish("Hafen schrumpft")
    follower = IndexFollower(database, tmp_path / "search")
    follower.ensure()
    paper.kill(gone)
    searcher = Searcher(tmp_path / "search", database)
    assert searcher.search("hafen").stories == (story,)
    assert [share.isin for share in searcher.search("moorwerk").shares] == [MOORWERK.isin]
    for query in (
        "\x00hafen",
        "\ud800 hafen",
        "100%_\\",
        "'; DROP TABLE stories; --",
        "isin:\x00",
        'wkn:"\\"',
    ):
        assert gone not in searcher.search(query).stories
    follower.close()
    database.close()


def test_the_newest_come_first_when_asked_for(edition: Edition) -> None:
    found = edition.searcher.search("streik schacht", by_time=True)
    assert found.stories == (edition.stories["new"], edition.stories["old"])
    assert found.total == 2
    second = edition.searcher.search("streik schacht", by_time=True, limit=1, offset=1)
    assert second.stories == (edition.stories["old"],)


def test_what_results_have_in_common_is_counted(edition: Edition) -> None:
    counted = edition.searcher.search("hafen OR streik OR kooperieren", with_facets=True).facets
    assert dict(counted.providers) == {"Küstenfunk": 4, "dpa-Watt": 1}
    assert dict(counted.languages) == {"de": 5}
    assert [(name, n) for name, _, n in counted.spans] == [("day", 0), ("week", 4), ("month", 4), ("year", 4)]
    moor = edition.searcher.search("torfkonzern", with_facets=True).facets
    assert dict(moor.isins) == {MOORWERK.isin: 1}
    assert edition.searcher.search("hafen").facets.providers == ()


def test_every_facet_finds_as_many_as_it_says(edition: Edition) -> None:
    query = "hafen OR streik OR kooperieren OR companies OR null"
    counted = edition.searcher.search(query, with_facets=True).facets
    for name, n in counted.providers:
        assert edition.searcher.search(f'{query} von:"{name}"').total == n
    for name, n in counted.languages:
        assert edition.searcher.search(f"{query} sprache:{name}").total == n
    for _, since, n in counted.spans:
        assert edition.searcher.search(f"{query} seit:{since.isoformat()}").total == n
