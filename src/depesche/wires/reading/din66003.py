"""German text in seven bits: DIN 66003, the German ISO 646, where braces and brackets are umlauts.

Nothing in a message says so, and the same bytes are braces elsewhere. So a message is read this way only if it is all
ASCII, if words stand in it that are German with umlauts and nothing without, and if hardly a brace stands where no
letter could. Then only those signs are read as letters that stand where such a letter can.
"""

from __future__ import annotations

import re

_SMALL = {"{": "ä", "|": "ö", "}": "ü", "~": "ß"}
_CAPITAL = {"[": "Ä", "\\": "Ö", "]": "Ü"}
_SIGN = re.compile(r"[{|}~]")
_INSIDE = re.compile(r"(?<=[A-Za-z{|}~])[{|}~]|[{|}](?=[a-z~])")  # no word begins with a sharp s
_KNOWN = re.compile(
    r"(?<![\w{|}~])(?:(?:da)?f\}r|(?:gegen|dar)?\}ber\w{0,12}|k\|nn(?:en|te|ten)|m\}ss(?:en|te|ten)|w\}rden?|w\{hrend|w\{ren?|h\{tten?|"
    r"gro~\w{0,3}|da~|mu~|stra~en?|m\}nchen|d\}sseldorf|k\|ln|n\}rnberg|z\}rich|b\|rse\w{0,6}|m\{rkte?n?|gesch\{ft\w{0,6}|"
    r"pr\{sident\w{0,4}|n\{chste\w{0,2}|sp\{te[rn]?|zur\}ck|f\}nf|zw\|lf|drei~ig|t\{glich|m\|glich\w{0,4}|j\{hrlich\w{0,2}|h\|her\w{0,2}|"
    r"l\{nder\w?|sch\{den|schlie~\w{0,5}|au~er\w{0,4}|erkl\{r\w{0,3}|ver\|ffentlich\w{0,4}|unterst\}tz\w{0,4}|unabh\{ngig\w{0,2})(?![\w{|}~])",
    re.IGNORECASE,
)
_PAIR = re.compile(r"(?<![A-Za-z])(?:\{[^{}\n]{1,80}\}|\[[^\[\]\n]{1,80}\])(?![A-Za-z])")
_LETTER = re.compile(
    r"(?<=[A-Za-z{|}\[\\\]])[{|}~]|[{|}](?=[a-z~])"
    r"|[\[\\\]](?=[a-z]{2}|[A-Z])|(?<=[A-Z])[\[\\\]](?![a-z])"
)
_PARAGRAPH = re.compile(r"@(?= ?\d)")
_OTHERS_PER_LETTER = 10  # among that many letters one sign may be itself


def read(words: str) -> str:
    """Return *words* with their umlauts if they are in DIN 66003, otherwise as they are; no character is added or lost."""
    if not words.isascii() or not _SIGN.search(words) or not _KNOWN.search(words):
        return words
    signs = len(_SIGN.findall(words))
    letters = len(_INSIDE.findall(_PAIR.sub(" ", words)))
    if (signs - letters) * _OTHERS_PER_LETTER > letters:
        return words
    done, at = [], 0
    for pair in _PAIR.finditer(words):
        done += [_lettered(words[at : pair.start()]), pair[0]]
        at = pair.end()
    return "".join([*done, _lettered(words[at:])])


def _lettered(words: str) -> str:
    words = _LETTER.sub(lambda sign: _SMALL.get(sign[0]) or _CAPITAL[sign[0]], words)
    return _PARAGRAPH.sub("§", words)
