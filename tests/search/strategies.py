"""Queries and stories made of few words, so that they meet; with all that the analysers treat in a way of its own."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from depesche.model.identifiers import isin_with_check_digit
from depesche.model.instrument import Instrument, Listing, Mention, Name
from depesche.model.story import StoryPage
from depesche.ops.bench.inputs import wishes
from depesche.search.analysis.compounds import Compounds

WORDS = (
    "Hafen", "Häfen", "Haefen", "hafens", "Kurs", "Kurse", "Zins", "zinsen", "schwarze", "Schwarzen", "Null", "rote", "Zahlen",
    "der", "die", "in", "the", "of", "company", "Companies", "merging", "merged", "neue", "Quelle", "Straße", "strasse",
    "Köslin", "koeslin", "E.LUT", "7&7", "Hafen-Aktie", "aktie", "x1", "2026", "Åse", "øre", "ŧ", "Moorwerk", "MOO", "MRW001",
    "w" * 63, "w" * 64, "ü" * 40, "dpa-Watt", "Streik", "Hafenstreik", "Hafenstreiks", "Zahlenwerk", "Hafenzahlenstreik",
)  # fmt: skip
PROVIDERS = ("dpa-Watt", "Küstenfunk", "Watt")
TOPICS = (
    ("20000170", "Kurs und Ziel", "price target"),
    ("04000000", "Wirtschaft", "economy"),
    ("16000000", "", ""),
)
COMPOUNDS = Compounds(1, ["hafen", "häfen", "streik", "zahlen", "werk", "quelle"])
LANGUAGES = ("de", "de-AT", "en", "fr")
MOORWERK = Instrument(
    isin_with_check_digit("ZZ000MOOR01"),
    "Moorwerk AG",
    wkn="MRW001",
    listings=(Listing("XETR", "MOO"),),
    names=(Name("Moorwerk", "strong", "test"), Name("Moorwerk AG", "strong", "test")),
)
DEICH = Instrument(isin_with_check_digit("ZZ000DEICH1"), "Deich SE")
SHARES = {share.isin: share for share in (MOORWERK, DEICH)}

_words = st.sampled_from(WORDS)
_FILTERS = (
    "von:dpa", 'von:"dpa watt"', "provider:kuestenfunk", "provider:watt", "sprache:de", "lang:english", "sprache:fr",
    f"isin:{MOORWERK.isin}", f"isin:{DEICH.isin.lower()}", "wkn:mrw001", "wkn:AAA111", "seit:2025-01-01",
    "thema:20000170", "topic:target", 'thema:"kurs und ziel"', "thema:wirtschaft", 'topic:"16000000 Krieg"', "thema:economy",
)  # fmt: skip


@st.composite
def pages(draw: st.DrawFn, number: int = 1) -> StoryPage:
    """A story of a few words, about none, one or two shares."""
    text = [" ".join(draw(st.lists(_words, max_size=size))) for size in (4, 12)]
    isins = draw(st.sets(st.sampled_from(sorted(SHARES)), max_size=2))
    mentions = tuple(Mention(isin, SHARES[isin].name, 1.0, 1.0, True, ()) for isin in sorted(isins))
    provider, language = draw(st.sampled_from(PROVIDERS)), draw(st.sampled_from(LANGUAGES))
    made = wishes.page(number, provider, language, text[0], text[1], mentions)
    topics = draw(st.lists(st.sampled_from(TOPICS), max_size=2, unique=True))
    return replace(made, topics=tuple(topics[:1]), more_topics=tuple(topics[1:]))


def _terms() -> st.SearchStrategy[str]:
    phrase = st.lists(_words, min_size=1, max_size=4).map(lambda words: f'"{" ".join(words)}"')
    return st.one_of(_words, _words, phrase, st.just(MOORWERK.isin))


def queries() -> st.SearchStrategy[str]:
    """A query of words, phrases, alternatives, negatives and filters."""
    either = st.lists(_terms(), min_size=2, max_size=3).map(" OR ".join)
    negative = _terms().map("-{}".format)
    clause = st.one_of(_terms(), _terms(), either, negative, st.sampled_from(_FILTERS))
    return st.lists(clause, min_size=1, max_size=4).map(" ".join)
