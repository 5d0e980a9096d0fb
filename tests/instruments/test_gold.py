"""The gold set has its shape, and the linker holds what was reached on the half it was tuned on."""

from __future__ import annotations

import pytest

from depesche.instruments.lexicon.fold import fold
from depesche.instruments.register import aliases
from depesche.model.identifiers import is_isin
from depesche.ops.bench import gold

SIZES = {"de": 200, "en": 100}
LANGUAGES = pytest.mark.parametrize("language", SIZES)


@LANGUAGES
def test_every_story_has_its_own_number(language):
    stories = gold.read(language)
    assert [one.id for one in stories] == [f"{language}-{n:03d}" for n in range(1, SIZES[language] + 1)]
    assert all(one.headline and one.body_text and one.language == language for one in stories)


@LANGUAGES
def test_labels_are_shares_of_the_register(default, language):
    known = {one.isin for one in default.instruments}
    for one in gold.read(language):
        isins = [label.isin for label in one.labels]
        assert len(isins) == len(set(isins))
        assert all(is_isin(isin) for isin in isins)
        if one.trap == gold.ABSENT:
            assert known.isdisjoint(isins)
        else:
            assert known.issuperset(isins)


@LANGUAGES
def test_a_third_are_traps(language):
    trapped = sum(1 for one in gold.read(language) if one.trap)
    assert trapped >= SIZES[language] * 0.3


@pytest.mark.parametrize(
    ("language", "right", "about", "recall"), [("de", 0.98, 0.97, 0.95), ("en", 0.98, 0.97, 0.93)]
)
def test_links_hold_what_was_reached(real, default, language, right, about, recall):
    figures = gold.score(real, default.instruments, gold.read(language)).figures()
    assert figures["right_issuer"] >= right
    assert figures["aboutness"] >= about
    assert figures["recall"] >= recall


@LANGUAGES
def test_links_hold_on_stories_nobody_read_while_tuning(real, default, language):
    figures = gold.score(real, default.instruments, gold.read(gold.sets(language)[gold.UNSEEN])).figures()
    assert figures["right_issuer"] >= 0.95
    assert figures["aboutness"] >= 0.9


def test_a_wrong_and_a_missing_link_count_against_the_score(real, default):
    told = {"language": "de", "provider": "Beispieldienst", "identifiers": [], "trap": None}
    steel = gold.Label("DE0007030009", about=True)
    found = gold.GoldStory(id="1", headline="Rheinmetall-Aktie steigt", body_text="", labels=[steel], **told)
    wrong = gold.GoldStory(id="2", headline="Siemens-Aktie steigt", body_text="", labels=[steel], **told)
    result = gold.score(real, default.instruments, [found, wrong])
    assert (result.published, result.right, result.about, result.subjects) == (2, 1, 1, 2)
    assert result.figures()["silent"] == 1


def test_every_reviewed_short_name_belongs_to_a_share(default):
    by_isin = {one.isin: one for one in default.instruments}
    for one in aliases():
        known = {fold(name.text) for name in by_isin[one.isin].names}
        assert known.issuperset(fold(name.text) for name in one.names)
