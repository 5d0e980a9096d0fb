"""Names: what is cut from them, which agree, and how far each is trusted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import issuer

from depesche.instruments.lexicon import names
from depesche.model.instrument import AMBIGUOUS, BLOCKED, STRONG, Instrument, Name


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("NORDLICHT WERFT AG NA O.N.", "Nordlicht Werft AG"),
        ("Quellbräu SE VZO O.N.", "Quellbräu SE"),
        ("Apple Orchard Inc. Class A Common Stock", "Apple Orchard Inc."),
        ("Zylinth (brand)", "Zylinth"),
        ("ZYX AG", "ZYX AG"),
    ],
)
def test_descriptions_of_the_security_are_not_the_name(raw, plain):
    assert names.plain(raw) == plain


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("Nordlicht Werft AG", "Nordlicht Werft"),
        ("Quell SE & Co. KGaA", "Quell"),
        ("Tann & Co SE", "Tann & Co"),
        ("Orchard Co., Ltd.", "Orchard"),
        ("Selma Berg", "Selma Berg"),
        ("AG", "AG"),
        ("Stahl und Agrar", "Stahl und Agrar"),
    ],
)
def test_only_the_legal_form_is_cut(name, core):
    assert names.core(name) == core


@given(st.text(max_size=40))
def test_the_core_is_the_beginning_of_the_name(text):
    assert text.startswith(names.core(text))


@pytest.mark.parametrize(
    ("left", "right", "agrees"),
    [
        ("Nordlicht Werft AG", "NORDLICHT WERFT NA O.N.", True),
        ("Bayrische Mörtel Werke AG", "BMW", True),
        ("FRESEN.MED.CARE KGAA", "Fresenius Medical Care", True),
        ("Continental AG", "Concentra Group Holdings Parent, Inc.", False),
        ("Deutsche Zinn AG", "Deutsche Blei AG", False),
        ("First Capital Group", "Group Capital Holdings", True),
    ],
)
def test_names_agree_by_what_tells_them_apart(left, right, agrees):
    assert names.agree(left, right) is agrees
    assert names.agree(right, left) is agrees


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("Linde plc", STRONG),
        ("Linde", AMBIGUOUS),
        ("Nordlicht Werft", STRONG),
        ("General Industrial", AMBIGUOUS),
        ("DAX", BLOCKED),
        ("Dow Jones", BLOCKED),
        ("Reuters", BLOCKED),
        ("China", BLOCKED),
        ("ZYX", AMBIGUOUS),
    ],
)
def test_a_name_is_trusted_by_its_shape(text, tier):
    assert names.tier_of(text, trusted=True) == tier


def test_one_word_from_a_long_list_needs_a_cue_unless_it_is_oddly_written():
    assert names.tier_of("Zylinth") == AMBIGUOUS
    assert names.tier_of("Zylinth", trusted=True) == STRONG
    assert names.tier_of("ZyLinth24") == STRONG


def test_a_name_of_two_issuers_is_ambiguous_for_both():
    north, south = names.tiered([issuer("KRONA", "Kronsaat AG"), issuer("KRONB", "Kronsaat Inc.")])
    tiers = {name.text: name.tier for name in (*north.names, *south.names)}
    assert tiers == {"Kronsaat AG": STRONG, "Kronsaat Inc.": STRONG, "Kronsaat": AMBIGUOUS}


def test_what_a_person_has_judged_stays():
    judged = Instrument("ZZ", "Quellbräu SE", names=(Name("Quell", STRONG, "facts"),), source="facts")
    other = issuer("QUELLB", "Quell Inc.")
    assert names.tiered([judged, other])[0].names == judged.names


def test_receipts_and_shares_of_one_issuer_meet():
    assert names.issuer_of("LANXAR Aktiengesellschaft") == names.issuer_of("Lanxar AG NA O.N.")
    assert names.issuer_of("Merkant KGaA") != names.issuer_of("Merkant Inc.")
