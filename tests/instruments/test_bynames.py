"""What a story calls a company once its name is known."""

from __future__ import annotations

import pytest

from depesche.instruments.surroundings.bynames import ends, may_be


def bynames(text: str) -> list[str]:
    said = may_be(dict.fromkeys(text.replace(",", "").replace(".", "").split()))
    return [text[:end].rpartition(" ")[2] for end in ends(text, said)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nun will der wolfsburger autobauer sparen", ["autobauer"]),
        ("die fluggesellschaft bot mehr", ["fluggesellschaft"]),
        ("die kleine baumarktkette wächst", ["baumarktkette"]),
        ("the dutch medical device maker said so", ["maker"]),
        ("the food group said so", ["group"]),
        ("the women's group met", []),
        ("die hersteller klagen", []),
        ("die halskette war weg", []),
        ("ein autobauer war dort", []),
        ("the town, a carrier and a dog", []),
        ("the man who once met a tall carrier", []),
        ("", []),
    ],
)
def test_bynames_follow_their_article(text, found):
    assert bynames(text) == found
