"""The words asked for are found in a text as the index finds them, and what is shown of it holds them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depesche.search.query import parse
from depesche.search.snippet import LENGTH, Highlighter


def hits(query: str, text: str, language: str = "de") -> list[str]:
    return [one.text for one in Highlighter(parse(query)).mark(text, language) if one.is_hit]


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        (
            "hafen",
            "Der Hafen und die Häfen, Hafens Tor, Hafenmeister",
            ["Hafen", "Häfen", "Hafens", "Hafenmeister"],
        ),
        ("muenchen", "München und Muenchen", ["München", "Muenchen"]),
        ("kurse", "Der Kurs und die Kurse", ["Kurs", "Kurse"]),
        ('"schwarze null"', "Die schwarze Null steht", ["schwarze", "Null"]),
        ("E.ON", "Aktien von E.ON steigen", ["E.ON"]),
        ("1&1", "Bei 1&1 und 11", ["1&1"]),
        ("größe", "Grösse und GRÖSSE und Größe", ["Grösse", "GRÖSSE", "Größe"]),
        ("hafen -streik", "Streik im Hafen", ["Hafen"]),
        ("der hafen", "Der Hafen", ["Hafen"]),
        ("von:dpa", "von dpa gemeldet", []),
    ],
)
def test_words_are_found_as_the_index_finds_them(query: str, text: str, found: list[str]) -> None:
    assert hits(query, text) == found


def test_english_is_found_as_english() -> None:
    assert hits("merging", "They merged; a merger merges", "en") == ["merged", "merges"]


def test_the_part_with_most_of_the_words_is_shown() -> None:
    text = "Anfang ohne alles. " * 60 + "Der Kran hob im Hafen die Fähre. " + "Ende ohne alles. " * 60
    pieces = Highlighter(parse("kran hafen fähre")).cut(text, "de")
    shown = "".join(one.text for one in pieces)
    assert [one.text for one in pieces if one.is_hit] == ["Kran", "Hafen", "Fähre"]
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(shown) <= LENGTH + 4


@given(st.text(max_size=40), st.text(max_size=700), st.sampled_from(["de", "en", "fr", ""]))
def test_no_query_and_no_text_is_an_error_and_nothing_is_lost(query: str, text: str, language: str) -> None:
    marker = Highlighter(parse(query))
    assert "".join(one.text for one in marker.mark(text, language)) == text
    cut = "".join(one.text for one in marker.cut(text, language)).removeprefix("… ").removesuffix(" …")
    assert cut in " ".join(text.split())


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("streik", "Der Hafenstreik endet.", ["Hafenstreik"]),
        ("hafen", "Der Hafenstreik endet.", ["Hafenstreik"]),
        ("Streiks", "Zwei Hafenstreiks im Hafen.", ["Hafenstreiks"]),
        ("häfen", "Der Seehafen wächst.", ["Seehafen"]),
        ("reis", "Der Preis steigt, die Kreise ziehen.", []),
        ("streik", "hafenstreikend", []),
    ],
)
def test_compounds_of_the_word_are_marked(query: str, text: str, marked: list[str]) -> None:
    pieces = Highlighter(parse(query)).mark(text, "de")
    assert "".join(one.text for one in pieces) == text
    assert [one.text for one in pieces if one.is_hit] == marked


def test_a_word_without_end_is_read_in_time() -> None:
    text = "X" * 20_000 + " Hafenstreik"
    pieces = Highlighter(parse("streik x")).cut(text, "de")
    assert any(one.is_hit for one in pieces)
