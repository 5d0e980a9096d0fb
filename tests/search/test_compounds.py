"""German compounds are taken apart by the nouns of the own archive."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.search.analysis.compounds import NO_COMPOUNDS, Compounds, nouns
from depesche.search.analysis.text import LONGEST_WORD

KNOWN = ["hafen", "streik", "arbeit", "arbeiter", "markt", "schule", "jahr", "häuser", "preis", "zeitung", "verlag", "gas"]  # fmt: skip
COMPOUNDS = Compounds(1, KNOWN)


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("Hafenstreik", ["haf", "streik"]),
        ("Hafenstreiks", ["haf", "streik"]),
        ("Gaspreise", ["gas", "preis"]),
        ("Arbeitsmarkt", ["arbeit", "markt"]),
        ("Zeitungsverlage", ["verlag", "zeitung"]),
        ("Schuljahr", ["jahr", "schul"]),
        ("Hafenzeitung", ["haf", "zeitung"]),  # by itself it would lose its end
        ("Häuserpreise", ["haus", "preis"]),
        ("Haeuserpreise", ["haus", "preis"]),
        ("Hafenarbeiterstreik", ["arbeit", "haf", "streik"]),
        ("hafenstreik", []),  # no noun
        ("HAFENSTREIK", []),
        ("Hafenrundfahrt", []),  # Rundfahrt is not known
        ("Streiken", []),
        ("Hafen-Streik", []),  # two words already
        ("", []),
    ],
)
def test_a_compound_has_the_stems_of_its_pieces(word: str, parts: list[str]) -> None:
    assert COMPOUNDS.parts(f"Der {word}.") == parts
    assert COMPOUNDS.parts(f"Der {word}.") == parts  # now remembered


def test_a_word_more_frequent_than_its_pieces_is_one_of_its_own() -> None:
    assert Compounds(1, ["mittwoch", "mitte", "woche"]).parts("Mittwoch") == []
    assert Compounds(1, ["woche", "mittwoch", "mitte"]).parts("Mittwoch") == ["mitt", "woch"]


def test_without_a_vocabulary_nothing_is_taken_apart() -> None:
    assert NO_COMPOUNDS.parts("Hafenstreik") == []


def test_nouns_are_written_large_within_sentences() -> None:
    texts = [
        "Am Kai liegt das Schiff. Liegen bleibt es lange.",
        "Dort liegt ein Schiff, sagt der Kapitän. Liegen soll es.",
        "Vom schiff war die Rede; im Schiff, am Kai.",
        "Das Schiff liegt.",
    ]
    assert nouns(texts) == ["schiff", "kai"]
    assert nouns([]) == []


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(KNOWN), min_size=2, max_size=4))
def test_whatever_nouns_are_joined_are_found_again(pieces: list[str]) -> None:
    word = "".join(pieces).capitalize()
    alone = Compounds(1, pieces)
    if len(word) >= 8:
        stems = {stem for one in pieces for stem in alone._stems([one])}
        assert stems & set(alone.parts(word))


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="AHSaefhiknrst ßÄäüöé-\u0308", max_size=3 * LONGEST_WORD))
def test_any_text_can_be_read(text: str) -> None:
    assert COMPOUNDS.parts(text) == sorted(set(COMPOUNDS.parts(text)))
    assert all(noun == noun.casefold() for noun in nouns([text, text]))
