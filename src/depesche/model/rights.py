"""The one place that decides how much of a story readers may see."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from depesche.model.story import Card, Version
from depesche.model.wire import FULL, HEADLINE, Rights


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown of a version: `body_html` and `body_text` are cut to the wire's display right.

    `is_whole` tells whether the text is complete; if not, `canonical_url` leads to the provider's.
    """

    body_html: str
    body_text: str
    teaser: str | None
    is_whole: bool
    notice: str | None
    canonical_url: str | None


def shown(version: Version, rights: Rights) -> Shown:
    """Return what readers of pages, search and letters may see of *version* under *rights*."""
    whole = rights.display == FULL
    if whole:
        html, text, teaser = version.body_html, version.body_text, version.teaser
    elif rights.display == HEADLINE:
        html, text, teaser = "", "", None
    else:
        text = cut(version.teaser or version.body_text, rights.teaser_length)
        html, teaser = f"<p>{escape(text, quote=False)}</p>" if text else "", text
    return Shown(html, text, teaser, whole, rights.notice, version.canonical_url)


def shown_teaser(card: Card, rights: Rights, length: int = 220) -> str | None:
    """Return the teaser that may stand beside a headline in a list or feed."""
    if rights.display == HEADLINE or not card.teaser:
        return None
    return cut(card.teaser, length if rights.display == FULL else min(length, rights.teaser_length))


def cut(text: str, length: int) -> str:
    """Shorten *text* to at most *length* characters at the end of a word, with an ellipsis where something is missing."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    head = text[: max(length - 1, 0)]
    if text[len(head)] != " " and " " in head:
        head = head.rsplit(" ", 1)[0]
    return f"{head.rstrip(' ,;:-–')}…"
