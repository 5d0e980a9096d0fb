"""The lines of the link command, held to their published schema."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from invented import zz

from depesche.instruments.linking.linkfile import as_json, read_story
from depesche.model.errors import WireError
from depesche.model.take import Identifier

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/reference/link.schema.json").read_text("utf-8"))


def test_a_story_line_becomes_a_take():
    row = {
        "id": 7,
        "headline": "Fähren",
        "body_text": "Text",
        "language": "de",
        "identifiers": [{"kind": "isin", "value": "ZZ", "mic": None}],
    }
    story, take = read_story(row)
    assert story == "7"
    assert (take.headline, take.body_text, take.language) == ("Fähren", "Text", "de")
    assert take.identifiers == (Identifier("isin", "ZZ"),)


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"id": "1", "headline": 5},
        {"id": "1", "identifiers": "x"},
        {"id": "1", "identifiers": [{"kind": "isin"}]},
    ],
)
def test_a_wrong_line_is_refused(row):
    with pytest.raises(WireError):
        read_story(row)


def test_the_answer_has_the_fields_of_its_schema(invented):
    _, take = read_story(
        {"id": "1", "headline": "Nordlicht Werft baut", "body_text": f"ISIN {zz('NORDWERFT')}"}
    )
    answer = json.loads(json.dumps(as_json("1", invented.link(take))))
    mention_schema = SCHEMA["properties"]["mentions"]["items"]
    evidence_schema = mention_schema["properties"]["evidence"]["items"]
    assert list(answer) == SCHEMA["required"]
    [mention] = answer["mentions"]
    assert list(mention) == mention_schema["required"]
    assert mention["evidence"]
    assert all(list(evidence) == evidence_schema["required"] for evidence in mention["evidence"])
    assert {evidence["kind"] for evidence in mention["evidence"]} <= set(
        evidence_schema["properties"]["kind"]["enum"]
    )
