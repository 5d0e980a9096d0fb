"""What several formats fill alike."""

from __future__ import annotations

import pytest

from depesche.wires.reading import fields


@pytest.mark.parametrize(
    ("caption", "credit", "expected"),
    [
        ("Ein Kutter. Foto: Ada Lund/Bote", "Ada Lund", ("Ein Kutter.", "Ada Lund/Bote")),
        ("Ein Kutter. Photo: Ada Lund", None, ("Ein Kutter.", "Ada Lund")),
        ("Ein Kutter. Foto: Ada Lund", "Kai Voss", ("Ein Kutter. Foto: Ada Lund", "Kai Voss")),
        ("Dieses Foto: gestellt", "", ("Dieses Foto: gestellt", None)),
        ("Foto: Ada Lund", None, ("Foto: Ada Lund", None)),
        ("Ein Kutter", None, ("Ein Kutter", None)),
    ],
)
def test_a_caption_that_names_the_photographer_gives_the_credit(
    caption: str, credit: str | None, expected: tuple[str, str | None]
) -> None:
    found = fields.picture("https://bote.example/a.jpg", caption, credit)
    assert found is not None
    assert (found.caption, found.credit) == expected
