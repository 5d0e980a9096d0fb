"""Which story was read after which: weights that only need adding up, and how other processes hear of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from depesche.lib.clock import epoch
from depesche.store import schema
from depesche.store.audience.sums import add_up, known_stories

Rows = dict[tuple[int, int, int], float]
"""Weights by (day since 1970, i, j)."""

_PART = 10_000
_NO_STEPS: Mapping[tuple[int, int, int], int] = {}


class Coreads:
    """The tables of co-reads. Days are counted since 1970, UTC; each weight is grown from its day's midnight."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        coreads: Mapping[tuple[int, int, int], float],
        steps: Mapping[tuple[int, int, int], int] = _NO_STEPS,
    ) -> None:
        """Add the weights and steps of a batch, by (day, i, j); pairs with a story that is gone are left out."""
        stories = {i for _, i, _ in coreads} | {j for _, _, j in coreads}
        known = known_stories(self._connection, stories)
        keys = sorted(coreads)
        if len(known) < len(stories):
            keys = [(day, i, j) for day, i, j in keys if i in known and j in known]
        rows = [(*key, steps.get(key, 0), coreads[key]) for key in keys]
        add_up(self._connection, _coreads, rows)

    def since(self, day: int) -> Rows:
        """Return the weights from *day* on, as a batch has them."""
        query = select(_coreads.c.day, _coreads.c.i, _coreads.c.j, _coreads.c.w).where(_coreads.c.day >= day)
        return {(on, i, j): weight for on, i, j, weight in self._connection.execute(query)}

    def parts_since(self, day: int) -> Iterator[Rows]:
        """Yield the same weights in parts: there may be millions."""
        query = select(_coreads.c.day, _coreads.c.i, _coreads.c.j, _coreads.c.w).where(_coreads.c.day >= day)
        found = self._connection.execution_options(yield_per=_PART).execute(query)
        for part in found.partitions():
            yield {(on, i, j): weight for on, i, j, weight in part}

    def went_on(self, story: int, since_day: int) -> dict[int, int]:
        """Return how many readers went on from *story* to each other one, from *since_day* on."""
        n = func.sum(_coreads.c.n)
        query = (
            select(_coreads.c.j, n)
            .where(_coreads.c.i == story, _coreads.c.j != story, _coreads.c.day >= since_day)
            .group_by(_coreads.c.j)
            .having(n > 0)
        )
        return {other: int(readers) for other, readers in self._connection.execute(query)}

    def drop_before(self, day: int) -> int:
        """Delete the rows of days before *day*, which no list needs any more; return how many."""
        return self._connection.execute(delete(_coreads).where(_coreads.c.day < day)).rowcount

    # -- between processes -----------------------------------------------------------------------

    def tell(self, source: str, coreads: Mapping[tuple[int, int, int], float], at: datetime) -> None:
        """Let other processes know what *source* has added of late."""
        rows = json.dumps([[*key, weight] for key, weight in coreads.items()], separators=(",", ":"))
        self._connection.execute(insert(_news).values(source=source, at=epoch(at), rows_json=rows))

    def numbers_told(self) -> set[int]:
        """Return the numbers of all news that are not forgotten yet."""
        return set(self._connection.scalars(select(_news.c.id)))

    def told(self, since: int, source: str, known: Collection[int] = ()) -> list[tuple[int, Rows]]:
        """Return what others than *source* told after number *since*, those numbered as in *known* left out."""
        query = (
            select(_news.c.id, _news.c.rows_json)
            .where(_news.c.id > since, _news.c.source != source)
            .order_by(_news.c.id)
        )
        return [
            (int(key), {(day, i, j): weight for day, i, j, weight in json.loads(rows)})
            for key, rows in self._connection.execute(query)
            if key not in known
        ]

    def forget_told(self, before: datetime) -> None:
        """Delete news from before *before*: everybody has heard it."""
        self._connection.execute(delete(_news).where(_news.c.at < epoch(before)))


_coreads = schema.coreads
_news = schema.coread_news
