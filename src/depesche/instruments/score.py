"""How much a story is about an issuer: headline, lead, count, place, and how many others are named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from depesche.model.take import Take

LEAD = 350
_ROLL_CALL = 8
_BASE = 0.12
_WEAK_CAP = 0.45
_SUPPLIED_FLOOR = 0.6
_LISTS = re.compile(
    r"(?:(?:ROUNDUP|WDH|KORREKTUR|UPDATE)\s?\d*[/:]\s?)*"
    r"(?:AKTIEN\b(?!-)|TAGESVORSCHAU|WOCHENVORSCHAU|WOCHENAUSBLICK|TAGESAUSBLICK|TERMINE\b|(?:DPA-AFX )?ÜBERBLICK|"
    r"KURSE\b|DEVISEN\b|MARKET (?:WRAP|REPORT)|STOCKS\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sight:
    """One place where an issuer is named: its field, its place in it, and whether it is only an aside."""

    field: str
    start: int
    aside: bool


def is_list(take: Take) -> bool:
    """Tell whether the story is a market report or a calendar, which names many and is about few."""
    kind = take.series.kind if take.series else ""
    return bool(_LISTS.match(kind) or _LISTS.match(take.headline_raw) or _LISTS.match(take.headline))


def relevance(
    sights: Sequence[Sight], *, length: int, others: int, supplied: int, code_in_text: bool, listing: bool
) -> float:
    """Return between 0 and 1 how much the story is about an issuer.

    *length* is the body's in characters, *others* the number of other issuers in the
    story, *supplied* the number of instruments the provider named if this is one of
    them (else 0), *listing* that the story is a market report or calendar.
    """
    told = [sight for sight in sights if not sight.aside]
    headline = any(sight.field == "headline" for sight in told)
    body = sorted(sight.start for sight in told if sight.field == "body_text")
    score = _BASE if told else 0.0
    score += 0.5 if headline else 0.0
    if body:
        score += 0.25 if body[0] < LEAD else 0.1 * (1 - body[0] / max(length, 1))
        score += min(0.24, 0.08 * (len(body) - 1))
    score += 0.15 if code_in_text else 0.0
    score += 0.3 if supplied else 0.0
    if not headline:
        score -= min(0.3, 0.06 * max(0, others - 1))
        if listing:
            score = min(score, _WEAK_CAP)
    if 0 < supplied <= _ROLL_CALL and not (listing and not headline):
        score = max(score, _SUPPLIED_FLOOR)
    if sights and not told and not supplied:
        score = min(score, 0.3) or 0.2
    return round(min(1.0, max(0.0, score)), 3)
