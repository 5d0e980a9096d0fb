"""Fold and analyse words, the same way for what is indexed and for what is asked."""

from __future__ import annotations

import re
import unicodedata

import tantivy

from depesche.lib.text import strip_dead

GERMAN = "de"
ENGLISH = "en"
OTHER = "xx"
TONGUES = (GERMAN, ENGLISH, OTHER)

LONGEST_WORD = 64

_UMLAUT = re.compile("([aou])\u0308")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_UMLAUTS = {"a": "ä", "o": "ö", "u": "ü"}
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
# "ue" is an umlaut in Muenchen, but not in neue, Bauer and Quelle.
_AE_OE_UE = re.compile("ae|oe|(?<![aeq])ue")
_AS_UMLAUT = {"ae": "ä", "oe": "ö", "ue": "ü"}
# The German stemmer cuts Kurs to "kur" and Kurse to "kurs"; with an e at its end the singular meets its plural.
_SINGULAR = re.compile(r"(kurs|zins|puls)\b")


def tongue(language: str | None) -> str:
    """Return in which of the analysed field sets text of *language* (a BCP 47 tag) belongs."""
    short = (language or "")[:2].lower()
    return short if short in {GERMAN, ENGLISH} else OTHER


def plain(text: str) -> str:
    """Return *text* in small letters and without accents; umlauts are kept, as single characters."""
    folded = strip_dead(text).casefold()
    if folded.isascii():
        return folded
    split = unicodedata.normalize("NFKD", folded)
    return _ACCENTS.sub("", _UMLAUT.sub(lambda found: _UMLAUTS[found[1]], split))


def fold(text: str, tongue: str) -> str:
    """Return *text* so that München and Muenchen become one word of that *tongue*."""
    return _german(plain(text)) if tongue == GERMAN else plain(text).translate(_WRITTEN_OUT)


def fold_all(text: str) -> dict[str, str]:
    """Return *text* folded for each tongue, in the time of one."""
    small = plain(text)
    written_out = small.translate(_WRITTEN_OUT)
    return {name: _german(small) if name == GERMAN else written_out for name in TONGUES}


def _german(small: str) -> str:
    spelt = _AE_OE_UE.sub(lambda found: _AS_UMLAUT[found[0]], small)
    return _SINGULAR.sub(r"\1e", spelt)


def code(text: str) -> str:
    """Return *text* as a term of the unstemmed field: small letters, umlauts written out, single spaces."""
    return " ".join(fold(text, OTHER).split())


def analyzers() -> dict[str, tantivy.TextAnalyzer]:
    """Return the analyser of each tongue, which expects folded text."""
    words = tantivy.Filter
    stemmers = {GERMAN: [words.stemmer("german")], ENGLISH: [words.stemmer("english")], OTHER: []}
    built = {}
    for name, filters in stemmers.items():
        builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        for one in (words.remove_long(LONGEST_WORD), words.lowercase(), *filters, words.ascii_fold()):
            builder = builder.filter(one)
        built[name] = builder.build()
    return built
