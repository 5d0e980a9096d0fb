"""Which story was read after which: weights that only need adding up."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, delete, select

from depesche.store import schema
from depesche.store.sums import add_up, known_stories


class Coreads:
    """The table of co-reads. Days are counted since 1970, UTC; each weight is grown from its day's midnight."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, coreads: Mapping[tuple[int, int, int], float]) -> None:
        """Add the weights of a batch, by (day, i, j); pairs with a story that is gone are left out."""
        known = known_stories(self._connection, {story for _, *pair in coreads for story in pair})
        rows = [
            (day, i, j, weight)
            for (day, i, j), weight in sorted(coreads.items())
            if i in known and j in known
        ]
        add_up(self._connection, _coreads, rows)

    def since(self, day: int) -> dict[tuple[int, int, int], float]:
        """Return the weights from *day* on, as a batch has them."""
        query = select(_coreads.c.day, _coreads.c.i, _coreads.c.j, _coreads.c.w).where(_coreads.c.day >= day)
        return {(on, i, j): weight for on, i, j, weight in self._connection.execute(query)}

    def drop_before(self, day: int) -> int:
        """Delete the rows of days before *day*, which no list needs any more; return how many."""
        return self._connection.execute(delete(_coreads).where(_coreads.c.day < day)).rowcount


_coreads = schema.coreads
