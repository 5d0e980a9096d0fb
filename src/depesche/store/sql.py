"""The few things SQLite and PostgreSQL say differently, and JSON columns."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Column, Connection, Executable, Table
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


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that knows ON CONFLICT in the connection's dialect."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def insert_new(connection: Connection, table: Table, *returning: Column[Any]) -> Executable:
    """Return an INSERT that leaves alone what is there; always the same one, for making it costs more than running it.

    It returns the columns *returning* of a row that is new.
    """
    return _insert_new(connection.dialect.name, table, returning)


@lru_cache(maxsize=64)
def _insert_new(dialect: str, table: Table, returning: tuple[Column[Any], ...]) -> Executable:
    made = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    statement = made.on_conflict_do_nothing()
    return statement.returning(*returning) if returning else statement


def to_json(value: object) -> str:
    """Write *value* (dataclasses included) as JSON text."""
    return msgspec.json.encode(value).decode()


def of_json(raw: str | None, kind: type[T]) -> T | None:
    """Read JSON text as *kind*; null stays None."""
    return None if raw is None else msgspec.json.decode(raw, type=kind)


def when(seconds: float | None) -> datetime | None:
    """Return the time a nullable column holds."""
    return None if seconds is None else from_epoch(seconds)


def first_key(result: Any) -> int:
    """Return the key an INSERT made."""
    return int(result.inserted_primary_key[0])
