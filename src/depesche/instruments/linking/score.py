"""How much a story is about an issuer: headline, lead, count, place, and how many others are named."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from depesche.model.take import Take

LEAD = 350
_FIRST = 130
_ROLL_CALL = 8
_CROWD = 4
_BASE = 0.12
_WEAK_CAP = 0.45
_SOLE = 0.12
_RESUMED = 0.4
_SUPPLIED_FLOOR = 0.6
_PREFIX = r"(?:(?:ROUNDUP|WDH|KORREKTUR|UPDATE)\s?\d*[/:]\s?)*"
_LISTS = re.compile(
    _PREFIX
    + r"(?:AKTIEN\b(?!-)|INDEX-MONITOR|DAX-FLASH|PRESSESPIEGEL|HAUPTVERSAMMLUNGEN\b|QUARTALSSAISON|BÖRSENWOCHE|BÖRSENTAG|WOCHENRÜCKBLICK|KALENDER\b|WEEK AHEAD|DIARY\b|EARNINGS CALENDAR|WHAT TO WATCH|TAGESVORSCHAU|WOCHENVORSCHAU|WOCHENAUSBLICK|TAGESAUSBLICK|TERMINE\b|(?:DPA-AFX )?ÜBERBLICK|"
    r"KURSE\b|DEVISEN\b|MARKET (?:WRAP|REPORT)|STOCKS\b)",
    re.IGNORECASE,
)
_MARKETS = re.compile(
    r"(?:(?:M|S|Tec)?Dax|EuroStoxx|Eurostoxx|ATX|SMI|Dow|Nasdaq|S&P 500|FTSE|Nikkei|Wall Street|(?:US|U\.S\.|European|Asian|Japanese|German|UK) (?:stocks|shares)"
    r"|(?:Deutsche )?Anleihen|Ölpreise?|Goldpreis|Bitcoin|Oil prices|Aktienmarkt|Börse(?: Frankfurt)?)\b(?!-)",
    re.IGNORECASE,
)
_MOVES = re.compile(
    r"(?:[^()\n]{1,60}\([^()\n]{1,30}\)\s*[-–—]+\s*)?(?:(?:Der|The|Die|Am)\s)?(?:(?:M|S|Tec)?D(?:ax|AX)|ATX|SMI|Euro ?Stoxx ?50|Dow Jones|S&P 500|Nasdaq(?: Composite)?|FTSE 100|Nikkei|Wall Street"
    r"|Aktienmarkt|Leitindex)\s(?:legte|gab|stieg|ist|hat|schloss|notiert\w*|verlor|gewann|kletterte|rutschte|fiel|sank|rose|fell|closed|gained|lost|slipped|climbed|edged)\b"
)
_NAMED = r"[\w&+.]+(?:[- ][A-ZÄÖÜ][\w&+.]*)*"
_SUBJECTS = re.compile(rf"{_NAMED}(?:(?:, | und | and | sowie ){_NAMED})*")


@dataclass(frozen=True, slots=True)
class Sight:
    """One place where an issuer is named: its field, its place in it, whether it is only an aside, whether it is named only beside
    the subject of its sentence, and whether a headline begins with it.
    """

    field: str
    start: int
    aside: bool
    oblique: bool = False
    front: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """The part an issuer has in a story: where it is named, how many *others* are, its *share* of all places where issuers are
    named, how many instruments the provider *supplied* if this is one of them (else 0), and whether its code stands in the text.
    """

    sights: Sequence[Sight]
    others: int
    share: float
    supplied: int
    coded: bool


@dataclass(frozen=True, slots=True)
class Tale:
    """What a story is like, whoever it is about: its body's *length* in characters, where the subjects of a market report's or
    calendar's headline stand (*listing*, None for other stories), whether it speaks of business at all or is about sport, by how
    many words it is none of business, and whether it calls somebody "the carrier" or the like.
    """

    length: int
    listing: range | None
    business: bool
    sport: bool
    strangeness: int
    epithet: bool

    def may_open(self, sight: Sight) -> bool:
        """Tell whether who is named there in the headline can be its subject."""
        return self.listing is None or sight.start in self.listing


def is_list(take: Take) -> bool:
    """Tell whether the story is a market report or a calendar, which names many and is about few."""
    kind = take.series.kind if take.series else ""
    return bool(
        _LISTS.match(kind)
        or _LISTS.match(take.headline_raw)
        or _LISTS.match(take.headline)
        or _MARKETS.match(take.headline)
        or _MOVES.match(take.body_text, 0, 300)
    )


def subjects_at(take: Take) -> range:
    """Return where the subjects of a market report's headline would stand: behind its prefix, one or several in a row."""
    start = 0
    if _LISTS.match(take.headline) or _MARKETS.match(take.headline):
        before, colon, after = take.headline.partition(":")
        if not colon:
            return range(1)
        start = len(before) + 1 + len(after) - len(after.lstrip())
    found = _SUBJECTS.match(take.headline, start)
    return range(start, found.end() if found else start + 1)


def relevance(part: Part, tale: Tale) -> float:
    """Return between 0 and 1 how much the story is about an issuer that has this part in it."""
    told = [sight for sight in part.sights if not sight.aside]
    heads = [sight for sight in told if sight.field == "headline" and tale.may_open(sight)]
    body = sorted(sight.start for sight in told if sight.field == "body_text")
    score = _BASE if told else 0.0
    score += _headed(heads, part, tale, len(body))
    score += _carried(body, part, tale, headed=bool(heads))
    if told and not (tale.business and heads) and _oblique(told):
        score -= 0.15
    score += 0.15 if part.coded else 0.0
    score += 0.3 if part.supplied else 0.0
    if tale.strangeness and part.sights:
        score -= min(0.45, 0.18 + 0.04 * tale.strangeness)
    if body and not heads and not part.others and tale.business and _begins(told):
        score += _SOLE
    if not heads:
        score -= min(0.3, 0.04 * max(0, part.others - 1))
    score = min(score, _ceiling(told, heads, part, tale))
    if 0 < part.supplied <= _ROLL_CALL and (tale.listing is None or heads):
        score = max(score, _SUPPLIED_FLOOR)
    if part.sights and not told and not part.supplied:
        score = min(score, 0.3) or 0.2
    return round(min(1.0, max(0.0, score)), 3)


def _headed(heads: Sequence[Sight], part: Part, tale: Tale, places: int) -> float:
    """Return what it is worth to stand in the headline, with so many *places* in the body."""
    if not heads:
        return 0.0
    if not _oblique(heads):
        return 0.5
    # Where nobody else is named, "the carrier" of the copy is who stands beside the subject of the headline.
    if tale.epithet and tale.business and not part.others and not (tale.strangeness and part.sights):
        return _RESUMED
    return 0.3 if places > 1 else 0.1


def _carried(body: Sequence[int], part: Part, tale: Tale, *, headed: bool) -> float:
    """Return what the places in the body are worth: the first, how many, and how few others have."""
    if not body:
        return 0.0
    many = len(body) > (1 if headed or tale.business else 2)
    return (
        _place(body[0], tale.length)
        + min(0.24, 0.08 * (len(body) - 1))
        + (0.15 * part.share if many else 0.0)
    )


def _ceiling(told: Sequence[Sight], heads: Sequence[Sight], part: Part, tale: Tale) -> float:
    """Return the most that an issuer can have who is one of a crowd, or stands in a story that is none of business."""
    if not heads and (tale.listing is not None or part.others >= _CROWD):
        return _WEAK_CAP
    if not told or part.coded:
        return math.inf
    concerns = tale.business or _acts(told) or (tale.epithet and not part.others and _begins(told))
    return _WEAK_CAP if tale.sport or not concerns else math.inf


def _oblique(sights: Sequence[Sight]) -> bool:
    """Tell whether an issuer is named beside the subject only, wherever it is named."""
    return all(sight.oblique for sight in sights)


def _acts(told: Sequence[Sight]) -> bool:
    """Tell whether an issuer can be the subject of a story that does not speak of business: a headline begins with it."""
    return any(sight.front and sight.field == "headline" for sight in told) and not _oblique(told)


def _begins(told: Sequence[Sight]) -> bool:
    """Tell whether an early sentence of the copy begins with the issuer, which is its subject then."""
    return any(sight.front and sight.field == "body_text" and sight.start < LEAD for sight in told)


def _place(first: int, length: int) -> float:
    """Return what the first place in a body of *length* characters is worth."""
    if first < LEAD:
        return 0.28 if first < _FIRST else 0.22
    return 0.1 * (1 - first / max(length, 1))
