"""The archive: months, their days, and for each day all its stories; days are those of the portal's zone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from depesche.model import paths
from depesche.model.errors import NotFound
from depesche.portal.ask import Ask, Page
from depesche.portal.i18n import Speech
from depesche.portal.pages import lines
from depesche.portal.site import Site
from depesche.store.database import Transaction

PER_PAGE = 100
_MONTH = 7  # characters of a day's name that name its month
_PERIOD = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?", re.ASCII)
_DAY = timedelta(days=1)
_COUNTS = frozenset({"archive"})  # dropped by age alone: numbers of stories may be a minute old


@dataclass(frozen=True, slots=True)
class Day:
    """A day with its stories counted."""

    at: datetime
    path: str
    n: int


@dataclass(frozen=True, slots=True)
class Step:
    """The way to the nearest month or day before or after, where there is one."""

    at: datetime
    path: str


def show(site: Site, ask: Ask) -> Page:
    """Return the months of which there are stories, with the days of the newest."""
    speech = site.speech[ask.language]
    with site.newsroom.database.reading() as tx:
        months = list(_months(tx, speech))
        days = _days(tx, speech, months[0]) if months else []
    starts = [_begin(speech, one) for one in months]
    what = {
        "years": [
            (year, [(at, paths.archive(at.date().isoformat()[:_MONTH])) for at in reversed(list(group))])
            for year, group in groupby(starts, key=lambda at: at.year)
        ],
        "newest": starts[0] if starts else None,
        "days": days,
    }
    return Page(site.print("archive.html", ask.language, what, path=paths.ARCHIVE), tags=_COUNTS)


def show_period(site: Site, ask: Ask) -> Page:
    """Return a month with its days, or a day with its stories.

    Raises:
        NotFound: that is neither, or there are no stories of it.
    """
    found = _PERIOD.fullmatch(ask.values["period"])
    try:
        first = date(int(found[1]), int(found[2]), int(found[3] or 1)) if found else None
        after = None if first is None else first + _DAY if found and found[3] else _next_month(first)
    except (ValueError, OverflowError):
        first = after = None
    if found is None or first is None or after is None:
        raise NotFound(ask.values["period"])
    return _day(site, ask, first, after) if found[3] else _month(site, ask, first, after)


def _month(site: Site, ask: Ask, first: date, after: date) -> Page:
    speech = site.speech[ask.language]
    since, until = _begin(speech, first), _begin(speech, after)
    with site.newsroom.database.reading() as tx:
        days = _days(tx, speech, first)
        before, later = tx.archive.beside(since, until)
    if not days:
        raise NotFound(ask.path)
    what = {
        "at": since,
        "days": days,
        "before": _step(speech, before, _MONTH),
        "after": _step(speech, later, _MONTH),
    }
    path = paths.archive(first.isoformat()[:_MONTH])
    return Page(site.print("archive_month.html", ask.language, what, path=path), tags=_COUNTS)


def _day(site: Site, ask: Ask, first: date, after: date) -> Page:
    speech = site.speech[ask.language]
    since, until = _begin(speech, first), _begin(speech, after)
    place = lines.before(ask)
    with site.newsroom.database.reading() as tx:
        cards = tx.newsstand.of_span(since, until, PER_PAGE + 1, place)
        before, later = tx.archive.beside(since, until)
    if not cards:
        raise NotFound(ask.path)
    full, cards = len(cards) > PER_PAGE, cards[:PER_PAGE]
    path = paths.archive(first.isoformat())
    what = {
        "at": since,
        "month_path": paths.archive(first.isoformat()[:_MONTH]),
        "rows": lines.lines(site, cards),
        "is_first": place is None,
        "older": lines.older(path, cards, full),
        "before": _step(speech, before),
        "after": _step(speech, later),
    }
    body = site.print("archive_day.html", ask.language, what, path=path)
    # Of a day that is over, only what happens to its own stories changes the page.
    goes_on = until > site.newsroom.clock.now()
    return Page(body, tags=lines.tags(cards, *(("home",) if goes_on else ())))


def _months(tx: Transaction, speech: Speech) -> Iterator[date]:
    """Yield the first days of months with stories, the newest first; months without any are stepped over."""
    span = tx.archive.span()
    newest = span[1] if span else None
    while newest is not None:
        month = speech.day_of(newest).replace(day=1)
        yield month
        newest, _ = tx.archive.beside(_begin(speech, month), newest)


def _days(tx: Transaction, speech: Speech, month: date) -> list[Day]:
    """Return the days of *month* that have stories, the newest first."""
    end, day, found = _next_month(month), month, []
    while day < end:
        since = _begin(speech, day)
        if n := tx.archive.count(since, _begin(speech, day + _DAY)):
            found.append(Day(since, paths.archive(day.isoformat()), n))
        day += _DAY
    return found[::-1]


def _step(speech: Speech, at: datetime | None, length: int | None = None) -> Step | None:
    return None if at is None else Step(at, paths.archive(speech.day_of(at).isoformat()[:length]))


def _begin(speech: Speech, day: date) -> datetime:
    """Return the moment at which *day* begins in the portal's zone."""
    return datetime.combine(day, time(), speech.zone)


def _next_month(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)
