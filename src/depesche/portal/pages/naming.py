"""Names of shares in a story's text: the first of each leads to the share, and not a letter changes."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from operator import attrgetter

from markupsafe import escape

from depesche.model.instrument import Evidence

# A tag, whatever stands in its attributes, or what stands between tags.
_PIECE = re.compile(r"""<(/?)([a-z][a-z0-9]*)(?:[^>"']|"[^"]*"|'[^']*')*>|[^<]+""")
_CHARACTER = re.compile(r"&[^;&\s]+;|.", re.DOTALL)
_LEFT_ALONE = frozenset({"a", "h1", "h2", "h3", "h4", "h5", "h6", "table", "pre", "code"})


@dataclass(frozen=True, slots=True)
class Named:
    """A share, with its address and what the linker found of it."""

    href: str
    evidence: Sequence[Evidence]


@dataclass(frozen=True, slots=True)
class _Run:
    """Words between two tags: where they begin in the plain text and in the HTML, and how they are written there."""

    at: int
    start: int
    raw: str


def link_names(html: str, text: str, shares: Sequence[Named]) -> str:
    """Return clean *html* with a link at the first place where each of *shares* is named outside headings, tables and links.

    The linker's places count characters of *text*, the same copy without tags. Both are walked side by side; where they
    are not the same copy, or other words stand at a place, no link is set.
    """
    found = [
        sorted((one for one in share.evidence if one.field == "body_text"), key=attrgetter("start"))
        for share in shares
    ]
    last = max((one.start for evidence in found for one in evidence), default=-1)
    if last < 0:
        return html
    runs = _runs(html, text, last)
    begins = [run.at for run in runs]
    links: list[tuple[int, int, str]] = []
    for share, evidence in zip(shares, found, strict=True):
        places = (
            _place(runs[at], text, one)
            for one in evidence
            if (at := bisect_right(begins, one.start) - 1) >= 0
        )
        place = next((one for one in places if one is not None), None)
        if place is not None and not any(place[0] < end and start < place[1] for start, end, _ in links):
            links.append((*place, share.href))
    for start, end, href in sorted(links, reverse=True):
        html = f'{html[:start]}<a class="named" href="{escape(href)}">{html[start:end]}</a>{html[end:]}'
    return html


def _runs(html: str, text: str, last: int) -> list[_Run]:
    """Return the runs of *html* in which links may stand, as far as character *last* of *text*."""
    runs: list[_Run] = []
    cursor = alone = 0
    for piece in _PIECE.finditer(html):
        if piece[2] is not None:
            if piece[2] in _LEFT_ALONE:
                alone += -1 if piece[1] else 1
            continue
        raw = piece[0].strip()
        words = unescape(raw) if "&" in raw else raw
        if not words:
            continue
        at = text.find(words, cursor)
        if at < 0:
            words = " ".join(words.split())
            at = text.find(words, cursor)
        if at < 0 or any(map(str.isalnum, text[cursor:at])):
            break
        if not alone:
            runs.append(_Run(at, piece.start() + piece[0].index(raw), raw))
        cursor = at + len(words)
        if cursor > last:
            break
    return runs


def _place(run: _Run, text: str, one: Evidence) -> tuple[int, int] | None:
    """Return where in the HTML the words of *one* begin and end, None where they are not all in *run* as they are."""
    start = one.start - run.at
    end = start + len(one.text)
    if run.raw[start:end] != one.text or "&" in run.raw[:end]:
        start, end = _by_letters(run.raw, len("".join(text[run.at : one.start].split())), one.text)
    if unescape(run.raw[start:end]).split() != one.text.split():
        return None
    return run.start + start, run.start + end


def _by_letters(raw: str, before: int, words: str) -> tuple[int, int]:
    """Return where *words* stand in *raw* after *before* characters that are no space; an empty place where *raw* ends sooner."""
    letters = [one.span() for one in _CHARACTER.finditer(raw) if not unescape(one[0]).isspace()]
    last = before + len("".join(words.split())) - 1
    return (letters[before][0], letters[last][1]) if before <= last < len(letters) else (0, 0)
