"""Add many differences to a table in one go; the busiest writes of all, so they skip what they can."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

from sqlalchemy import Connection, Dialect, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from depesche.store import schema

AT_ONCE = 500
"""Keys asked for in one query."""


def add_up(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert *rows*, each a value for every column of *table*, or add to what is no key where the key exists.

    Rows should be sorted by key, so that two writers never wait for each other.
    """
    if not rows:
        return
    statement, names = _statement(connection.dialect, table)
    if names is None:
        connection.exec_driver_sql(statement, list(rows))
    else:
        connection.exec_driver_sql(statement, [dict(zip(names, row, strict=True)) for row in rows])


def known_stories(connection: Connection, stories: Collection[int]) -> set[int]:
    """Return those of *stories* that exist; others may have been purged since they were read."""
    found: set[int] = set()
    ordered = sorted(stories)
    for start in range(0, len(ordered), AT_ONCE):
        some = ordered[start : start + AT_ONCE]
        found.update(connection.scalars(select(schema.stories.c.id).where(schema.stories.c.id.in_(some))))
    return found


@lru_cache(maxsize=16)
def _statement(dialect: Dialect, table: Table) -> tuple[str, list[str] | None]:
    """Return the upsert as the driver wants it, and the names of its values unless it takes them in order."""
    is_postgresql = dialect.name == "postgresql"
    insert = postgresql.insert(table) if is_postgresql else sqlite.insert(table)
    key = list(table.primary_key.columns)
    sums = {one.name: one + insert.excluded[one.name] for one in table.columns if one not in set(key)}
    summed = insert.on_conflict_do_update(index_elements=key, set_=sums)
    names = [column.name for column in table.columns]
    compiled = summed.compile(dialect=dialect, column_keys=names)
    if not compiled.positional:
        return str(compiled), names
    assert compiled.positiontup == names
    return str(compiled), None
