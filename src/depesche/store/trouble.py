"""Tell a database that is away for the time being from one that was asked something wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, exc
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from depesche.lib.text import line
from depesche.model.errors import StoreError

# Primary result codes: it is locked, full, unreadable or read-only now, and may be well again later.
_SQLITE_AWAY = frozenset(
    {
        sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL,
    }
)  # fmt: skip
_STANDBY = "25006"  # a PostgreSQL that only reads: it is just being replaced by another


@contextmanager
def told(engine: Engine) -> Iterator[None]:
    """Tell of errors within, the driver's own among them, by what they mean.

    Raises:
        StoreError: the database is away, locked or full.
    """
    driver: Any = engine.dialect.dbapi
    try:
        yield
    except SQLAlchemyError as error:
        if away := named(error):
            raise away from error
        raise
    except driver.Error as error:
        known = DBAPIError.instance(None, None, error, driver.Error, dialect=engine.dialect)
        if isinstance(known, SQLAlchemyError) and (away := named(known)):
            raise away from error
        raise


def named(error: SQLAlchemyError) -> StoreError | None:
    """Return what to raise where the database is away, full, locked or out of connections, None where it is well.

    Whether a commit that failed like that was carried out is not known: what is done anew must end the same.
    """
    if isinstance(error, exc.TimeoutError):
        return StoreError("the database does not answer: every connection to it is in use")
    if isinstance(error, DBAPIError) and _is_away(error):
        return StoreError(f"the database does not answer: {line(str(error.orig))[:200]}")
    return None


def _is_away(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _SQLITE_AWAY
    if isinstance(error.orig, sqlite3.Error):
        return False
    is_standby = getattr(error.orig, "sqlstate", None) == _STANDBY
    return error.connection_invalidated or is_standby or isinstance(error, OperationalError | InterfaceError)
