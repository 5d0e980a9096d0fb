"""The encoding of plain-text wires, which do not say: UTF-8, the Windows superset of Latin-1, or a DOS page.

UTF-8 proves itself. Otherwise each page is tried and the one whose letters stand where letters stand, and whose
quotation marks stand at the edges of words, is taken.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

_ASCII = bytes(range(128))
# Umlauts, sharp s, e acute and angle quotes; on a DOS page they would be lines, blocks and Greek.
_PLAINLY_LATIN = "ÄÖÜäöüßé«»".encode("latin-1")
_PLAIN = _ASCII + _PLAINLY_LATIN
_HIGH = re.compile(rb"[\x80-\xff]")
_BEYOND = re.compile(r"[^\x00-\x7f]")
_LOOKED_AT = 4000  # characters beyond ASCII that are judged; more do not change the verdict
_PAGES = ("cp1252", "latin-1", "cp850", "cp437")

# What letters weigh: those of German most, then French, then the rest of western Europe.
_WEIGHTS = {
    **dict.fromkeys("šžŠŽœŒÿ", 1),
    **dict.fromkeys("ñáíóúôåøæëïîûõãìòùýðþÑÁÍÓÚÔÅØÆÈÊÀÂËÏÎÛÕÃ", 2),
    **dict.fromkeys("éèêàâçÉÇ", 3),
    **dict.fromkeys("äöüÄÖÜß", 4),
}
_OPENING = frozenset("„«“‚‘‹»›")
_CLOSING = frozenset("“»”’‘›«‹")
_ALONE = frozenset("–—…•€£§°®™©±²³½¼×·¿¡ºª\xa0")
_VOWELS = frozenset("aeiouyäöüAEIOUYÄÖÜ")


def decode(raw: bytes) -> str:
    """Return *raw* as text; every byte gives a character, whatever the encoding."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if b"\xab" not in raw and b"\xbb" not in raw and not raw.translate(None, _PLAIN):
        return raw.decode("latin-1")  # nothing that could be a second byte in UTF-8
    if _mostly_utf8(raw):
        return _patched(raw)
    return _decoded(raw, page(raw))


def page(raw: bytes) -> str:
    """Return the single-byte encoding that fits *raw* best."""
    if not raw.translate(None, _PLAIN):
        return "cp1252"
    sample = raw
    if len(raw) > 200_000:
        sample = b" ".join(raw[max(at.start() - 1, 0) : at.start() + 2] for at in _first_high(raw))
    return max(_PAGES, key=lambda one: (_fit(_decoded(sample, one)), -_PAGES.index(one)))


def _first_high(raw: bytes) -> list[re.Match[bytes]]:
    found = []
    for at in _HIGH.finditer(raw):
        found.append(at)
        if len(found) == _LOOKED_AT:
            break
    return found


def _decoded(raw: bytes, name: str) -> str:
    # Five bytes mean nothing in the Windows page; as controls they count against it.
    return raw.decode(name, "depesche-latin")


def _mostly_utf8(raw: bytes) -> bool:
    """Tell whether *raw* is UTF-8 in which few bytes are broken, as where two sources were glued together."""
    high = len(raw.translate(None, _ASCII))
    lost = raw.decode("utf-8", "replace").count("\ufffd")
    return lost * 4 <= high - lost


def _patched(raw: bytes) -> str:
    return raw.decode("utf-8", "depesche-latin")


def _latin(error: UnicodeError) -> tuple[str, int]:
    """Read the bytes that an encoding has no meaning for by the Windows page, or as the control that they are."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    broken = error.object[error.start : error.end]
    return "".join(_single(one) for one in broken), error.end


@lru_cache(maxsize=256)
def _single(byte: int) -> str:
    one = bytes([byte])
    try:
        return one.decode("cp1252")
    except UnicodeDecodeError:
        return one.decode("latin-1")


def _fit(words: str) -> int:
    """Return how well the characters beyond ASCII suit their places in *words*."""
    score = 0
    for judged, at in enumerate(_BEYOND.finditer(words)):
        if judged == _LOOKED_AT:
            break
        place = at.start()
        score += _suits(
            words[place - 1 : place] if place else " ", at[0], words[place + 1 : place + 2] or " "
        )
    return score


def _suits(before: str, one: str, after: str) -> int:
    weight = _WEIGHTS.get(one)
    if weight is not None:
        if not (before.isalpha() or after.isalpha()) or (one == "ß" and before not in _VOWELS):
            return -1
        if one.isupper():  # a capital stands first or among capitals, never behind a small letter
            return -3 if before.islower() else weight
        return -1 if before.isupper() and after.isupper() else weight
    between = before.isalnum() and after.isalnum()
    if one in _OPENING or one in _CLOSING:
        if between:
            return 2 if one in "’‘" else -3
        return 2
    if one in _ALONE:
        return -1 if between and one not in "–—·°²³\xa0" else 1
    if one.isalpha():
        return -4
    return -3


codecs.register_error("depesche-latin", _latin)
