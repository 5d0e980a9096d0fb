"""Statements that are asked all the time: written once for each database, and then handed to its driver itself.

SQLAlchemy looks a statement up by all it consists of, each time, and wraps what comes back; for a short one that costs five times what
running it does.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Column, Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite

Given = Mapping[str, object]
_NOTHING: Given = {}


class Prepared:
    """A statement whose parameters are numbers, texts, bytes or None; a list is given as JSON to `among`.

    Where the databases say it differently, *statement* makes it for a dialect of that name. Rows have the names of the columns. Values
    come as the driver has them: SQLite's booleans as numbers.
    """

    def __init__(self, statement: Executable | Callable[[str], Executable]) -> None:
        self._statement = statement
        self._written: dict[tuple[str, tuple[str, ...]], _Written] = {}

    def all(self, connection: Connection, given: Given = _NOTHING) -> list[Any]:
        """Return every row."""
        written = self._for(connection, given)
        found = _driver(connection).execute(written.text, written.values(given))
        return list(map(written.row(found), found.fetchall()))

    def parts(self, connection: Connection, given: Given, size: int) -> Iterator[list[tuple[Any, ...]]]:
        """Yield every row, *size* at a time, without names."""
        written = self._for(connection, given)
        found = _driver(connection).execute(written.text, written.values(given))
        while rows := found.fetchmany(size):
            yield rows

    def first(self, connection: Connection, given: Given = _NOTHING) -> Any | None:
        """Return the first row, None where there is none."""
        written = self._for(connection, given)
        found = _driver(connection).execute(written.text, written.values(given))
        row = found.fetchone()
        return None if row is None else written.row(found)(row)

    def scalar(self, connection: Connection, given: Given = _NOTHING) -> Any | None:
        """Return the first column of the first row, None where there is none."""
        written = self._for(connection, given)
        row = _driver(connection).execute(written.text, written.values(given)).fetchone()
        return None if row is None else row[0]

    def run(self, connection: Connection, given: Given = _NOTHING) -> int:
        """Return how many rows were changed."""
        written = self._for(connection, given)
        return int(_driver(connection).execute(written.text, written.values(given)).rowcount)

    def run_all(self, connection: Connection, rows: Sequence[Given]) -> None:
        """Run it with the parameters of each of *rows*, which have the same names; without rows nothing is done."""
        if rows:
            written = self._for(connection, rows[0])
            _driver(connection).cursor().executemany(written.text, list(map(written.values, rows)))

    def insert(self, connection: Connection, row: Given) -> int:
        """Return the key of the row that this INSERT has made."""
        written = self._for(connection, row)
        made = _driver(connection).execute(written.text, written.values(row))
        return int(made.lastrowid if connection.dialect.name == "sqlite" else made.fetchone()[0])

    def _for(self, connection: Connection, given: Given) -> _Written:
        key = (connection.dialect.name, tuple(given))
        written = self._written.get(key)
        if written is None:
            statement = self._statement
            said = statement if isinstance(statement, Executable) else statement(key[0])
            written = self._written[key] = _Written(said, connection, key[1])
        return written


def new_rows(table: Table, *returning: Column[Any]) -> Prepared:
    """Return an INSERT that leaves alone what is there, and returns the columns *returning* of a row that is new."""

    def statement(dialect: str) -> Executable:
        made = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(
            table
        ).on_conflict_do_nothing()
        return made.returning(*returning) if returning else made

    return Prepared(statement)


class _Written:
    """A statement in the words of one database, with certain parameters."""

    def __init__(self, statement: Any, connection: Connection, names: tuple[str, ...]) -> None:
        columns = list(names) if statement.is_dml else None
        compiled: Any = statement.compile(dialect=connection.dialect, column_keys=columns)
        self.text = str(compiled)
        self._otherwise = {name: value for name, value in compiled.params.items() if name not in names}
        if statement.is_insert:
            self._otherwise |= {one.key: one.default.arg for one in compiled.insert_prefetch}
        self._places: tuple[str, ...] | None = getattr(compiled, "positiontup", None)
        self._row: Callable[[tuple[Any, ...]], Any] | None = None

    def values(self, given: Given) -> Any:
        """Return *given* as the driver wants it."""
        if self._otherwise:
            given = {**self._otherwise, **given}
        return given if self._places is None else [given[name] for name in self._places]

    def row(self, found: Any) -> Callable[[tuple[Any, ...]], Any]:
        """Return what makes a row of what the driver returns."""
        if self._row is None:
            names = [one[0] for one in found.description]
            kind = cast("Any", namedtuple)("Row", names, rename=True)  # noqa: PYI024
            self._row = kind._make
        return self._row


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection
