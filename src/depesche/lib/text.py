"""Plain text: what no copy may contain, white space, and words fit for an address."""

from __future__ import annotations

import re
import unicodedata

SLUG_LENGTH = 80

_WORDS_OF_SIGNS = {
    "de": {"&": " und ", "%": " prozent ", "+": " plus ", "€": " euro ", "$": " dollar "},
    "en": {"&": " and ", "%": " percent ", "+": " plus ", "€": " euro ", "$": " dollar "},
}
_GERMAN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "ae", "Ö": "oe", "Ü": "ue", "ß": "ss", "ẞ": "ss"}
)
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "Ø": "o",
        "æ": "ae",
        "Æ": "ae",
        "œ": "oe",
        "ł": "l",
        "Ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ı": "i",
    }
)

# Controls other than tab, line feed and carriage return; lone surrogates and non-characters, which no
# encoder and no XML parser takes; bidirectional overrides and isolates, with which text can be made to
# look like other text; zero-width spaces, soft hyphens and byte order marks, which hide words from a search.
_DEAD = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069"
    "\ufeff\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_WORD = re.compile(r"[a-z0-9]+")
_WIDE_SPACE = re.compile("  ")
_PLAIN = bytes([0x0A, *(one for one in range(0x20, 0x7F) if one not in b"<>&")])
_MANY = 8  # characters to remove; more are faster removed at one go


def rare(text: str) -> str:
    """Return *text* without its plain characters, which are line feeds and printable ASCII but for the marks of HTML.

    What is left is a hundredth of most copy, so that questions about what is rare in it cost little.
    """
    try:  # most copy is stored in one byte a character, and this only copies them
        return text.encode("latin-1").translate(None, _PLAIN).decode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass").translate(None, _PLAIN).decode("utf-8", "surrogatepass")


def strip_dead(text: str, odd: str | None = None) -> str:
    """Return *text* without characters that no copy may contain: controls, overrides, surrogates; line ends stay.

    *odd* is what `rare` returns for it, where that is known.
    """
    if odd is None:
        odd = rare(text)
    if odd.isprintable():  # no dead character is printable
        return text
    dead = [one for one in set(odd) if _DEAD.match(one)]
    if len(dead) > _MANY:
        return _DEAD.sub("", text)
    for one in dead:
        text = text.replace(one, "")
    return text


def single_spaced(text: str) -> str:
    """Return *text* with every run of ordinary white space as one space; no-break and other wide spaces stay."""
    if "\n" in text:
        text = text.replace("\n", " ")
    if "\r" in text:
        text = text.replace("\r", " ")
    if "\t" in text:
        text = text.replace("\t", " ")
    if "\f" in text:
        text = text.replace("\f", " ")
    while has_wide_space(text):
        text = text.replace("  ", " ")
    return text


def has_wide_space(text: str) -> bool:
    """Tell whether *text* has two ordinary spaces in a row."""
    return _WIDE_SPACE.search(text) is not None  # in a quarter of the time that `in` takes


def line(text: str) -> str:
    """Return *text* as one line: no dead characters, every run of white space one ordinary space, none at the ends."""
    if text.isprintable() and not has_wide_space(text):  # no dead character is printable
        return text.strip()
    return " ".join(strip_dead(text).split())


def slugify(text: str, *, language: str | None = None, length: int = SLUG_LENGTH) -> str:
    """Return *text* as lower-case ASCII words joined by hyphens, cut between words to at most *length* characters.

    German umlauts are written out unless *language* is neither German nor English; other accents
    fall off. Text without a Latin letter or digit gives the empty string.
    """
    tongue = (language or "de")[:2].lower()
    for sign, word in _WORDS_OF_SIGNS.get(tongue, {}).items():
        text = text.replace(sign, word)
    if tongue in _WORDS_OF_SIGNS:
        text = unicodedata.normalize("NFC", text).translate(_GERMAN)
    folded = unicodedata.normalize("NFKD", text.translate(_LETTERS).replace("ß", "ss"))
    plain = folded.encode("ascii", "ignore").decode().lower().replace("'", "")
    slug = ""
    for word in _WORD.findall(plain):
        longer = f"{slug}-{word}" if slug else word[:length]
        if len(longer) > length:
            break
        slug = longer
    return slug
