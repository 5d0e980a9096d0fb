"""What may be kept for stories to come, why not, and how two spellings become one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.model.errors import Refused
from depesche.search.percolator.saved import LONGEST_SAVED, CannotSave, SavedReader, normal_form

from .strategies import queries

READER = SavedReader()


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "empty"),
        ("  – !  ", "empty"),
        ("seit:2026", "empty"),
        ("x" * (LONGEST_SAVED + 1), "too_long"),
        (" ".join(f"wort{place}" for place in range(17)), "too_long"),
        ('"eins zwei drei vier fünf sechs sieben acht neun"', "too_long"),
        ("hafen bis:2030", "until"),
        ("-hafen", "only_negative"),
        ('-hafen -"rote zahlen" sprache:de', "only_negative"),
        ("sprache:en", "too_common"),
        ("der", "too_common"),
        ("und die sprache:de", "too_common"),
        ("der OR hafen", "too_common"),
        ('"von der"', "too_common"),
        ('von:"&"', "no_provider"),
        ('thema:"&"', "no_topic"),
    ],
)
def test_what_is_refused(query: str, reason: str) -> None:
    with pytest.raises(CannotSave) as caught:
        READER.read(query)
    assert caught.value.reason == reason
    assert isinstance(caught.value, Refused)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "query",
    ["hafen", "hafen der", "-streik von:dpa", "wkn:mrw001", 'isin:zz1 -"in der"', '"der hafen"', "e.on"],
)
def test_what_is_kept(query: str) -> None:
    assert READER.read(query).wanted


@pytest.mark.parametrize(
    ("spellings", "normal"),
    [
        (["Hafen Gewinn", "gewinn  hafen", "HAFEN der gewinn", 'gewinn "Hafen" gewinn', "hafen gewinn seit:2026"], "gewinn hafen"),
        (["München", "Muenchen", "MÜNCHEN"], "muenchen"),
        (['thema:"20000170 Schleusenbau"', "topic:20000170", 'THEMA:"20000170"'], 'thema:"20000170"'),
        (['hafen thema:"Bau & Handel"', 'topic:"bau handel" Hafen seit:gestern'], 'hafen thema:"bau handel"'),
        (["werft OR Hafen", "hafen | werft ODER werft"], "hafen OR werft"),
        (['"Schwarze  Null"', "„schwarze Null“"], '"schwarze null"'),
        (['-"rote Zahlen" Hafen -STREIK', 'hafen -streik -"Rote zahlen"'], 'hafen -"rote zahlen" -streik'),
        (["isin:zz01 Isin:ZZ01", "isin:ZZ01"], "isin:ZZ01"),
        (["von:DPA-Watt sprache:german", 'lang:de provider:"dpa watt"'], 'von:"dpa watt" sprache:de'),
        (['hafen "der"'], '"der" hafen'),
        (['"isin:zz01"'], '"isin:zz01"'),
        (['"hafen -werft"'], '"hafen -werft"'),
    ],
)  # fmt: skip
def test_spellings_of_one_search(spellings: list[str], normal: str) -> None:
    assert {normal_form(one) for one in spellings} == {normal}


def test_words_that_only_look_alike_stay_apart() -> None:
    alike = [
        "kurs",
        "kurse",
        "e.on",
        '"e on"',
        "quelle",
        "qülle",
        "hafen OR werft",
        "hafen werft",
        '"hafen werft"',
    ]
    assert len({normal_form(one) for one in alike}) == len(alike)


def refusal(read: Callable[[str], object], query: str) -> str | None:
    try:
        read(query)
    except CannotSave as error:
        return error.reason
    return None


@settings(max_examples=300, deadline=None)
@given(queries() | st.text(max_size=40))
def test_the_normal_form_is_the_same_search(query: str) -> None:
    reason = refusal(READER.read, query)
    assert refusal(normal_form, query) == reason
    if reason is not None:
        return
    saved = READER.read(query)
    normal = normal_form(query)
    again = READER.read(normal)
    assert {frozenset(group) for group in again.wanted} == {frozenset(group) for group in saved.wanted}
    assert set(again.unwanted) == set(saved.unwanted)
    assert normal_form(normal) == normal
