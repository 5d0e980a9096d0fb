"""The few things SQLite and PostgreSQL say differently, and JSON columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from depesche.lib.clock import from_epoch

T = TypeVar("T")


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that knows ON CONFLICT in the connection's dialect."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


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
