"""Counted views by story and hour, their totals, and how many visits were refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, func, select

from depesche.store import schema
from depesche.store.sums import AT_ONCE, add_up, known_stories


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

    def most_read(self, since_hour: int, limit: int) -> list[tuple[int, int]]:
        """Return (story, views) from *since_hour* on, the most viewed first, of equal ones the newer first.

        Includes stories that are not public; the newsstand knows which are.
        """
        n = func.sum(_views.c.n)
        query = (
            select(_views.c.story_id, n)
            .where(_views.c.hour >= since_hour)
            .group_by(_views.c.story_id)
            .having(n > 0)
            .order_by(n.desc(), _views.c.story_id.desc())
            .limit(limit)
        )
        return [(story, int(views)) for story, views in self._connection.execute(query)]

    def series(self, story: int, since_hour: int) -> list[tuple[int, int]]:
        """Return (hour, views) of *story* from *since_hour* on, in order, without the hours that had none."""
        query = (
            select(_views.c.hour, _views.c.n)
            .where(_views.c.story_id == story, _views.c.hour >= since_hour, _views.c.n != 0)
            .order_by(_views.c.hour)
        )
        return [(hour, n) for hour, n in self._connection.execute(query)]

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


_views = schema.views
_totals = schema.view_totals
