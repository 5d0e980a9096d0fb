"""A story's first paragraphs, and lines that a plain letter can bear."""

from __future__ import annotations

from textwrap import TextWrapper

from depesche.model.rights import cut

_EXCERPT = 900  # characters: enough to know what happened, short enough for a phone
_WRAP = TextWrapper(72, break_long_words=False, break_on_hyphens=False)


def excerpt(text: str, length: int = _EXCERPT) -> list[str]:
    """Return the first paragraphs of *text*, at most *length* characters; a first one that is longer is cut at a word."""
    kept: list[str] = []
    left = length
    for paragraph in (" ".join(one.split()) for one in text.splitlines()):
        if not paragraph:
            continue
        if len(paragraph) > left:
            return kept or [cut(paragraph, length)]
        kept.append(paragraph)
        left -= len(paragraph)
    return kept


def wrap(text: str) -> str:
    """Break *text* into lines of at most 72 characters between words; addresses stay whole."""
    return "\n".join(_WRAP.fill(line) for line in text.splitlines())
