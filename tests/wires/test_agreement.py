"""The same story through every format is the same story: what is parsed agrees, as far as a format can carry it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from depesche.model.take import Take
from depesche.stories.copyediting import copydesk
from depesche.wires import format as wire_format
from depesche.wires import parse

ROOT = Path(__file__).parents[2]
OWN = ROOT / "tests" / "samples"
REAL = ROOT.parent / "shared" / "samples"
FORMATS = wire_format.load()

# What must agree; subjects are compared by their words alone, as vocabularies differ.
FIELDS = (
    *("headline", "body_text", "dateline", "version_created", "urgency", "signals", "identifiers"),
    *("byline", "teaser", "sign_off", "guid", "version", "language", "genre", "copyright", "usage_terms"),
    *("status", "embargoed", "credit"),
)

# What a format has no place for, and why.
CANNOT_CARRY: dict[str, dict[str, str]] = {
    "digitalwires": {},
    "newsml_g2": {},
    "ninjs": {"sign_off": "closing lines have no field, and are not in the body"},
    "nitf": {
        "sign_off": "closing lines have no field",
        "signals": "there is no signal",
        "usage_terms": "terms are not told",
        "copyright": "holder and year, not a line of words",
        "credit": "the distributor is optional",
        "version": "a number of its own where the item is made again",
    },
    "newsml_1": {
        "sign_off": "closing lines have no field",
        "usage_terms": "terms are optional and rarely told",
    },
    "iptc7901": {
        "guid": "there is no identity but sender, day and number",
        "version": "there are no versions",
        "language": "the wire is known, its language is not told",
        "copyright": "rights are not told",
        "usage_terms": "rights are not told",
        "identifiers": "codes stand in the text only",
        "genre": "the plain report is not named",
        "version_created": "minutes, not seconds",
    },
}


def read(path: Path) -> dict[str, Any]:
    """Return the one take in the file at *path* as `depesche parse` prints it."""
    (one,) = parse.takes(path.read_bytes(), FORMATS)
    assert isinstance(one, Take), one
    return parse.as_json(copydesk.edit(one))


def agree(one: dict[str, Any], other: dict[str, Any], *, but: frozenset[str] = frozenset()) -> list[str]:
    """Return in which fields two takes of one story differ that both formats can carry."""
    lost = {**CANNOT_CARRY[one["format"]], **CANNOT_CARRY[other["format"]]}
    faults = []
    for name in FIELDS:
        if name == "version_created" and name in lost:
            if one[name][:16] != other[name][:16]:
                faults.append(name)
        elif name not in lost and name not in but and one[name] != other[name]:
            faults.append(f"{name}: {one[name]!r} is not {other[name]!r}")
    return faults


def words(take: dict[str, Any]) -> set[str]:
    return {subject["name"] or subject["code"] for subject in take["subjects"]}


OWN_STORY = {
    "digitalwires": OWN / "digitalwires" / "ferries.json",
    "newsml_g2": OWN / "newsml_g2" / "ferries.xml",
    "ninjs": OWN / "ninjs" / "ferries.json",
    "nitf": OWN / "nitf" / "ferries.xml",
    "newsml_1": OWN / "newsml_1" / "ferries.xml",
    "iptc7901": OWN / "iptc7901" / "ferries.iptc",
}


@pytest.mark.parametrize("name", list(OWN_STORY))
def test_one_story_in_six_formats_is_one_story(name: str) -> None:
    reference, take = read(OWN_STORY["digitalwires"]), read(OWN_STORY[name])
    assert take["format"] == name
    assert agree(reference, take) == []
    assert "Fähre" in words(take)


def test_every_format_that_agrees_says_what_it_cannot_carry() -> None:
    assert set(CANNOT_CARRY) == set(OWN_STORY)
    assert all(set(lost) <= set(FIELDS) for lost in CANNOT_CARRY.values())


def test_what_a_format_cannot_carry_it_does_not_invent() -> None:
    take = read(OWN_STORY["iptc7901"])
    for name in ("version", "language", "copyright", "usage_terms", "first_created"):
        assert take[name] is None
    assert take["identifiers"] == []
    assert read(OWN_STORY["nitf"])["signals"] == []


def test_a_teletype_message_is_the_same_in_whatever_encoding() -> None:
    latin, dos = read(OWN_STORY["iptc7901"]), read(OWN / "iptc7901" / "ferries-dos.iptc")
    assert latin == dos


if REAL.is_dir():  # not everyone has agencies' own items
    STORIES = {
        "dpa-dw-1": ("digitalwires/dpa-dw-1.json", "newsml_g2/dpa-dw-1.xml", "iptc7901/dpa-dw-1.iptc"),
        "dpa-eil": ("digitalwires/dpa-eil.json", "newsml_g2/dpa-eil.xml", "iptc7901/dpa-eil.iptc"),
        "dpa-with_dateline": ("digitalwires/dpa-with_dateline.json", "newsml_g2/dpa-with_dateline.xml"),
        "dpa-infoline": ("nitf/dpa-infoline.json", "nitf/dpa-infoline.xml"),
        "dpa_text": ("ninjs/2.1-dpa_text.json", "ninjs/3.0-dpa_text.json"),
    }

    @pytest.mark.parametrize("name", list(STORIES))
    def test_an_agencys_story_is_one_in_all_its_formats(name: str) -> None:
        reference, *others = (read(REAL / path) for path in STORIES[name])
        for take in others:
            # This document tells neither language nor genre, and its time is that of its making, a second earlier.
            but = (
                frozenset({"version_created", "language", "genre"})
                if take["format"] == "nitf"
                else frozenset[str]()
            )
            assert agree(reference, take, but=but) == []
            if but:
                assert take["version_created"][:16] == reference["version_created"][:16]

    def test_addresses_for_readers_agree() -> None:
        found = [
            [link["href"] for link in read(REAL / path)["links"] if link["href"]]
            for path in STORIES["dpa-dw-1"]
        ]
        assert found[0]
        assert found[0] == found[1] == found[2]

    def test_a_release_through_two_formats_has_the_same_headline() -> None:
        older = read(REAL / "newsml_1" / "businesswire-20130605006126.xml")
        newer = json.loads((REAL / "ninjs" / "1.4-businesswire-newsml-20130605006126.json").read_text())
        assert older["headline"] == newer["headline"]
        assert older["language"] == newer["language"]
        assert newer["versioncreated"] == older["version_created"]
        assert older["version"] == newer["version"]
