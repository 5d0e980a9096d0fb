"""The place of the one worker: a database has one, and it falls free when its holder dies."""

from __future__ import annotations

import fcntl
from contextlib import suppress
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from depesche.store import trouble

_LOCK = 0x0DE9E5C4
# The server lets go of the place within half a minute where the machine of its holder has vanished, by itself after two hours.
_WATCHED = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}
_IN_MEMORY = {None, "", ":memory:"}


class Place:
    """The right to be the one worker.

    On PostgreSQL an advisory lock of a session, on SQLite a locked file beside the database; both die with their
    process. A session also ends when the server does, and then somebody else may be first: look with `keep`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._file: IO[str] | None = None
        self._session: Connection | None = None

    def take(self) -> bool:
        """Take the place; tells whether it was free, or ours already.

        Raises:
            StoreError: the database is away.
        """
        if self._file is not None or self._session is not None:
            return True
        return self._lock_file() if self._is_sqlite else self._lock_session()

    def keep(self) -> bool:
        """Make sure of a place that was taken, and take it again where the database has forgotten us; tells whether it is ours.

        Raises:
            StoreError: the database is away: nobody has the place.
        """
        if self._is_sqlite:
            return True
        if self._session is not None:
            with suppress(SQLAlchemyError):
                self._session.execute(text("SELECT 1"))
                return True
            self.leave()
        return self._lock_session()

    def leave(self) -> None:
        """Give the place up."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._session is not None:
            session, self._session = self._session, None
            with suppress(SQLAlchemyError):  # where the server has gone, so has the lock
                session.invalidate()
                session.close()

    def _lock_file(self) -> bool:
        database = self._engine.url.database
        if database in _IN_MEMORY:
            return True
        file = Path(f"{database}.worker").open("w")  # noqa: SIM115 - open as long as the place is held
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def _lock_session(self) -> bool:
        try:
            session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            for name, value in _WATCHED.items():
                session.execute(
                    text("SELECT set_config(:name, :value, false)"), {"name": name, "value": value}
                )
            got = bool(session.execute(text("SELECT pg_try_advisory_lock(:k)"), {"k": _LOCK}).scalar())
        except SQLAlchemyError as error:
            if away := trouble.named(error):
                raise away from error
            raise
        if got:
            self._session = session
        else:
            session.close()
        return got
