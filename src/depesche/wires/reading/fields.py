"""What several formats fill alike: status, embargo, urgency, pictures, vocabularies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from depesche.lib import memo, text
from depesche.lib.markup.hrefs import is_reachable
from depesche.model.errors import WireError
from depesche.model.take import STATUSES, USABLE, WITHHELD, PictureRef
from depesche.wires.reading import times

WIDE_ENOUGH = 2048  # pixels; no page shows a picture wider
UNKNOWN = "unknown"
MAX_ITEMS = 10_000  # in one delivery; each takes up to 0.2 ms

_SCHEMES = {
    "cv.iptc.org/newscodes/mediatopic": "medtop",
    "cv.iptc.org/newscodes/subjectcode": "subj",
    "cv.iptc.org/newscodes/genre": "genre",
    "cvx.iptc.org/iso3166-1a2": "iso3166-1a2",
}
_URGENCIES = {str(one): one for one in range(1, 10)}
_CREDITED = re.compile(
    r"(?<=[.!?)»“”\"])\s(?:Foto|Fotos|Photo|Bild|Grafik|Illustration)\s?: ([A-ZÄÖÜ©][^:\n]{2,100}?)\.?$"
)
_BEST_NAMES = (
    "web",
    "preview",
    "main",
    "baseimage",
    "highres",
    "hires",
    "hidef",
    "original",
    "small",
    "thumb",
    "thumbnail",
)


def refuse_flood(count: int, what: str) -> None:
    """Look at the *count* of items, which a delivery calls *what*, before any is read.

    Raises:
        WireError: they are more than anybody sends at once.
    """
    if count > MAX_ITEMS:
        raise WireError(f"{what}: {count} are more than {MAX_ITEMS}")


@memo.of_words(256)
def status(word: str | None) -> str:
    """Return the IPTC status that *word* names, by its last part; usable when there is none, withheld when it is unknown."""
    if word is None:
        return USABLE
    last = re.split(r"[:/#]", word.strip().rstrip("/"))[-1].lower()
    last = "canceled" if last == "cancelled" else last
    return last if last in STATUSES else WITHHELD


def embargo(words: object, said: str) -> tuple[datetime | None, str]:
    """Read an embargo that is present as *words*; return it with the status that follows from *said*.

    Empty, unreadable and without an offset all mean: until further notice.
    """
    until = times.iso(words, zone_needed=True) if isinstance(words, str) else None
    return until, (WITHHELD if until is None and said == USABLE else said)


def urgency(value: object) -> int | None:
    """Return *value* as an IPTC urgency from 1 to 9, or None where it is no number; beyond the ends, the end."""
    if type(value) is int and 1 <= value <= 9:
        return value
    if isinstance(value, str) and value in _URGENCIES:
        return _URGENCIES[value]
    try:
        number = int(float(str(value).strip()))
    except (ValueError, OverflowError):
        return None
    return min(max(number, 1), 9)


@memo.of_words(1024)
def scheme(address: str | None) -> str | None:
    """Return the short name of the vocabulary at *address*, the address where it has none."""
    if not address:
        return None
    bare = re.sub(r"^https?://", "", address.strip()).rstrip("/")
    return _SCHEMES.get(bare.lower(), address.strip().rstrip("/"))


@memo.of_words(4096)
def concept(address: str) -> tuple[str | None, str]:
    """Part a concept's *address* into vocabulary and code."""
    head, _, code = address.strip().rstrip("/").rpartition("/")
    return (scheme(head), code) if head and code else (None, address.strip())


@dataclass(frozen=True, slots=True)
class Rendition:
    """One of the files in which a picture is offered."""

    href: str
    name: str = ""
    media_type: str = ""
    width: int = 0


def best(renditions: Iterable[Rendition]) -> str | None:
    """Return the address of the rendition that suits a page: the widest that is not wider than any page needs."""
    usable = [one for one in renditions if is_reachable(one.href) and _is_image(one)]
    if not usable:
        return None
    return min(usable, key=_rank).href.strip()


def _rank(one: Rendition) -> tuple[int, int, int]:
    name = re.split(r"[:/#]", one.name)[-1].lower()
    named = _BEST_NAMES.index(name) if name in _BEST_NAMES else len(_BEST_NAMES) - 3
    if not one.width:
        return (1, named, 0)
    return (
        (0, 0, -one.width)
        if one.width <= WIDE_ENOUGH
        else (1 if named < len(_BEST_NAMES) - 3 else 2, 0, one.width)
    )


def _is_image(one: Rendition) -> bool:
    return not one.media_type or one.media_type.lower().startswith("image/")


def picture(href: str | None, caption: str | None, credit: str | None) -> PictureRef | None:
    """Return a picture, its words as one line each; None without an address."""
    if not href:
        return None
    words, named = text.line(caption or ""), text.line(credit or "")
    # A caption that ends by naming the photographer says it more fully than the field, or says it alone.
    if (found := _CREDITED.search(words)) and (not named or named.casefold() in found[1].casefold()):
        words, named = words[: found.start()].rstrip(), found[1]
    return PictureRef(href, words or None, named or None)
