"""Seven-bit German gets its umlauts back, and nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.model.take import Take
from depesche.wires import format as wire_format
from depesche.wires import parse
from depesche.wires.reading import din66003

SEVEN_BIT = str.maketrans("äöüßÄÖÜ§", "{|}~[\\]@")
GERMAN = (
    "Die Fähren fahren für fünf Jahre über die Förde.",
    "Übermäßige Kälte für alle: ÄRGER IM HAFEN KÖLN, MÜNCHEN HÄLT STAND",
    "Österreichs Börse schließt höher, während Zürich zurückfällt.",
    "Nach § 15 müssen Änderungen veröffentlicht werden, hieß es.",
    "Ein großer Fuß an der Straße nach Düsseldorf",
)


@pytest.mark.parametrize("words", GERMAN)
def test_german_comes_back(words: str) -> None:
    assert din66003.read(words.translate(SEVEN_BIT)) == words


@pytest.mark.parametrize(
    "words",
    [
        "Plain English has no umlauts | but it may have | columns.",
        "A template says {name} and {place} for every reader.",
        "Die Liste: {eins} | {zwei} | {drei} und das war es schon.",
        "See https://bote.example/~ada/ for [sic] the original.",
        "if (a[0]) { return b|c; } else { x = ~y; }",
        "Der Code lautet f}r{x}|y|{z}|{a}|{b}|{c}.",
        "Für Ä und {ä} gilt: f}r ist kein Wort, wo Umlaute stehen.",
        "",
    ],
)
def test_other_text_stays_as_it_is(words: str) -> None:
    assert din66003.read(words) == words


def test_brackets_in_pairs_and_addresses_stay() -> None:
    words = "Die Fähren [Archivfoto] fahren für alle, sagte ada@bote.example über uns."
    assert din66003.read(words.translate(SEVEN_BIT).replace("ada§", "ada@")) == words


@settings(max_examples=80)
@given(st.text(alphabet=st.sampled_from("abfrüöäßGRÄÖÜ {}|~[]\\@.,\n"), max_size=80))
def test_no_character_is_added_or_lost(words: str) -> None:
    assert len(din66003.read(words)) == len(words)
    if not words.isascii():
        assert din66003.read(words) == words


def test_a_teletype_message_in_seven_bits_is_read_with_its_umlauts() -> None:
    copy = (
        "Fähren fahren für fünf Jahre über die Förde =\r\n\r\n"
        "   Kiel (nwd) - Die Fähren müssen größer werden, hieß es in München.\r\n"
        "   Österreich wäre möglich.\r\n"
    )
    raw = f"\x01nwd0312 3 wi 120  nwd 0034\r\n\r\nKai/\r\n\x02{copy}\x03021112 Mai 31\r\n\x04"
    (found,) = parse.takes(raw.translate(SEVEN_BIT).encode("ascii"), wire_format.load())
    assert isinstance(found, Take)
    assert found.headline == "Fähren fahren für fünf Jahre über die Förde"
    assert "Die Fähren müssen größer werden, hieß es in München." in found.body_html
    assert "Österreich wäre möglich." in found.body_html
