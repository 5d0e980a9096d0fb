"""Fold text so that spellings of one name become equal, and find the way back to the original.

Folding lowers case, writes ä as ae and ß as ss, drops accents, turns a hyphen inside a
word into a space, and shrinks runs of spaces. A map of the places where the length
changed leads from folded to original positions.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right

_GERMAN = {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "ae", "Ö": "oe", "Ü": "ue", "ß": "ss", "ẞ": "ss"}
# What changes the length: German letters, joined marks, invisible characters, runs of spaces.
_UNEVEN = re.compile("[äöüÄÖÜßẞ\u00ad\u200b\u200c\u200d\u2060\ufeff]|[^\\W\\d_][\u0300-\u036f]+|\\s{2,}")
# Few texts have joined marks; looking for them at every letter costs as much as all the rest.
_MARK = re.compile("[\u0300-\u036f]")
_UNEVEN_PLAIN = re.compile("[äöüÄÖÜßẞ\u00ad\u200b\u200c\u200d\u2060\ufeff]|\\s\\s+")
# The hyphen stands first so that the search can leap from one to the next.
_HYPHEN = re.compile("[-\u2010\u2011](?<=[^\\W_].)(?=[^\\W_])", re.DOTALL)


class _Table(dict[int, int]):
    """A translation that learns each character once and keeps every length."""

    def __missing__(self, code: int) -> int:
        char = chr(code)
        folded = char
        if char.isspace():
            folded = " "
        elif char in "\u2019\u2018\u00b4`":
            folded = "'"
        elif char.isalpha():
            folded = unicodedata.normalize("NFD", char.lower())[0]
        self[code] = ord(folded)
        return self[code]


_TABLE = _Table()


def _even(found: re.Match[str]) -> str:
    text = found.group()
    if text in _GERMAN:
        return _GERMAN[text]
    if text.isspace():
        return " "
    composed = unicodedata.normalize("NFC", text)
    if composed != text:
        return _GERMAN.get(composed, composed[0])
    return text[0] if text[0].isalpha() else ""


def fold(text: str) -> str:
    """Return *text* folded, for names and other short pieces."""
    if text.isascii() and text.isprintable() and "-" not in text and "`" not in text and "  " not in text:
        return text.lower().strip()
    return _HYPHEN.sub(" ", _UNEVEN.sub(_even, text)).translate(_TABLE).strip()


class Folded:
    """A text and its folded form, with the way back."""

    def __init__(self, original: str) -> None:
        self.original = original
        self._places: list[int] = [0]
        self._shifts: list[int] = [0]
        pieces: list[str] = []
        last = size = 0
        uneven = _UNEVEN if _MARK.search(original) else _UNEVEN_PLAIN
        for found in uneven.finditer(original):
            piece = _even(found)
            pieces += (original[last : found.start()], piece)
            size += found.start() - last + len(piece)
            last = found.end()
            if len(piece) != last - found.start():
                self._places.append(size)
                self._shifts.append(last - size)
        pieces.append(original[last:])
        self.text = _HYPHEN.sub(" ", "".join(pieces)).translate(_TABLE)

    def _back(self, place: int) -> int:
        return place + self._shifts[bisect_right(self._places, place) - 1]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where `text[start:end]` stands in the original; *end* lies behind *start*."""
        return self._back(start), self._back(end)
