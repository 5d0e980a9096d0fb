"""Folding makes spellings equal and keeps the way back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depesche.instruments.lexicon.fold import Folded, fold

LETTERS = st.text(alphabet="aAbßéüÜö -\u00ad\u0308\u00a0'’.&\n", max_size=40)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Quellbräu", "QUELLBRAEU"),
        ("Weißtal", "WEISSTAL"),
        ("Nordlicht-Werft", "Nordlicht  Werft"),
        ("Cafe\u0301 Müller", "Café Mu\u0308ller"),
        ("O’Hara", "O'Hara"),
    ],
)
def test_spellings_of_one_name_are_equal(left, right):
    assert fold(left) == fold(right)


@given(LETTERS)
def test_folding_a_piece_and_a_text_is_the_same(text):
    assert Folded(text).text.strip() == fold(text)


@given(LETTERS, st.sampled_from(["Quellbräu", "Weißtal", "E.ON", "Dürrland AG"]), LETTERS)
def test_spans_lead_back_to_the_original(before, name, after):
    text = f"{before} {name} {after}"
    folded = Folded(text)
    place = folded.text.index(fold(name))
    start, end = folded.span(place, place + len(fold(name)))
    assert fold(text[start:end]) == fold(name)
    assert 0 <= start < end <= len(text)


def test_a_span_names_exactly_the_characters_of_the_name():
    text = "Bei   der Weißtäler\u00a0Süßwaren-Aktie"
    folded = Folded(text)
    place = folded.text.index("suesswaren")
    start, end = folded.span(place, place + len("suesswaren"))
    assert text[start:end] == "Süßwaren"
