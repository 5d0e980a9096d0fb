"""The few things SQLite and PostgreSQL say differently, and JSON columns."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from types import GenericAlias
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    Text,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NULLTYPE

from depesche.lib.clock import from_epoch

T = TypeVar("T")


class among(FunctionElement[Any]):  # noqa: N801
    """`among(column, bindparam("keys"))`: the column holds one of the numbers in a JSON array, however many there are.

    An IN with thousands of parameters is dearer to write than to run, and both databases bound it.
    """

    inherit_cache = True
    type = NULLTYPE  # of a Boolean, SQLite would be asked whether it equals 1, and find no index for that


@compiles(among, "sqlite")
def _among_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    column, keys = element.clauses
    return f"{compiler.process(column, **more)} IN (SELECT value FROM json_each({compiler.process(keys, **more)}))"


@compiles(among, "postgresql")
def _among_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    column, keys = element.clauses
    texts = f"json_array_elements_text(CAST({compiler.process(keys, **more)} AS json))"
    return f"{compiler.process(column, **more)} = ANY(ARRAY(SELECT CAST({texts} AS bigint)))"


class among_texts(among):  # noqa: N801
    """The same of texts."""

    inherit_cache = True


@compiles(among_texts, "postgresql")
def _texts_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    column, keys = element.clauses
    texts = f"json_array_elements_text(CAST({compiler.process(keys, **more)} AS json))"
    return f"{compiler.process(column, **more)} = ANY(ARRAY(SELECT {texts}))"


@compiles(among_texts, "sqlite")
def _texts_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    return _among_sqlite(element, compiler, **more)


class _rows_json(FunctionElement[str]):  # noqa: N801
    inherit_cache = True
    type = Text()


@compiles(_rows_json, "sqlite")
def _rows_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    rows = f"json_group_array(json_array({compiler.process(element.clauses, **more)}))"
    return f"({rows} || '')"  # a text, and no JSON value, within other rows, too


@compiles(_rows_json, "postgresql")
def _rows_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    rows = f"json_agg(json_build_array({compiler.process(element.clauses, **more)}))"
    return f"CAST(coalesce({rows}, '[]') AS text)"


class Rows(Generic[T]):
    """The rows of *query* as one JSON column of the statement around it: a statement of their own costs more than they do.

    *query* may refer to the tables *around*; its columns come in the order of the fields of *kind*, a structure like an
    array. Fractions keep 15 digits: times are asked for as `micros`.
    """

    def __init__(self, kind: type[T], query: Select[Any], *around: FromClause) -> None:
        inner = query.correlate(*around).subquery()
        self.column = select(_rows_json(*inner.c)).scalar_subquery()
        # SQLite says 0 and 1 for false and true.
        self._decoder: msgspec.json.Decoder[list[T]] = msgspec.json.Decoder(
            GenericAlias(list, kind), strict=False
        )

    def read(self, text: str) -> list[T]:
        """Return the rows in *text*, the value of the column."""
        return self._decoder.decode(text)


_MICROS: ColumnElement[int] = literal_column("1000000")


def micros(column: ColumnElement[float]) -> ColumnElement[int]:
    """Return the time in *column* as whole microseconds."""
    return cast(func.round(column * _MICROS), BigInteger)


def from_micros(n: int) -> datetime:
    """Return the time that `micros` wrote as *n*."""
    return from_epoch(n / 1_000_000)


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that knows ON CONFLICT in the connection's dialect."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def to_json(value: object) -> str:
    """Write *value* (dataclasses included) as JSON text."""
    return msgspec.json.encode(value).decode()


def of_json(raw: str | None, kind: type[T]) -> T | None:
    """Read JSON text as *kind*; null stays None."""
    if raw is None:
        return None
    found: T = _decoder(kind).decode(raw)  # type: ignore[arg-type]
    return found


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def when(seconds: float | None) -> datetime | None:
    """Return the time a nullable column holds."""
    return None if seconds is None else from_epoch(seconds)


def first_key(result: Any) -> int:
    """Return the key an INSERT made."""
    return int(result.inserted_primary_key[0])
