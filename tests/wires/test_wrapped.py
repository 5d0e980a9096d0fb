"""Lines that a width broke are put together again, whichever way they are looked at."""

from __future__ import annotations

import textwrap

from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.wires.reading import wrapped

WORD = st.text(alphabet="abÜß-.,„ß(", min_size=1, max_size=14)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORD, min_size=12, max_size=60), st.integers(40, 90))
def test_copy_broken_by_its_width_is_whole_again(words: list[str], size: int) -> None:
    whole = " ".join(word.strip("-") or "x" for word in words)
    lines = textwrap.wrap(whole, size, break_on_hyphens=False)
    limit = wrapped.width([lines])

    assert wrapped.joined(lines, limit or size) == whole


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(WORD, min_size=1, max_size=14).map(" ".join), min_size=2, max_size=8),
    st.integers(40, 110),
    st.lists(st.sampled_from(["", "", " ", "  ", "\xa0"]), min_size=8, max_size=8),
    st.booleans(),
)
def test_the_quick_way_and_the_careful_one_agree(
    lines: list[str], limit: int, indents: list[str], is_full: bool
) -> None:
    lines = [f"{indent}{line}" for indent, line in zip(indents, lines, strict=False)]
    limit = max(map(len, lines)) if is_full else limit

    assert wrapped.joined(lines, limit) == wrapped._unbroken(lines, limit)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["", " ", "a b", "  c", "\td", "e  ", "f   g", "\xa0h"]), max_size=14))
def test_paragraphs_keep_every_line(lines: list[str]) -> None:
    found = [line.strip() for part in wrapped.paragraphs("\n".join(lines)) for line in part]

    assert found == [line.strip() for line in lines if line.strip()]


def test_a_word_without_end_behind_a_full_line_is_kept_whole() -> None:
    word = "1" * 1_000_000
    assert wrapped.to_html([["Kai " * 17 + "Kai", word]]) == f"<p>{'Kai ' * 17}Kai {word}</p>"
