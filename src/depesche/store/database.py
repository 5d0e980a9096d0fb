"""Open the database, SQLite or PostgreSQL, and hand out transactions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url

from depesche.model.errors import StoreError
from depesche.store import trouble
from depesche.store.audience.coreads import Coreads
from depesche.store.audience.views import Views
from depesche.store.changes import Changes
from depesche.store.chores import Chores
from depesche.store.instruments.instruments import Instruments
from depesche.store.instruments.mentions import Mentions
from depesche.store.instruments.register import Register
from depesche.store.letters.bounces import Bounces, Suppressions
from depesche.store.letters.chunks import Chunks
from depesche.store.letters.dispatches import Dispatches
from depesche.store.letters.ledger import Ledger
from depesche.store.letters.outbox import Outbox
from depesche.store.letters.returns import Returns
from depesche.store.place import Place
from depesche.store.readers.api_keys import ApiKeys
from depesche.store.readers.bulk import Bulk
from depesche.store.readers.readers import Readers
from depesche.store.readers.subscriptions import Subscriptions
from depesche.store.readers.targets import Targets
from depesche.store.stories.archive import Archive
from depesche.store.stories.catalogue import Catalogue
from depesche.store.stories.journal import Cursors, Journal
from depesche.store.stories.kin import Kin
from depesche.store.stories.newsstand import Newsstand
from depesche.store.stories.pictures import Pictures
from depesche.store.stories.retention import Retention
from depesche.store.stories.stories import Stories
from depesche.store.stories.topics import Topics
from depesche.store.stories.vocabularies import Vocabularies
from depesche.store.wires.health import Health
from depesche.store.wires.polls import Polls
from depesche.store.wires.spool import Spool
from depesche.store.wires.takes import Takes
from depesche.store.wires.websub import Websub

Noun = TypeVar("Noun")

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


def _door(noun: Callable[[Connection], Noun]) -> cached_property[Noun]:
    """Open a noun of the store on a transaction's connection when it is first asked for."""
    return cached_property(lambda transaction: noun(transaction.connection))


class Transaction:
    """One transaction, with a door to every noun; committed when its block ends, rolled back on an error."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    spool = _door(Spool)  # items as received, before and after they were read
    takes = _door(Takes)  # items as read
    stories = _door(Stories)  # stories, versions and lineages, for the desk
    topics = _door(Topics)  # media topics
    kin = _door(Kin)  # what ties stories together
    newsstand = _door(Newsstand)  # what the public may see
    catalogue = _door(Catalogue)  # public stories by what they are, and what became of them
    archive = _door(Archive)  # every public story, for sitemaps
    pictures = _door(Pictures)  # pictures and their renditions
    instruments = _door(Instruments)  # the register
    register = _door(Register)  # what the register remembers: issuers, history, disagreements
    mentions = _door(Mentions)  # instruments in versions
    targets = _door(Targets)  # what can be followed
    subscriptions = _door(Subscriptions)  # subscribers, their subscriptions and consents
    dispatches = _door(Dispatches)  # who is to be told of what, and who was
    bulk = _door(Bulk)  # many readers at once
    chunks = _door(Chunks)  # letters that share their fate
    readers = _door(Readers)  # readers as people
    outbox = _door(Outbox)  # letters that are one reader's own, and their fate
    ledger = _door(Ledger)  # what became of all letters
    returns = _door(Returns)  # whose a letter is that came back
    bounces = _door(Bounces)  # reports on letters
    suppressions = _door(Suppressions)  # addresses that are not mailed
    views = _door(Views)  # counted readers
    coreads = _door(Coreads)  # which story was read after which
    journal = _door(Journal)  # every transition of a story, in the order of its commit
    cursors = _door(Cursors)  # how far each follower has read
    polls = _door(Polls)  # what polling remembers between two polls
    health = _door(Health)  # how each wire has been doing
    websub = _door(Websub)  # subscriptions at hubs
    retention = _door(Retention)  # what may not be kept any longer
    vocabularies = _door(Vocabularies)  # the words by which compounds are taken apart
    api_keys = _door(ApiKeys)  # keys of the API
    chores = _door(Chores)  # how far long runs have come


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
