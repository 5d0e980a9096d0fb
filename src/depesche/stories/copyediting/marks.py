"""Marks that wire copy carries in its text: symbols in angle brackets, sign-offs, closing lines, bylines."""

from __future__ import annotations

import re

from depesche.lib import text
from depesche.lib.markup.html import Block, flat_text
from depesche.model.identifiers import is_isin
from depesche.model.take import Identifier
from depesche.stories.copyediting import cues
from depesche.stories.copyediting.draft import Draft

_ISIN = r"[A-Z]{2}[A-Z0-9]{9}[0-9]"
_RIC = r"[A-Z0-9]{1,10}[a-z]{0,2}(?:_[A-Za-z])?\.[A-Z]{1,3}|\.[A-Z0-9]{2,8}|[A-Z0-9]{2,6}=[A-Z]{0,3}"
_SYMBOL = re.compile(rf"<\s?({_ISIN}|{_RIC})\s?>")
_SYMBOL_START = re.compile(r"<\s?[A-Z0-9.]")
_LOOKED_AT = 200_000  # characters of a paragraph in which symbols are looked for
_ISIN_LINE = re.compile(rf"ISINs?:?\s+({_ISIN}(?:[,;/\s]+(?:ISIN:?\s+)?{_ISIN})*)\.?")

# Behind the last sentence: ./cy/DP/stw; a single set of initials only where a sentence has just ended.
_SIGN_OFF = re.compile(r"(?<=[.!?:;\"'»“”’)\]…°*])\s?((?:/[A-Za-zäöüß]{2,4}){1,4}/?)$")
_SIGN_OFF_ALONE = re.compile(r"(?:/[A-Za-zäöüß]{2,4}){1,4}/?")
_SERVICE_LINE = re.compile(r"[-=_\s]*dpa-AFX Broker\s?-\s?die Trader News[^\n]{0,80}")
_CLOSING = re.compile(
    r"(?:dpa|dpa-AFX|afx|AFX)\s[a-zäöüß]{2,5}(?:/[a-zäöüß]{2,5})*\s(?:yy[a-z]{2}|[a-z]\d)(?:\s\S{1,12}){0,6}"
)
_TAILS = re.compile(
    r"AXC\d{3,5}\s+\d{4}-\d{2}-\d{2}/\d{2}:\d{2}|\(END\)[^\n]{0,120}|-0-[^\n]{0,80}|[\^°]|(?:\*\s?){2,6}|[-=_]{5,}|##\s?END\s?##"
)
# (Reporting by Ada Ferris in Leeds; Editing by Cy Moss), alone or behind the last sentence
_REPORTING = re.compile(
    r"\((?:(?:Additional|Compiled|Further) )?(?:[Rr]eporting|Writing|Editing|Written|Compiled|Text|Bericht|Berichtet|Geschrieben|Redigiert|Bearbeitet|Zusätzliche Berichterstattung)"
    r"\s(?:and [a-z]+ )?(?:by|von)\s[^()]{2,300}(?:\([^()]{0,80}\)[^()]{0,200})?\)\.?"
)
_REPORTING_CUES = ("eporting", "diting", "riting", "ritten", "ompiled", " von ")
# ((ada.ferris@bote.example; +44 20 7946 0958)): for colleagues, never for readers
_CONTACT = re.compile(r"\(\([^()]{3,400}(?:\([^()]{0,80}\)[^()]{0,200})*\)\)\.?")
_KEYWORDS = re.compile(r"Keywords: [^\n]{2,200}|Our Standards: [^\n]{2,120}")
_INITIALS = re.compile(r"[a-zäöü]{2,4}(?:[-/][a-zäöü]{2,4}){1,5}")
_COPYRIGHT = re.compile(r"(?:Copyright|©|\(c\))\s[^\n]{3,300}", re.IGNORECASE)
_LONGEST_TAIL = 400  # characters; no closing line is longer
_LAST = 80  # characters of a paragraph's end in which a sign-off may stand

_NAME = r"(?:[A-ZÄÖÜÀ-Ý][\w.’'À-ÿ-]*|von|van|de|der|den|di|da|la|le|el|al|bin|del|und|and|mit|with|,)"
_BYLINE = re.compile(
    rf"-{{0,3}}\s?(?P<by>(?:Von|By|VON|BY)\s{_NAME}(?:,?\s{_NAME}){{1,12}}(?P<agency>,\s\w[\w./ -]{{0,38}}\w)?)\s?-{{0,3}}"
)


def shelter(source: str) -> str:
    """Escape symbols in angle brackets in *source* HTML, which a cleaner would take for unknown tags."""
    return _SYMBOL.sub(r"&lt;\1&gt;", source) if _SYMBOL_START.search(source) else source


def collect_symbols(draft: Draft) -> None:
    """Keep the symbols that headline and copy carry as identifiers; the words stay as they are."""
    has_lines = draft.mentions(cues.ISIN) and any("ISIN" in block.inner for block in draft.blocks[-3:])
    if not has_lines and not draft.mentions(cues.SYMBOL) and "<" not in draft.headline:
        return
    known = {(one.kind, one.value) for one in draft.identifiers}
    sources = [draft.headline, *(flat_text(block.inner) for block in draft.blocks if "&lt;" in block.inner)]
    codes = [code for words in sources for code in _SYMBOL.findall(words, 0, _LOOKED_AT)]
    for block in draft.blocks[-3:]:
        if line := _ISIN_LINE.fullmatch(text.line(block.text)):
            codes += re.findall(_ISIN, line[1])
    for code in dict.fromkeys(codes):
        one = Identifier(_kind(code), code)
        if (one.kind, one.value) not in known:
            known.add((one.kind, one.value))
            draft.identifiers.append(one)


def take_off_tails(draft: Draft) -> None:
    """Move closing lines, service lines and the sign-off from the end of the copy into their fields."""
    # An issuer's words end where they end.
    place = -1 if draft.is_release else len(draft.blocks) - 1
    while place >= 0:
        block = draft.blocks[place]
        words = ""
        if len(block.inner) < _LONGEST_TAIL:
            words = block.words or text.line(block.text)
        if not words and "closingline" not in block.hints:
            break
        if "closingline" in block.hints or _CLOSING.fullmatch(words) or _SIGN_OFF_ALONE.fullmatch(words):
            draft.sign_off = draft.sign_off or words
            if draft.sign_off != words:
                draft.note("closingline", words)
        elif _REPORTING.fullmatch(words) or (_INITIALS.fullmatch(words) and place):
            draft.note("reporting", words if draft.sign_off else "")
            draft.sign_off = draft.sign_off or words
        elif _CONTACT.fullmatch(words):
            draft.note("contacts", words)
        elif _TAILS.fullmatch(words) or _KEYWORDS.fullmatch(words):
            draft.note("tail", words)
        elif _COPYRIGHT.fullmatch(words):
            draft.note("copyright", words if draft.copyright else "")
            draft.copyright = draft.copyright or words
        elif _ISIN_LINE.fullmatch(words):
            place -= 1
            continue
        else:
            break
        del draft.blocks[place]
        place -= 1
    if place >= 0:
        _sign_off(draft, place)
    if "^" in draft.whole or "°" in draft.whole or draft.mentions(cues.SERVICE):
        draft.blocks = [block for block in draft.blocks if not _is_wrapper(block, draft)]


def _sign_off(draft: Draft, place: int) -> None:
    flat = flat_text(draft.blocks[place].inner).rstrip()
    if flat.endswith((")", ").")) and draft.blocks[place].tag == "p":
        flat = _take_brackets(draft, place, flat)
    if "/" not in flat[-_LAST:]:
        return
    start = max(len(flat) - _LAST, 0)
    if draft.blocks[place].tag in {"p", "pre"} and (found := _SIGN_OFF.search(flat[start:])):
        if draft.sign_off:
            draft.note("closingline", draft.sign_off)
        draft.sign_off = found[1]
        draft.cut_end(place, start + found.start())


def _take_brackets(draft: Draft, place: int, flat: str) -> str:
    """Take contacts and the line on who reported off the end of a paragraph; return its words without them."""
    tail = flat[-_LONGEST_TAIL:]
    start = tail.rfind("((")
    if start > 0 and _CONTACT.fullmatch(tail[start:]):
        draft.note("contacts", draft.cut_end(place, len(flat) - len(tail) + start))
        flat = flat[: len(flat) - len(tail) + start].rstrip()
        tail = flat[-_LONGEST_TAIL:]
    if any(cue in tail for cue in _REPORTING_CUES):
        for found in _REPORTING.finditer(tail):
            if found.end() == len(tail) and found.start():
                words = draft.cut_end(place, len(flat) - len(tail) + found.start())
                draft.note("reporting", words if draft.sign_off else "")
                draft.sign_off = draft.sign_off or words
                return flat[: len(flat) - len(tail) + found.start()].rstrip()
    return flat


def _is_wrapper(block: Block, draft: Draft) -> bool:
    """Tell whether *block* is a lone ^ or °, between which issuers' own words travel, or names a service."""
    if block.inner in {"^", "°"} or (len(block.inner) < 200 and _SERVICE_LINE.fullmatch(block.inner)):
        draft.note("tail", block.inner)
        return True
    return False


def byline(words: str) -> str | None:
    """Return the byline that *words* are as a whole, or None."""
    if len(words) > 160 or not words.lstrip("- ")[:3].upper().startswith(("VON", "BY ")):
        return None
    found = _BYLINE.fullmatch(words)
    return found["by"].strip(" ,") if found else None


def _kind(code: str) -> str:
    if re.fullmatch(_ISIN, code):
        return "isin" if is_isin(code) else "symbol"
    return "ric"
