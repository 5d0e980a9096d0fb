"""Counted views by story and hour, their totals, and how many visits were refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    select,
    update,
)

from depesche.model.audience import Spike
from depesche.model.story import PUBLIC
from depesche.store import schema
from depesche.store.audience.sums import AT_ONCE, add_up, known_stories

HOURS = 24
"""Hours of a day."""


class Views:
    """The tables of views, their totals and rejections. Hours and days are counted since 1970, UTC."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, views: Mapping[tuple[int, int], int]) -> None:
        """Add the differences of a batch, by (story, hour); stories that are gone are left out."""
        known = known_stories(self._connection, {story for story, _ in views})
        rows = [(story, hour, n) for (story, hour), n in sorted(views.items()) if n and story in known]
        totals: dict[int, int] = {}
        for story, _, n in rows:
            totals[story] = totals.get(story, 0) + n
        add_up(self._connection, _views, rows)
        add_up(self._connection, _totals, [(story, n) for story, n in totals.items() if n])

    def total(self, story: int) -> int:
        """Return how often *story* was viewed."""
        return self.totals([story])[story]

    def totals(self, stories: Collection[int]) -> dict[int, int]:
        """Return how often each of *stories* was viewed, 0 for those never counted."""
        found = dict.fromkeys(stories, 0)
        ordered = sorted(found)
        for start in range(0, len(ordered), AT_ONCE):
            some = ordered[start : start + AT_ONCE]
            query = select(_totals.c.story_id, _totals.c.n).where(_totals.c.story_id.in_(some))
            found.update((story, n) for story, n in self._connection.execute(query))
        return found

    def of_public(self, stories: Collection[int]) -> dict[int, int]:
        """Return how often each of *stories*, at most `AT_ONCE`, was viewed; those that readers may not see are left out."""
        found = self._connection.execute(_of_public, {"stories": list(stories)})
        return {int(story): int(n) for story, n in found}

    def sum(self, since_hour: int) -> int:
        """Return how many views there were from *since_hour* on, of all stories."""
        query = select(func.coalesce(func.sum(_views.c.n), 0)).where(_views.c.hour >= since_hour)
        return int(self._connection.scalar(query) or 0)

    def series(self, story: int, since_hour: int) -> list[tuple[int, int]]:
        """Return (hour, views) of *story* from *since_hour* on, in order, without the hours that had none."""
        query = (
            select(_views.c.hour, _views.c.n)
            .where(_views.c.story_id == story, _views.c.hour >= since_hour, _views.c.n != 0)
            .order_by(_views.c.hour)
        )
        return [(hour, n) for hour, n in self._connection.execute(query)]

    def days_of_instrument(self, instrument: int, since_day: int) -> list[tuple[int, int]]:
        """Return (day, views) of the stories about the instrument in row *instrument*, without the days that had none."""
        day = _day()
        n = func.sum(_views.c.n)
        query = (
            select(day, n)
            .join(_stories, _stories.c.id == _views.c.story_id)
            .join(
                _mentions,
                (_mentions.c.story_id == _stories.c.id) & (_mentions.c.version_id == _stories.c.current_id),
            )
            .where(
                _mentions.c.instrument_id == instrument,
                _mentions.c.published,
                _stories.c.state == PUBLIC,
                _views.c.hour >= since_day * HOURS,
            )
            .group_by(day)
            .having(n != 0)
            .order_by(day)
        )
        return [(int(on), int(views)) for on, views in self._connection.execute(query)]

    def days(self, first_day: int, last_day: int) -> Iterator[tuple[int, int, str | None, str, int]]:
        """Yield (day, story, headline, provider, views) from *first_day* to *last_day*, in order; no headline once a story is gone."""
        day = _day()
        n = func.sum(_views.c.n)
        query = (
            select(day, _views.c.story_id, _versions.c.headline, _stories.c.provider, n)
            .join(_stories, _stories.c.id == _views.c.story_id)
            .outerjoin(_versions, (_versions.c.id == _stories.c.current_id) & (_stories.c.state == PUBLIC))
            .where(_views.c.hour >= first_day * HOURS, _views.c.hour < (last_day + 1) * HOURS)
            .group_by(day, _views.c.story_id, _versions.c.headline, _stories.c.provider)
            .having(n != 0)
            .order_by(day, _views.c.story_id)
        )
        rows = self._connection.execution_options(yield_per=1_000).execute(query)
        for on, story, headline, provider, views in rows:
            yield int(on), story, headline, provider, int(views)

    # -- spikes ----------------------------------------------------------------------------------

    def loud(self, hour: int, least: int) -> dict[int, int]:
        """Return the stories with more than *least* views in *hour*, with their number."""
        query = select(_views.c.story_id, _views.c.n).where(_views.c.hour == hour, _views.c.n > least)
        return {int(row.story_id): int(row.n) for row in self._connection.execute(query)}

    def busiest(self, since_hour: int, until_hour: int) -> float:
        """Return how many views the most viewed story of an hour had, on average of the hours with any; *until_hour* is left out."""
        most = (
            select(func.max(_views.c.n).label("n"))
            .where(_views.c.hour >= since_hour, _views.c.hour < until_hour)
            .group_by(_views.c.hour)
            .subquery()
        )
        return float(self._connection.scalar(select(func.avg(most.c.n))) or 0.0)

    def before(self, story: int, hour: int, since_hour: int) -> tuple[int, int | None]:
        """Return the views of *story* from *since_hour* to before *hour*, and the first hour in which it had any."""
        query = select(
            func.coalesce(
                func.sum(case(((_views.c.hour >= since_hour) & (_views.c.hour < hour), _views.c.n), else_=0)),
                0,
            ),
            func.min(_views.c.hour),
        ).where(_views.c.story_id == story)
        n, first = self._connection.execute(query).one()
        return int(n), first

    def mark_spikes(self, spikes: Iterable[Spike]) -> list[Spike]:
        """Keep *spikes* and return the new ones; one that is kept already grows."""
        new: list[Spike] = []
        for one in spikes:
            key = (_spikes.c.story_id == one.story) & (_spikes.c.hour == one.hour)
            values = {"n": one.views, "usual": one.usual}
            if not self._connection.execute(update(_spikes).where(key).values(values)).rowcount:
                self._connection.execute(insert(_spikes).values(story_id=one.story, hour=one.hour, **values))
                new.append(one)
        return new

    def spikes(self, since_hour: int) -> list[Spike]:
        """Return the spikes from *since_hour* on, the newest first."""
        query = (
            select(_spikes.c.story_id, _spikes.c.hour, _spikes.c.n, _spikes.c.usual)
            .where(_spikes.c.hour >= since_hour)
            .order_by(_spikes.c.hour.desc(), _spikes.c.n.desc(), _spikes.c.story_id)
        )
        return [Spike(*row) for row in self._connection.execute(query)]

    # -- refused ---------------------------------------------------------------------------------

    def reject(self, rejected: Mapping[tuple[int, str], int]) -> None:
        """Add the refused visits of a batch, by (day, reason)."""
        rows = [(day, reason, n) for (day, reason), n in sorted(rejected.items()) if n]
        add_up(self._connection, schema.rejections, rows)

    def rejections(self, first_day: int, last_day: int) -> dict[tuple[int, str], int]:
        """Return the refused visits by (day, reason), both days included."""
        table = schema.rejections
        query = (
            select(table.c.day, table.c.reason, table.c.n)
            .where(table.c.day.between(first_day, last_day))
            .order_by(table.c.day, table.c.reason)
        )
        return {(day, reason): n for day, reason, n in self._connection.execute(query)}


def _day() -> ColumnElement[int]:
    """Return the day of an hour; both databases divide whole numbers to whole numbers."""
    return literal_column("views.hour / 24", Integer)


_views = schema.views
_stories = schema.stories
_versions = schema.versions
_mentions = schema.mentions
_spikes = schema.spikes
_totals = schema.view_totals
_of_public = (
    select(_stories.c.id, func.coalesce(_totals.c.n, 0))
    .outerjoin(_totals, _totals.c.story_id == _stories.c.id)
    .where(_stories.c.id.in_(bindparam("stories", expanding=True)), _stories.c.state == PUBLIC)
)
