"""The dateline that opens copy: where, when and by whom it was filed."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from depesche.lib import memo
from depesche.model.take import Dateline

LONGEST = 160  # characters looked at; a dateline is shorter

_DASH = r"[-–—]{1,2}"
_MONTH = r"(?:Jan|Feb|Mär|Mar|Apr|Mai|May|Jun|Jul|Aug|Sep|Okt|Oct|Nov|Dez|Dec)[a-zä]*\.?"
_DATE = (
    rf"(?:\d{{1,2}}\.\s?{_MONTH}(?:\s\d{{4}})?|\d{{1,2}}\.\d{{1,2}}\.(?:\d{{2,4}})?|{_MONTH}\s\d{{1,2}}(?:,\s\d{{4}})?"
    rf"|\d{{1,2}}\s{_MONTH}(?:\s\d{{4}})?)"
)
_PLACE = r"[^\W\d_][^()\d:;!?<>|\"„“»«\n]{0,70}?"
_AGENCY = r"[^()\d:;!?<>|\"\n]{2,40}"
# BONN (dpa-AFX) - / WASHINGTON, Jan 21 (Reuters) - / NEW YORK--(BUSINESS WIRE)-- / (Nordwire) -
_LINE = re.compile(
    rf"(?P<place>{_PLACE})?(?:,?\s(?P<date>{_DATE}),?)?(?:\s?{_DASH}\s?|\s)?\((?P<agency>{_AGENCY})\)\s?(?P<dash>{_DASH}\s?|:\s)"
    rf"(?:(?P<after>{_DATE})\s?{_DASH}\s?)?"
)
# The usual kind of those, place and agency alone, is read in a fifth of the time.
_PLAIN = re.compile(
    rf"(?P<place>[^\W\d_][^()\d:;!?<>|\"„“»«\n,–—-]{{1,70}})\s\((?P<agency>{_AGENCY})\)\s?(?P<dash>{_DASH}\s?|:\s)"
    rf"(?:(?P<after>{_DATE})\s?{_DASH}\s?)?"
)
# BERLIN, Jan. 5, 2023 /PRNewswire/ --
_SLASHED = re.compile(
    rf"(?P<place>{_PLACE})(?:,\s(?P<date>{_DATE}))?\s/(?P<agency>[A-Z][A-Za-z -]{{2,30}})/\s?{_DASH}\s?"
)

# LEEDS, Jan 21 - : without an agency only a date makes sure that this is no name with a dash behind it.
_DATED = re.compile(
    rf"(?P<place>[A-ZÄÖÜÀ-Ý][^()\d:;!?<>|\"„“»«\n]{{1,50}}?),\s(?P<date>{_DATE}),?\s?{_DASH}\s"
)
_UNDATED = re.compile(rf"(?P<place>[A-ZÄÖÜÀ-Ý][^()\d:;!?<>|\"„“»«\n]{{1,50}}?)\s{_DASH}\s")
_KNOWN = re.compile(
    r"(?:dpa|AFX|AP|AFP|APA|Reuters|rtr|ots|euro adhoc|vwd|awp|TT|PA|ANSA|EFE|Bloomberg|Dow Jones|DJN?|Business ?Wire|PR ?Newswire|"
    r"Globe ?Newswire|ACCESS(?: News)?wire|Newsfile(?: Corp\.?)?|IRW|EQS|DGAP|pta|SID|KNA|epd|DTS|Kyodo|Xinhua|TASS|Interfax|SDA|"
    r"Keystone|Belga|ANP|MTI|PAP|CTK|ČTK|Ritzau|NTB|STT|CNW|CNW Group|Marketwired|news aktuell|FactSet|MarketWatch|UPI|AAP|PTI|"
    r"IANS|Yonhap|JCN|ACN|Presseportal|Finanznachrichten|BUSINESS WIRE|GLOBE NEWSWIRE)"
    r"(?:[-/ ][A-Za-zÄÖÜäöü]{1,12})*",
    re.IGNORECASE,
)
# Names with a slash in them; in other datelines a slash parts two places.
_ONE_PLACE = re.compile(
    r"(?i)(frankfurt|halle|limburg|neustadt|freiburg|rotenburg|marburg|offenbach|hanau|weiden)\s?/\s?"
    r"(main|m\.|oder|saale|lahn|weinstra(?:ß|ss)e|breisgau|wümme|oberpfalz)(?!\w)"
)
_LAST_BRACKETS = re.compile(r"\(([^()]{1,40})\)$")
_KEPT_SLASH = "\x00"


def parse(
    opening: str, agencies: Collection[str] = (), supplied: Collection[str] = ()
) -> tuple[Dateline, int] | None:
    """Find a dateline at the beginning of *opening*; return it and the number of characters it takes.

    Without an agency it must have a date, or name one of the places *supplied* in a field.

    Words in brackets after a place are an agency when it is a known one or among *agencies*, or when the
    place is in capitals and the words are not: `NORDWIND (NWD) -` names a ticker.
    """
    head = opening[:LONGEST]
    if not head.isprintable():
        head = head.replace("\xa0", " ").replace("\u202f", " ").replace("\u2009", " ")
    if "(" not in head and "/" not in head:
        return _without_agency(head, supplied)
    lead = len(head) - len(head.lstrip())
    found = ((_PLAIN.match(head, lead) or _LINE.match(head, lead)) if _has_agency(head) else None) or (
        _SLASHED.match(head, lead) if " /" in head else None
    )
    if found is None:
        return _without_agency(head, supplied)
    groups = found.groupdict()
    told = _told(
        groups["place"] or "", groups["agency"], groups.get("date") or groups.get("after"), tuple(agencies)
    )
    return (told, found.end()) if told else None


@lru_cache(maxsize=1024)  # the patterns bound the length of all words
def _told(place: str, agency: str, date: str | None, agencies: tuple[str, ...]) -> Dateline | None:
    """Return the dateline made of these words, None where they name no agency."""
    place, agency = place.strip(" ,-–—"), agency.strip()
    if not _is_agency(agency, place, agencies):
        return None
    return Dateline(_places(place), agency, date.strip() if date else None)


def _without_agency(head: str, supplied: Collection[str]) -> tuple[Dateline, int] | None:
    bare = head.lstrip()
    lead = len(head) - len(bare)
    if "-" not in bare and "–" not in bare and "—" not in bare:
        return None
    if found := _DATED.match(bare):
        place = found["place"]
        # A sentence that happens to hold a date and a dash has more words, and small ones.
        if place.isupper() or len(place.split()) < 3:
            return Dateline(_places(place), None, found["date"].strip()), lead + found.end()
        return None
    named = _UNDATED.match(bare) if supplied else None
    if named and named["place"].casefold() in {one.casefold() for one in supplied}:
        return Dateline(_places(named["place"])), lead + named.end()
    return None


def _has_agency(head: str) -> bool:
    """Tell whether the first brackets in *head* are followed by a dash or colon, without which they name no agency."""
    closed = head.find(")", head.find("(") + 1)
    return closed > 0 and head[closed + 1 : closed + 3].lstrip()[:1] in {"-", "–", "—", ":"}


@memo.of_words(1024)
def read(supplied: str) -> Dateline | None:
    """Read a dateline that a provider delivers in a field of its own, with or without its dash."""
    bare = supplied.replace("\xa0", " ").strip().rstrip("-–—").strip()
    if not bare:
        return None
    inside = _LAST_BRACKETS.search(bare)
    found = parse(f"{bare} - ", (inside[1],) if inside else ())
    return found[0] if found else Dateline(_places(bare))


def _is_agency(words: str, place: str, agencies: tuple[str, ...]) -> bool:
    if words.casefold() in _names(agencies) or _is_known(words):
        return True
    if not place:
        return not words.endswith(".") and (words[:1].isupper() or not words[:1].isascii())
    return place.isupper() and not words.isupper()


@lru_cache(maxsize=256)
def _names(agencies: tuple[str, ...]) -> frozenset[str]:
    """Return the names by which a wire's copy may call it: its own, and the first word of it."""
    return frozenset(told for one in agencies for told in (one.casefold(), one.casefold().partition(" ")[0]))


@lru_cache(maxsize=1024)
def _is_known(words: str) -> bool:
    return _KNOWN.fullmatch(words) is not None


def _places(words: str) -> tuple[str, ...]:
    joined = _ONE_PLACE.sub(lambda one: f"{one[1]}{_KEPT_SLASH}{one[2]}", words)
    return tuple(place.strip().replace(_KEPT_SLASH, "/") for place in joined.split("/") if place.strip())
