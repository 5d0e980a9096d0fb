"""Lines, dead characters and slugs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.lib import text


@pytest.mark.parametrize(
    ("title", "language", "slug"),
    [
        ("Übergröße: «Nordwind» fährt übers Öl-Meer", "de", "uebergroesse-nordwind-faehrt-uebers-oel-meer"),
        ("Mühlbach & Söhne: 5% mehr", "de", "muehlbach-und-soehne-5-prozent-mehr"),
        ("Peat & Tides up 5%", "en", "peat-and-tides-up-5-percent"),
        ("Militär på väg över ön", "sv", "militar-pa-vag-over-on"),
        ("Łódź, Ærø and d'Arc", "en", "lodz-aero-and-darc"),
        ("評選為最酷供應商", "zh", ""),
        ("", None, ""),
    ],
)
def test_a_slug_is_words_of_ascii(title: str, language: str | None, slug: str) -> None:
    assert text.slugify(title, language=language) == slug


def test_a_slug_is_cut_between_words() -> None:
    assert text.slugify("eins zwei drei vier", length=13) == "eins-zwei"
    assert text.slugify("donaudampfschiff", length=5) == "donau"


@settings(max_examples=150)
@given(st.text(), st.sampled_from(["de", "en", "fr", None]))
def test_a_slug_is_always_fit_for_an_address(title: str, language: str | None) -> None:
    assert re.fullmatch(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*)?", text.slugify(title, language=language))
    assert len(text.slugify(title, language=language)) <= text.SLUG_LENGTH


def test_dead_characters_vanish_and_line_ends_stay() -> None:
    assert text.strip_dead("a\x00b\x1b\u202e\u2066c\ufeff\ud800\n\td\u00ad\u200be") == "abc\n\tde"


def test_a_line_has_single_spaces() -> None:
    assert text.line("  a \u00a0\n\t b\u2009c\x07 ") == "a b c"
    assert text.line("schon gut") == "schon gut"


@settings(max_examples=150)
@given(st.text())
def test_a_line_is_one_line_and_stays_as_it_is(words: str) -> None:
    once = text.line(words)
    assert text.line(once) == once
    assert "\n" not in once
    assert "  " not in once
    once.encode()
