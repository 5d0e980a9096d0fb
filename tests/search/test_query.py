"""The query parser takes any text and loses nothing that was meant."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.search.query import (
    DATE,
    ISIN,
    LANGUAGE,
    LONGEST_QUERY,
    MINUS,
    MOST_CLAUSES,
    NOTHING,
    WKN,
    Query,
    Term,
    Unread,
    parse,
)


def words(query: Query) -> list[str]:
    return [term.text for group in query.wanted for term in group]


def test_words_phrases_and_minus() -> None:
    query = parse('hafen "schwarze null" -streik -"rote zahlen" – am')
    assert query.wanted == ((Term("hafen"),), (Term("schwarze null", is_phrase=True),), (Term("am"),))
    assert query.unwanted == (Term("streik"), Term("rote zahlen", is_phrase=True))
    assert not query.has_filters


def test_either_binds_its_neighbours() -> None:
    query = parse("a OR b c oder d ODER")
    assert query.wanted == ((Term("a"), Term("b")), (Term("c"),), (Term("oder"),), (Term("d"),))


def test_filters() -> None:
    query = parse('isin:zz0000000001 wkn:abc123 von:"dpa Watt" Provider:eqs seit:2026-03 bis:5.3.2026 hafen')
    assert query.isins == ("ZZ0000000001",)
    assert query.wkns == ("ABC123",)
    assert query.providers == ("dpa Watt", "eqs")
    assert query.since == datetime(2026, 3, 1, tzinfo=UTC)
    assert query.until == datetime(2026, 3, 6, tzinfo=UTC)
    assert words(query) == ["hafen"]
    assert query.has_filters


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("seit:2026", datetime(2025, 12, 31, 23, tzinfo=UTC)),
        ("since:12.2025", datetime(2025, 11, 30, 23, tzinfo=UTC)),
        ("seit:1.7.2026", datetime(2026, 6, 30, 22, tzinfo=UTC)),
    ],
)
def test_days_begin_in_the_zone_of_the_portal(text: str, since: datetime) -> None:
    assert parse(text, ZoneInfo("Europe/Berlin")).since == since


@pytest.mark.parametrize(
    "text",
    ["http://hafen", "Quelle: Hafen"],
)
def test_what_is_no_filter_is_a_word(text: str) -> None:
    query = parse(text)
    assert not query.has_filters
    assert words(query) == text.split()
    assert query.unread == ()


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("seit:gestern", Unread("seit:gestern", DATE)),
        ("seit:2026-13", Unread("seit:2026-13", DATE)),
        ('bis:"31.02.2026"', Unread('bis:"31.02.2026"', DATE)),
        ("isin:", Unread("isin:", NOTHING)),
        ("von:", Unread("von:", NOTHING)),
        ("isin:ZZ0000000000", Unread("isin:ZZ0000000000", ISIN)),
        ("wkn:4711", Unread("wkn:4711", WKN)),
        ("sprache:klingonisch", Unread("sprache:klingonisch", LANGUAGE)),
        ("-von:dpa", Unread("-von:dpa", MINUS)),
    ],
)
def test_a_filter_that_cannot_be_read_is_told(text: str, unread: Unread) -> None:
    assert parse(f"hafen {text}").unread == (unread,)


@pytest.mark.parametrize("text", ["seit:gestern", "bis:x", "isin:", "thema:"])
def test_without_a_date_or_anything_a_filter_is_left_out(text: str) -> None:
    query = parse(f"hafen {text}")
    assert (words(query), query.has_filters) == (["hafen"], False)


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("thema:20000170", ("20000170",)),
        ('topic:"20000170 Kursziele"', ("20000170",)),
        ('Thema:"Kurs und Ziel" topic:01000000', ("Kurs und Ziel", "01000000")),
        ("thema:200001700", ("200001700",)),
    ],
)
def test_a_topic_is_named_by_its_code_or_in_words(text: str, topics: tuple[str, ...]) -> None:
    query = parse(text)
    assert query.topics == topics
    assert query.has_filters


def test_an_open_quote_reaches_to_the_end() -> None:
    assert parse('hafen "am meer').wanted == ((Term("hafen"),), (Term("am meer", is_phrase=True),))


def test_length_and_number_of_clauses_are_bounded() -> None:
    assert len(parse("a " * 400).wanted) == MOST_CLAUSES
    assert len(parse("a" * 10_000).wanted[0][0].text) == LONGEST_QUERY
    assert parse("! ? * " * 100 + "hafen").wanted == ((Term("hafen"),),)


@settings(max_examples=200)
@given(st.text(max_size=300))
def test_any_text_is_a_query(text: str) -> None:
    query = parse(text)
    assert all(any(char.isalnum() for char in word) for word in words(query))


@settings(max_examples=150)
@given(
    st.lists(st.from_regex(r"[a-zäöüß0-9]{1,12}", fullmatch=True), max_size=8),
    st.lists(st.from_regex(r"[a-zäöüß0-9]{1,12}", fullmatch=True), max_size=4),
)
def test_what_is_written_is_read(wanted: list[str], unwanted: list[str]) -> None:
    query = parse(" ".join([*wanted, *(f"-{word}" for word in unwanted)]))
    assert words(query) == wanted
    assert [term.text for term in query.unwanted] == unwanted
