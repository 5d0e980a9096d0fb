"""How far long runs have come, so that they can be gone on with."""

from __future__ import annotations

from sqlalchemy import Connection, select

from depesche.store import schema
from depesche.store.sql import insert


class Chores:
    """The table of long runs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def position(self, name: str) -> int:
        """Return how far the run called *name* has come, 0 where it has not begun."""
        return int(self._connection.execute(select(_t.c.position).where(_t.c.name == name)).scalar() or 0)

    def reach(self, name: str, position: int) -> None:
        """Note that everything up to *position* is done."""
        statement = insert(self._connection, _t).values({"name": name, "position": position})
        again = {"position": statement.excluded.position}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=again))

    def finish(self, name: str) -> None:
        """Note that the run is over; the next one of that name begins anew."""
        self._connection.execute(_t.delete().where(_t.c.name == name))


_t = schema.chores
