"""Both matchers find whole words, the longest from the left, and agree on everything."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.instruments.lexicon.matcher import FastMatcher, ReferenceMatcher

NAMES = ["quell", "quell brau", "brau", "e.on", "s&p", "x", "quells", "brau ag"]
MATCHERS = pytest.mark.parametrize("make", [FastMatcher, ReferenceMatcher])


def texts(make, text):
    return [text[hit.start : hit.end] for hit in make(NAMES).find(text)]


@MATCHERS
def test_the_longest_name_wins(make):
    assert texts(make, "die quell brau ag braut") == ["quell brau"]


@MATCHERS
def test_names_inside_words_are_not_found(make):
    assert texts(make, "quelle und ursprungsquell und quell") == ["quell"]


@MATCHERS
def test_a_genitive_may_follow(make):
    assert texts(make, "e.ons gewinn, braus bier, quell's preis") == ["e.on", "brau", "quell"]


@MATCHERS
def test_addresses_and_joined_names_are_not_found(make):
    assert texts(make, "www.quell.de presse@quell quell&brau") == []


@settings(max_examples=300)
@given(
    st.lists(
        st.text(alphabet="abs .&", min_size=1, max_size=5).filter(
            lambda n: n[0].isalnum() and n[-1].isalnum()
        ),
        min_size=1,
        max_size=12,
        unique=True,
    ),
    st.text(alphabet="abs .&'-", max_size=60),
)
def test_both_matchers_agree(names, text):
    assert FastMatcher(names).find(text) == ReferenceMatcher(names).find(text)
