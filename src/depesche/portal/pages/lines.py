"""Stories as lines of a list, grouped by day, with the way to older ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from urllib.parse import urlencode

from depesche.lib.clock import epoch
from depesche.model import paths
from depesche.model.rights import shown_pictures, shown_teaser
from depesche.model.story import CORRECTION, AlsoRead, Card, Picture, ShareRef
from depesche.model.take import Series
from depesche.portal.ask import Ask
from depesche.portal.site import Site, provider_slug

PER_PAGE = 50
MOST_CHIPS = 3
_FRESH = timedelta(minutes=20)
_BREAKING = 2  # IPTC urgency
_FURTHEST = 1e11  # seconds: what a cursor may say of a time


@dataclass(frozen=True, slots=True)
class Line:
    """A story as one line: everything is ready to be set."""

    story: int
    path: str
    at: datetime
    label: str | None
    headline: str
    language: str
    provider: str
    provider_path: str
    shares: tuple[ShareRef, ...]
    more_shares: int
    views: int
    teaser: str | None
    picture: Picture | None
    is_fresh: bool
    is_breaking: bool
    is_corrected: bool
    is_sponsored: bool
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Beside:
    """A story beside another: its line there, why it stands there, and whether its headline has marks."""

    kind: str
    path: str
    at: datetime
    label: str | None
    headline: str
    language: str
    provider: str
    is_breaking: bool
    is_sponsored: bool
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of one day in the portal's zone."""

    at: datetime
    lines: tuple[Line, ...]


def line(site: Site, card: Card) -> Line:
    """Return *card* as a line, with no more of it than its wire's rights allow."""
    rights = site.newsroom.rights(card.wire)
    return Line(
        story=card.story, path=paths.story(card.story, card.slug), at=card.at, label=label(card.series),
        headline=card.headline, language=card.language, provider=card.provider,
        provider_path=paths.provider(provider_slug(card.provider)),
        shares=card.shares[:MOST_CHIPS], more_shares=max(len(card.shares) - MOST_CHIPS, 0), views=card.views,
        teaser=shown_teaser(card, rights), picture=next(iter(shown_pictures((card.picture,) if card.picture else (), rights)), None),
        is_fresh=card.at > site.newsroom.clock.now() - _FRESH,
        is_breaking=_is_breaking(card.urgency),
        is_corrected=card.action == CORRECTION, is_sponsored=card.sponsored,
        copies=card.copies,
    )  # fmt: skip


def lines(site: Site, cards: Sequence[Card]) -> list[Line]:
    """Return *cards* as lines, in their order."""
    return [line(site, card) for card in cards]


def beside(one: AlsoRead, language: str) -> Beside:
    """Return the line of *one* beside another story, on a page in *language*; no rights keep headline and provider back."""
    over, is_breaking = label(one.series), _is_breaking(one.urgency)
    return Beside(
        kind=one.kind, path=paths.story(one.story, one.slug), at=one.at, label=over, headline=one.headline,
        language=one.language, provider=one.provider, is_breaking=is_breaking, is_sponsored=one.sponsored,
        is_marked=bool(over) or is_breaking or one.sponsored or one.language[:2] != language,
    )  # fmt: skip


def by_day(site: Site, language: str, found: Sequence[Line]) -> list[Day]:
    """Return the lines *found*, newest first, parted by the days of the portal's zone."""
    day_of = site.speech[language].day_of
    days = [(list(group)) for _, group in groupby(found, key=lambda one: day_of(one.at))]
    return [Day(group[0].at, tuple(group)) for group in days]


def label(series: Series | None) -> str | None:
    """Return what stands over a headline: the label, its number and its topic."""
    if series is None:
        return None
    kind = f"{series.kind} {series.number}" if series.number else series.kind
    return f"{kind} · {series.topic}" if series.topic else kind


def _is_breaking(urgency: int | None) -> bool:
    return urgency is not None and 0 < urgency <= _BREAKING


def before(ask: Ask) -> tuple[float, int] | None:
    """Return the place after which the list is to go on, None at its beginning or where the address makes no sense."""
    seconds, _, story = ask.query.get("before", "").partition("_")
    try:
        place = float(seconds), int(story)
    except ValueError:
        return None
    return place if abs(place[0]) < _FURTHEST and 0 < place[1] < 2**63 else None


def older(path: str, cards: Sequence[Card], full: bool, **more: str) -> str | None:
    """Return the address of what comes after *cards*, None where they are not a *full* page."""
    if not full or not cards:
        return None
    last = cards[-1]
    return f"{path}?{urlencode({**more, 'before': f'{epoch(last.at)!r}_{last.story}'})}"


def tags(cards: Sequence[Card], *more: str) -> frozenset[str]:
    """Return the tags of a list made of *cards*: it changes when one of them, or the chain of one, does."""
    return frozenset({*more, *(f"s{one.story}" for one in cards), *(f"l{one.lineage}" for one in cards)})
