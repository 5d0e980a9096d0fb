"""Notice what other processes have committed to the spool and the journal, within some milliseconds."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from depesche.lib.text import line
from depesche.model.errors import StoreError

_CHANNEL = "depesche"
_GLANCE = 0.05  # seconds between two looks at an SQLite file
_notify = text(f"SELECT pg_notify('{_CHANNEL}', '')")


def announce(connection: Connection) -> None:
    """Let those who wait for changes know of this transaction once it is committed; needed on PostgreSQL alone."""
    if connection.dialect.name == "postgresql":
        connection.execute(_notify)


class Changes:
    """One waiting thread's ear at the database.

    PostgreSQL calls its listeners. SQLite tells a connection by `data_version` that another one has committed, which is read
    from shared memory, and then the last numbers of spool and journal say whether there is news.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._driver: Any = engine.dialect.dbapi
        self._connection: Connection | None = None
        self._seen: tuple[object, ...] = ()

    def wait(self, seconds: float) -> bool:
        """Wait until the spool or the journal has grown, at most so long; tells whether one may have.

        Raises:
            StoreError: the database is away.
        """
        try:
            if self._connection is None:
                self._connection = self._open()
                return True  # whatever was committed before we listened
            plain: Any = self._connection.connection.driver_connection
            if self._engine.dialect.name == "sqlite":
                return self._look(plain, seconds)
            return any(True for _ in plain.notifies(timeout=seconds, stop_after=1))
        except (SQLAlchemyError, self._driver.Error) as error:
            self.close()
            raise StoreError(f"the database does not answer: {line(str(error))[:200]}") from error

    def close(self) -> None:
        """Listen no more."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.invalidate()
            connection.close()

    def _open(self) -> Connection:
        connection = self._engine.connect()
        if self._engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text(f"LISTEN {_CHANNEL}"))
        return connection

    def _look(self, plain: Any, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while True:
            version = plain.execute("PRAGMA data_version").fetchone()
            if not self._seen or version != self._seen[0]:
                ends = plain.execute(_ENDS).fetchone()
                before, self._seen = self._seen, (version, ends)
                if not before or ends != before[1]:
                    return True
            if (left := until - time.monotonic()) <= 0:
                return False
            time.sleep(min(_GLANCE, left))


_ENDS = "SELECT (SELECT max(seq) FROM journal), (SELECT max(id) FROM spool)"
