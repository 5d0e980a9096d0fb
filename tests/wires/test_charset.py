"""The encoding of plain text is found from the text, and umlauts are never garbled."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.wires.reading import charset

TEXTS = (
    "Grüne „Märkte“ fallen – der Küste droht ein Sturm",
    "Die Größe der «Straße» ist hafenfähig, Übung macht ÄRGER",
    "Umsatz 5,3 % – 20 € je Aktie…",
    "Élan à la française, ça marche naïvement",
    "MÄRKTE SCHLIESSEN FÜR HEUTE",
    "„Öl“ und „Ähre“ im Käfig",
    "Straße",
    "Käufer",
    "São Paulo, Malmö, Århus, København",
    "La compañía está en España",
    "§ 15 Abs. 2 über 20° kühl",
)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252", "cp437", "cp850"])
@pytest.mark.parametrize("words", TEXTS)
def test_text_comes_back_from_every_encoding_that_can_hold_it(words: str, encoding: str) -> None:
    try:
        raw = words.encode(encoding)
    except UnicodeEncodeError:
        return
    assert charset.decode(raw) == words


def test_a_broken_byte_in_utf8_garbles_nothing_else() -> None:
    raw = "Küste, Fähre, Möwe, Übersee".encode().replace(b"F", b"\xdcF", 1)
    assert charset.decode(raw) == "Küste, ÜFähre, Möwe, Übersee"


WORDS = st.lists(
    st.sampled_from([word for one in TEXTS[:2] for word in one.split()] + ["und", "der"]),
    min_size=3,
)


@settings(max_examples=60)
@given(WORDS, st.sampled_from(["latin-1", "cp437", "cp850", "utf-8"]))
def test_german_words_survive(words: list[str], encoding: str) -> None:
    told = " ".join(words).replace("„", "«").replace("“", "»").replace("–", "-")
    assert charset.decode(told.encode(encoding)) == told


@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_all_bytes_are_text(raw: bytes) -> None:
    assert len(charset.decode(raw)) <= len(raw)
