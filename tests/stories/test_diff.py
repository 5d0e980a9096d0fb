"""What changed, word by word; nothing is lost on either side."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.stories.diff import ADDED, REMOVED, SAME, compare, compare_words


def sides(paragraphs: list) -> tuple[list[str], list[str]]:
    """Return the words of the old and the new text that a comparison shows."""
    old, new = "", ""
    for paragraph in paragraphs:
        for piece in paragraph.pieces:
            old += piece.text if piece.kind != ADDED else " "
            new += piece.text if piece.kind != REMOVED else " "
        old, new = old + " ", new + " "
    return old.split(), new.split()


def marked(old: str, new: str) -> str:
    signs = {SAME: "{}", ADDED: "[+{}]", REMOVED: "[-{}]"}
    return "|".join("".join(signs[p.kind].format(p.text) for p in one.pieces) for one in compare(old, new))


def test_a_word_is_replaced_in_its_place() -> None:
    assert marked("It grew by 12 percent.", "It grew by 21 percent.") == "It grew by [-12][+21] percent."


def test_paragraphs_come_and_go_whole() -> None:
    assert (
        marked("One.\n\nTwo.", "One.\n\nA wholly new thought.\n\nTwo.")
        == "One.|[+A wholly new thought.]|Two."
    )
    assert marked("One.\n\nTwo.", "Two.") == "[-One.]|Two."


def test_a_phrase_is_not_splintered() -> None:
    assert (
        marked("He sold his old house in town.", "He sold a red boat in town.")
        == "He sold [-his old house][+a red boat] in town."
    )


def test_headlines() -> None:
    assert not compare_words("Same", "Same").is_changed
    assert compare_words("Same", "Other").is_changed
    assert compare("", "") == []


words = st.text(alphabet="ab cd.,12\n", max_size=60)


@settings(max_examples=120, deadline=None)
@given(words, words)
def test_both_texts_can_be_read_off_a_comparison(old: str, new: str) -> None:
    before, after = sides(compare(old, new))
    assert "".join(before) == "".join(old.split())
    assert "".join(after) == "".join(new.split())
