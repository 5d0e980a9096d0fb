"""Many readers at once: what benches fill a database with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from sqlalchemy import Connection

from depesche.store import schema

_AT_ONCE = 100_000


class Bulk:
    """Enters readers and confirmed subscriptions without a look at what is there."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def subscribers(self, first: int, last: int, at: float) -> None:
        """Enter subscribers with the keys from *first* to *last*, at addresses made of them."""
        rows = (
            (key, f"reader.{key}@r.example", f"reader.{key}@r.example", "de", at)
            for key in range(first, last + 1)
        )
        self._insert(_p.name, ("id", "address", "identity", "language", "created_at"), rows)

    def subscriptions(self, pairs: Iterable[tuple[int, int]], at: float) -> None:
        """Let subscribers follow targets, given as pairs of keys; each counts from *at* on."""
        rows = ((reader, target, at, at) for reader, target in pairs)
        self._insert(_s.name, ("subscriber_id", "target_id", "created_at", "confirmed_at"), rows)

    def _insert(self, table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
        mark = "?" if self._connection.dialect.paramstyle == "qmark" else "%s"
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(mark for _ in columns)})"
        waiting = iter(rows)
        while some := list(islice(waiting, _AT_ONCE)):
            self._connection.exec_driver_sql(statement, some)


_p = schema.subscribers
_s = schema.subscriptions
