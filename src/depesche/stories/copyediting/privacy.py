"""Finds what a provider sends for editors only and takes it out of everything that may be shown.

Agencies put reporters' telephone numbers and addresses behind the copy, under a heading or a
sentence that says so. From there to the end everything is private: cutting too much costs
a reader some words, cutting too little costs the licence.
"""

from __future__ import annotations

import re

from depesche.lib import text
from depesche.lib.markup import html
from depesche.stories.copyediting import cues
from depesche.stories.copyediting.draft import Draft

# Narrow on purpose: issuers open releases with "not for publication in the United States", which is copy.
_SENTENCE = re.compile(
    r"\b(?:(?:nach)?folgende|nachstehende|weitere)\w*\s(?:\w+\s){0,3}(?:ist|sind)\s(?:\w+\s){0,2}"
    r"nicht\s(?:zur|für\sdie)\s(?:Veröffentlichung|Publikation)"
    r"|\bfollowing\s(?:\w+\s){0,3}(?:is|are)\snot\s(?:\w+\s){0,2}for\spublication",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"[#*\s]*(?:(?:dpa[- ])?(?:AFX[- ])?Notizblock|dpa[- ]Notepad|Notepad|nicht zur Veröffentlichung(?: bestimmt)?|"
    r"not (?:intended )?for publication)[:.*#\s]*",
    re.IGNORECASE,
)
# One of these stands in whatever the patterns above can find.
_WORDS = cues.PRIVATE | cues.NOTEPAD
_MARKS = re.compile("ffentlichung|ubli[kc]ation|otizblock|otepad|FFENTLICHUNG|UBLI[KC]ATION|OTIZBLOCK|OTEPAD")
_HEADING_LENGTH = 110  # characters; a heading is shorter, its tags included
_SENTENCE_ENDS = re.compile("veröffentlichung|publi[ck]ation", re.IGNORECASE)
_SENTENCE_BREAK = re.compile(r"[.!?\n]")
_BEFORE = 40
_WINDOW = 300  # characters; such a sentence is shorter
_CUES = ("veröffentlichung", "publikation", "publication", "notizblock", "notepad")
_PRIVATE_HINTS = frozenset({"np-nonpublic", "nonpublic", "notepad", "notizblock", "np-public"})


def withdraw(draft: Draft) -> None:
    """Move the private parts of body and teaser to notes."""
    if draft.has_hints:
        _by_hint(draft)
    if not draft.mentions(_WORDS):
        return
    if draft.mentions(cues.PRIVATE) or _may_head(draft):
        _by_words(draft)
    teaser = draft.teaser or ""
    if (start := _sentence_start(teaser)) is not None:
        draft.note("notepad", teaser[start:])
        draft.teaser = teaser[:start].strip() or None


def _may_head(draft: Draft) -> bool:
    """Tell whether a block is short or has lines, so that a heading can be in it, and names one."""
    for block in draft.blocks:
        inner = block.inner
        if (len(inner) < _HEADING_LENGTH or "\n" in inner or "<" in inner) and _MARKS.search(inner):
            return True
    return False


def _by_hint(draft: Draft) -> None:
    private = [block for block in draft.blocks if block.hints & _PRIVATE_HINTS]
    if private:
        draft.note("notepad", html.to_text(private))
        draft.blocks = [block for block in draft.blocks if not block.hints & _PRIVATE_HINTS]


def _by_words(draft: Draft) -> None:
    for place, block in enumerate(draft.blocks):
        if not _MARKS.search(block.inner) and "<" not in block.inner:
            continue
        flat = html.flat_text(block.inner)
        is_heading = len(flat) < 80 and _HEADING.fullmatch(text.line(flat))
        found = None if is_heading else _private_start(flat)
        if not is_heading and found is None:
            continue
        rest = draft.blocks[place + 1 :]
        del draft.blocks[place + 1 :]
        whole = is_heading or block.tag not in {"p", "h2", "h3", "h4", "pre"}
        words = [draft.cut_end(place, 0 if whole or found is None else found)]
        draft.note("notepad", "\n\n".join(filter(None, [*words, html.to_text(rest)])))
        return


def _private_start(flat: str) -> int | None:
    """Return where the private part of *flat* begins: at a heading's line or at the sentence that says so."""
    lowered = flat.casefold()
    if not any(word in lowered for word in _CUES):
        return None
    at = 0
    for one in flat.split("\n"):
        if _HEADING.fullmatch(one):
            return at
        at += len(one) + 1
    return _sentence_start(flat)


def _sentence_start(flat: str) -> int | None:
    """Return where the sentence begins that says that what follows is private; at most 40 characters before its words."""
    # Behind nothing else than one of these words such a sentence ends: it is looked for once, from before the first of them.
    cue = _SENTENCE_ENDS.search(flat)
    if cue and (found := _SENTENCE.search(flat, max(cue.start() - _WINDOW, 0))):
        before = flat[max(found.start() - _BEFORE, 0) : found.start()]
        lead = _SENTENCE_BREAK.split(before)[-1].lstrip()
        return found.start() - len(lead)
    return None
