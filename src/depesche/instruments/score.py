"""How much a story is about an issuer: headline, lead, count, place, and how many others are named."""

from __future__ import annotations

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


def relevance(
    sights: Sequence[Sight],
    *,
    length: int,
    others: int,
    share: float,
    supplied: int,
    code_in_text: bool,
    listing: range | None,
    business: bool,
    sport: bool,
    everyday: int,
    epithet: bool,
) -> float:
    """Return between 0 and 1 how much the story is about an issuer.

    *length* is the body's in characters, *others* the number of other issuers in the
    story, *share* the issuer's part of all places where issuers are named, *supplied* the number of instruments the
    provider named if this is one of them (else 0), *listing* where the subjects of a market report's or calendar's headline
    stand (None for other stories), *business* that it speaks of business at all, *sport* that it is about sport, *everyday* by how many
    words the story is none of business, *epithet* that it calls somebody "the carrier" or the like.
    """
    told = [sight for sight in sights if not sight.aside]
    heads = [sight for sight in told if sight.field == "headline"]
    if listing is not None:
        heads = [sight for sight in heads if sight.start in listing]
    body = sorted(sight.start for sight in told if sight.field == "body_text")
    score = _BASE if told else 0.0
    if heads:
        beside = all(sight.oblique for sight in heads)
        # Where nobody else is named, "the carrier" of the copy is who stands beside the subject of the headline.
        resumed = epithet and business and not others and not everyday
        score += 0.5 if not beside else _RESUMED if resumed else 0.3 if len(body) > 1 else 0.1
    if body:
        score += _place(body[0], length) + min(0.24, 0.08 * (len(body) - 1))
        score += 0.15 * share if len(body) > (1 if heads or business else 2) else 0.0
    if told and not (business and heads) and all(sight.oblique for sight in told):
        score -= 0.15
    score += 0.15 if code_in_text else 0.0
    score += 0.3 if supplied else 0.0
    score -= min(0.45, 0.18 + 0.04 * everyday) if everyday else 0.0
    if body and not heads and not others and business and _begins(told):
        score += _SOLE
    if not heads:
        score -= min(0.3, 0.04 * max(0, others - 1))
        if listing is not None or others >= _CROWD:
            score = min(score, _WEAK_CAP)
    if (
        told
        and not code_in_text
        and (sport or not (business or _acts(told) or (epithet and not others and _begins(told))))
    ):
        score = min(score, _WEAK_CAP)
    if 0 < supplied <= _ROLL_CALL and not (listing is not None and not heads):
        score = max(score, _SUPPLIED_FLOOR)
    if sights and not told and not supplied:
        score = min(score, 0.3) or 0.2
    return round(min(1.0, max(0.0, score)), 3)


def _acts(told: Sequence[Sight]) -> bool:
    """Tell whether an issuer can be the subject of a story that does not speak of business: a headline begins with it."""
    return any(sight.front and sight.field == "headline" for sight in told) and not all(
        sight.oblique for sight in told
    )


def _begins(told: Sequence[Sight]) -> bool:
    """Tell whether an early sentence of the copy begins with the issuer, which is its subject then."""
    return any(sight.front and sight.field == "body_text" and sight.start < LEAD for sight in told)


def _place(first: int, length: int) -> float:
    """Return what the first place in a body of *length* characters is worth."""
    if first < LEAD:
        return 0.28 if first < _FIRST else 0.22
    return 0.1 * (1 - first / max(length, 1))
