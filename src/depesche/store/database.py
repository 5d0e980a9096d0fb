"""Open the database, SQLite or PostgreSQL, and hand out transactions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url

from depesche.model.errors import StoreError
from depesche.store import trouble
from depesche.store.api_keys import ApiKeys
from depesche.store.archive import Archive
from depesche.store.bounces import Bounces, Suppressions
from depesche.store.bulk import Bulk
from depesche.store.catalogue import Catalogue
from depesche.store.changes import Changes
from depesche.store.chores import Chores
from depesche.store.chunks import Chunks
from depesche.store.coreads import Coreads
from depesche.store.dispatches import Dispatches
from depesche.store.health import Health
from depesche.store.instruments import Instruments
from depesche.store.journal import Cursors, Journal
from depesche.store.kin import Kin
from depesche.store.ledger import Ledger
from depesche.store.mentions import Mentions
from depesche.store.newsstand import Newsstand
from depesche.store.outbox import Outbox
from depesche.store.pictures import Pictures
from depesche.store.place import Place
from depesche.store.polls import Polls
from depesche.store.readers import Readers
from depesche.store.register import Register
from depesche.store.retention import Retention
from depesche.store.returns import Returns
from depesche.store.spool import Spool
from depesche.store.stories import Stories
from depesche.store.subscriptions import Subscriptions
from depesche.store.takes import Takes
from depesche.store.targets import Targets
from depesche.store.topics import Topics
from depesche.store.views import Views
from depesche.store.websub import Websub

_BUSY_MS = 15_000
_CONNECTION_SECONDS = 10  # to wait for a connection when all are in use
# A server that has vanished is noticed in seconds; by itself the operating system waits for many minutes.
_PATIENCE = {
    "connect_timeout": "5",
    "keepalives_idle": "20",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}


class Transaction:
    """One transaction, with a door to every noun; committed when its block ends, rolled back on an error."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @cached_property
    def spool(self) -> Spool:
        """Items as received, before and after they were read."""
        return Spool(self.connection)

    @cached_property
    def takes(self) -> Takes:
        """Items as read."""
        return Takes(self.connection)

    @cached_property
    def stories(self) -> Stories:
        """Stories, versions and lineages, for the desk."""
        return Stories(self.connection)

    @cached_property
    def topics(self) -> Topics:
        """Media topics."""
        return Topics(self.connection)

    @cached_property
    def kin(self) -> Kin:
        """What ties stories together."""
        return Kin(self.connection)

    @cached_property
    def newsstand(self) -> Newsstand:
        """What the public may see."""
        return Newsstand(self.connection)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Public stories by what they are, and what became of them."""
        return Catalogue(self.connection)

    @cached_property
    def archive(self) -> Archive:
        """Every public story, for sitemaps."""
        return Archive(self.connection)

    @cached_property
    def pictures(self) -> Pictures:
        """Pictures and their renditions."""
        return Pictures(self.connection)

    @cached_property
    def instruments(self) -> Instruments:
        """The register."""
        return Instruments(self.connection)

    @cached_property
    def register(self) -> Register:
        """What the register remembers: issuers, history, disagreements."""
        return Register(self.connection)

    @cached_property
    def mentions(self) -> Mentions:
        """Instruments in versions."""
        return Mentions(self.connection)

    @cached_property
    def targets(self) -> Targets:
        """What can be followed."""
        return Targets(self.connection)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        """Subscribers, their subscriptions and consents."""
        return Subscriptions(self.connection)

    @cached_property
    def dispatches(self) -> Dispatches:
        """Who is to be told of what, and who was."""
        return Dispatches(self.connection)

    @cached_property
    def bulk(self) -> Bulk:
        """Many readers at once."""
        return Bulk(self.connection)

    @cached_property
    def chunks(self) -> Chunks:
        """Letters that share their fate."""
        return Chunks(self.connection)

    @cached_property
    def readers(self) -> Readers:
        """Readers as people."""
        return Readers(self.connection)

    @cached_property
    def outbox(self) -> Outbox:
        """Letters that are one reader's own, and their fate."""
        return Outbox(self.connection)

    @cached_property
    def ledger(self) -> Ledger:
        """What became of all letters."""
        return Ledger(self.connection)

    @cached_property
    def returns(self) -> Returns:
        """Whose a letter is that came back."""
        return Returns(self.connection)

    @cached_property
    def bounces(self) -> Bounces:
        """Reports on letters."""
        return Bounces(self.connection)

    @cached_property
    def suppressions(self) -> Suppressions:
        """Addresses that are not mailed."""
        return Suppressions(self.connection)

    @cached_property
    def views(self) -> Views:
        """Counted readers."""
        return Views(self.connection)

    @cached_property
    def coreads(self) -> Coreads:
        """Which story was read after which."""
        return Coreads(self.connection)

    @cached_property
    def journal(self) -> Journal:
        """The journal."""
        return Journal(self.connection)

    @cached_property
    def cursors(self) -> Cursors:
        """How far each follower has read."""
        return Cursors(self.connection)

    @cached_property
    def polls(self) -> Polls:
        """What polling remembers between two polls."""
        return Polls(self.connection)

    @cached_property
    def health(self) -> Health:
        """How each wire has been doing."""
        return Health(self.connection)

    @cached_property
    def websub(self) -> Websub:
        """Subscriptions at hubs."""
        return Websub(self.connection)

    @cached_property
    def retention(self) -> Retention:
        """What may not be kept any longer."""
        return Retention(self.connection)

    @cached_property
    def api_keys(self) -> ApiKeys:
        """Keys of the API."""
        return ApiKeys(self.connection)

    @cached_property
    def chores(self) -> Chores:
        """How far long runs have come."""
        return Chores(self.connection)


class Database:
    """A database at a SQLAlchemy URL: `sqlite:///path`, `sqlite://` (memory) or `postgresql+psycopg://...`.

    Writers of this process take turns; SQLite allows one at a time anyway, and waiting here is fair.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._turn = threading.RLock()

    @property
    def is_sqlite(self) -> bool:
        """Tell whether this is SQLite."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a transaction that may write.

        Raises:
            StoreError: the database is away, locked or full; nothing is to be counted on but that it can be tried again.
        """
        with trouble.told(self.engine):
            if self.is_sqlite:
                with self._my_turn(), self._writer() as connection, connection.begin():
                    yield Transaction(connection)
            else:
                with self.engine.begin() as connection:
                    yield Transaction(connection)

    @contextmanager
    def rebuilding(self) -> Iterator[Transaction]:
        """Open a transaction in which tables may be rebuilt: on SQLite what refers to what is checked at its end only.

        Raises:
            StoreError: a row refers to one that is not there.
        """
        if not self.is_sqlite:
            with self.transaction() as tx:
                yield tx
            return
        with self._turn, self._writer() as connection:
            plain: Any = connection.connection.driver_connection
            plain.execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    yield Transaction(connection)
                    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
                        raise StoreError(f"{len(broken)} rows refer to what is not there: {broken[0]}")
            finally:
                plain.execute("PRAGMA foreign_keys=ON")

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=_BUSY_MS / 1000):
            raise StoreError("the database does not answer: somebody else has been writing for long")
        try:
            yield
        finally:
            self._turn.release()

    def _writer(self) -> Connection:
        return self.engine.connect().execution_options(depesche_writes=True)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open a transaction that only reads one consistent state.

        Raises:
            StoreError: the database is away.
        """
        with trouble.told(self.engine), self.engine.connect() as connection, connection.begin():
            yield Transaction(connection)

    def changes(self) -> Changes:
        """Return an ear for what other processes commit, for one thread."""
        return Changes(self.engine)

    def place(self) -> Place:
        """Return the place of the one worker, not yet taken."""
        return Place(self.engine)

    def migrate(self) -> None:
        """Bring the schema to the newest revision; safe to call at every start."""
        from depesche.store.migrate import upgrade

        upgrade(self)

    def copy_to(self, target: Path) -> None:
        """Write a consistent copy of an SQLite database to *target* while others read and write."""
        with closing(self.engine.raw_connection()) as connection:
            connection.cursor().execute("VACUUM INTO ?", (str(target),))

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except sqlalchemy.exc.ArgumentError as error:
        raise StoreError(f"database_url: {error}") from error
    if parsed.get_backend_name() == "postgresql":
        return sqlalchemy.create_engine(
            parsed.set(drivername="postgresql+psycopg"), pool_size=10, max_overflow=20, pool_pre_ping=True,
            pool_timeout=_CONNECTION_SECONDS, hide_parameters=True, connect_args={**_PATIENCE, **parsed.query},
        )  # fmt: skip
    if parsed.get_backend_name() != "sqlite":
        raise StoreError(f"database_url: {parsed.get_backend_name()} is neither sqlite nor postgresql")
    more: dict[str, Any] = {}
    if parsed.database in {None, "", ":memory:"}:
        more["poolclass"] = sqlalchemy.pool.StaticPool
    else:
        Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
        more["pool_size"], more["max_overflow"] = 10, 30
    engine = sqlalchemy.create_engine(
        parsed,
        connect_args={"check_same_thread": False, "isolation_level": None},
        hide_parameters=True,
        **more,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_MS}",
        "temp_store=MEMORY",
        "cache_size=-4000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A writer takes the lock at once: upgrading a read lock later can fail without waiting.
    writes = connection.get_execution_options().get("depesche_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
