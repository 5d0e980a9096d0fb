"""Whichever of many words stands in a text is found, whatever else does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.lib.cues import Cues

WORDS = ("kill", "lilac", "acht", "ill", "Sperrfrist", "  ", "zurück", "° °")
CUES = Cues(*WORDS)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([*WORDS, " ", "ki", "lac", "ä", "„", "\ud83d", "x" * 80]), max_size=30).map(
        "".join
    )
)
def test_every_word_that_stands_in_a_text_is_found(text: str) -> None:
    assert CUES.within(text) == {word for word in WORDS if word in text}


@pytest.mark.parametrize("text", ["", "kil", "zuruck", "SPERRFRIST", "\ud800"])
def test_no_word_is_found_that_does_not(text: str) -> None:
    assert CUES.within(text) == frozenset()


def test_a_word_behind_one_that_hides_it_is_found() -> None:
    assert CUES.within("killilacht") == {"kill", "ill", "lilac", "acht"}
