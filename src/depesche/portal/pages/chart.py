"""Views over time as a small drawing: a thin line over a tint, its ends in words, and a table for those who do not see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from markupsafe import Markup, escape

from depesche.lib.clock import epoch, from_epoch
from depesche.model.audience import CHARTED, HOUR
from depesche.portal.i18n import Speech
from depesche.portal.site import trusted

WIDTH, HEIGHT = 320, 56
_TOP = 3  # room for the line's own breadth
_HOURS = 48  # from here on a chart goes by the day
_DAYS = 30


@dataclass(frozen=True, slots=True)
class Point:
    """Views of an hour or a day, and how that is called."""

    when: str
    n: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart ready to be set: `line` and `area` are paths within `WIDTH` by `HEIGHT`, `rows` those of its table."""

    by_hour: bool
    points: tuple[Point, ...]
    line: str
    area: str
    rows: Markup

    @property
    def first(self) -> Point:
        """The earliest point."""
        return self.points[0]

    @property
    def last(self) -> Point:
        """The latest point; its hour or day still runs."""
        return self.points[-1]

    @property
    def total(self) -> int:
        """The views of all points."""
        return sum(point.n for point in self.points)


def of_hours(series: Sequence[tuple[int, int]], speech: Speech, now: datetime) -> Chart | None:
    """Return the chart of (hour since 1970, views), by the hour for two days, then by the day of the portal's zone.

    None where there are too few views or no second point.
    """
    if sum(n for _, n in series) < CHARTED:
        return None
    first, last = series[0][0], max(int(epoch(now) // HOUR), series[-1][0])
    if last - first < _HOURS:
        counted = dict(series)
        hours = range(first, last + 1)
        return _chart(
            [Point(speech.when(from_epoch(hour * HOUR), "brief"), counted.get(hour, 0)) for hour in hours],
            speech,
            by_hour=True,
        )
    days: dict[date, int] = {}
    for hour, n in series:
        day = speech.day_of(from_epoch(hour * HOUR))
        days[day] = days.get(day, 0) + n
    return _of_days(days, speech, speech.day_of(now))


def of_days(series: Iterable[tuple[int, int]], speech: Speech, now: datetime) -> Chart | None:
    """Return the chart of (day since 1970, UTC, views) to today; None where there are too few views or no second point."""
    days = {date(1970, 1, 1) + timedelta(days=day): n for day, n in series}
    return _of_days(days, speech, now.date()) if sum(days.values()) >= CHARTED else None


def _of_days(days: dict[date, int], speech: Speech, today: date) -> Chart | None:
    last = max(today, *days)
    first = max(min(days), last - timedelta(days=_DAYS - 1))
    counted = [Point(said, days.get(day, 0)) for day, said in _span(speech, first, last)]
    return _chart(counted, speech, by_hour=False)


@lru_cache(maxsize=256)
def _span(speech: Speech, first: date, last: date) -> tuple[tuple[date, str], ...]:
    """Return the days from *first* to *last*, and how each is called; every chart of a day has much the same."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return tuple((day, speech.day(day)) for day in days)


def _chart(points: list[Point], speech: Speech, *, by_hour: bool) -> Chart | None:
    if len(points) < 2:
        return None
    most = max(1, *(point.n for point in points))
    places = [f"{x} {_up(point.n, most)}" for x, point in zip(_across(len(points)), points, strict=True)]
    line = "M" + "L".join(places)
    rows = "".join(_row(point.when, speech.number(point.n)) for point in points)
    return Chart(by_hour, tuple(points), line, f"{line}L{WIDTH} {HEIGHT}L0 {HEIGHT}Z", trusted(rows))


@lru_cache(maxsize=64)
def _across(n: int) -> tuple[str, ...]:
    """Return where each of *n* points stands, from left to right."""
    step = WIDTH / (n - 1)
    return tuple(f"{round(place * step, 1):g}" for place in range(n))


def _up(n: int, most: int) -> str:
    return f"{round(HEIGHT - (HEIGHT - _TOP) * n / most, 1):g}" if n > 0 else str(HEIGHT)


@lru_cache(maxsize=4096)
def _row(when: str, n: str) -> str:
    return f'<tr><th scope="row">{escape(when)}</th><td>{escape(n)}</td></tr>'
