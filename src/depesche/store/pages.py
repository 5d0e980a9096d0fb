"""The page store: printed pages of stories in a local SQLite file, found by one primary key.

The file belongs to a machine, not to the newsroom: several processes share it, it may be deleted at
any time, and it fills again. It is no part of the database and has no migrations; a change of its
shape gets a new file name.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

_LANGUAGES = 8  # keys of one story that may be used for its languages
_LOOK_AGAIN = 0.5  # seconds after which a reader makes sure that its file is still the one in the folder
_SCHEMA = """
CREATE TABLE IF NOT EXISTS pages (
  key INTEGER PRIMARY KEY, story INTEGER NOT NULL, path TEXT NOT NULL, edition TEXT NOT NULL, seq INTEGER NOT NULL,
  etag TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS shown (
  story INTEGER NOT NULL, page INTEGER NOT NULL, PRIMARY KEY (story, page)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_shown_page ON shown (page);
CREATE TABLE IF NOT EXISTS floors (story INTEGER PRIMARY KEY, seq INTEGER NOT NULL);
"""
_GET = "SELECT path, edition, etag, body FROM pages WHERE key = ?"
_PUT = """
INSERT INTO pages (key, story, path, edition, seq, etag, body)
VALUES (:key, :story, :path, :edition, :seq, :etag, :body)
ON CONFLICT (key) DO UPDATE SET
  path = excluded.path, edition = excluded.edition, seq = excluded.seq, etag = excluded.etag, body = excluded.body
WHERE excluded.seq >= pages.seq
"""
_FLOOR = """
INSERT INTO floors (story, seq) VALUES (?, ?)
ON CONFLICT (story) DO UPDATE SET seq = max(seq, excluded.seq)
"""
_SPEAKING = f"""
SELECT key FROM pages JOIN shown ON shown.page = pages.key WHERE shown.story = :story AND pages.seq < :seq
UNION SELECT key FROM pages WHERE key BETWEEN :low AND :low + {_LANGUAGES - 1} AND seq < :seq
"""
_log = structlog.get_logger("pages")


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed page: `body` is compressed by zstd, `shows` are all stories that it speaks of.

    `seq` is the journal's number when it was made; `edition` names templates and settings.
    """

    story: int
    language: int
    path: str
    edition: str
    seq: int
    etag: str
    body: bytes
    shows: frozenset[int]


class PageStore:
    """Printed pages in the file at *path*, for readers of one *edition*; safe to use from several threads and processes."""

    def __init__(self, path: Path, edition: str) -> None:
        self._path = path
        self.edition = edition
        self._local = threading.local()
        self._lock = threading.Lock()
        self._generation = 0

    def get(self, story: int, language: int, path: str) -> tuple[str, bytes] | None:
        """Return entity tag and compressed body of the page of *story* at exactly *path*."""
        try:
            row = self._open().execute(_GET, (story * _LANGUAGES + language,)).fetchone()
        except sqlite3.DatabaseError as error:
            self._begin_anew(error)
            return None
        if row is None or row[0] != path or row[1] != self.edition:
            return None
        return row[2], row[3]

    def shows(self, story: int, language: int) -> set[int]:
        """Return every story of which something stands on the page of *story*; that itself where the page is gone."""
        query = "SELECT story FROM shown WHERE page = ?"
        return {story, *(one for (one,) in self._open().execute(query, (story * _LANGUAGES + language,)))}

    def hold(self) -> None:
        """Let this thread read the store as it stands now until `release`: half the cost of a `get` is finding that out.

        Meanwhile the file cannot shrink, so not for long.
        """
        try:
            connection = self._open()
            if not connection.in_transaction:
                connection.execute("BEGIN")
        except sqlite3.DatabaseError as error:
            self._begin_anew(error)

    def release(self) -> None:
        """Let this thread see again what others write."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None and connection.in_transaction:
            connection.rollback()

    def put(self, pages: Iterable[Printed]) -> None:
        """Keep *pages*, each unless the store has a newer one or a story it shows has changed since it was made."""
        try:
            connection = self._open(sure=True)
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                for page in pages:
                    self._put_one(connection, page)
        except sqlite3.DatabaseError as error:
            self._begin_anew(error)

    def _put_one(self, connection: sqlite3.Connection, page: Printed) -> None:
        for story in {page.story, *page.shows}:
            floor = connection.execute("SELECT seq FROM floors WHERE story = ?", (story,)).fetchone()
            if floor and floor[0] > page.seq:
                return
        key = page.story * _LANGUAGES + page.language
        row = {
            "key": key, "story": page.story, "path": page.path, "edition": page.edition, "seq": page.seq,
            "etag": page.etag, "body": page.body,
        }  # fmt: skip
        if connection.execute(_PUT, row).rowcount:
            connection.execute("DELETE FROM shown WHERE page = ?", (key,))
            connection.executemany("INSERT INTO shown VALUES (?, ?)", [(one, key) for one in page.shows])

    def remove(self, changed: Mapping[int, int]) -> set[int]:
        """Remove every page that speaks of a story in *changed* and was made before its number in the journal.

        None that was made before can come back. Returns the stories whose own pages are gone.
        """
        gone: set[int] = set()
        try:
            connection = self._open(sure=True)
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                for story, seq in changed.items():
                    keys = connection.execute(
                        _SPEAKING, {"story": story, "seq": seq, "low": story * _LANGUAGES}
                    ).fetchall()
                    for (key,) in keys:
                        gone.add(key // _LANGUAGES)
                        connection.execute("DELETE FROM pages WHERE key = ?", (key,))
                        connection.execute("DELETE FROM shown WHERE page = ?", (key,))
                connection.executemany(_FLOOR, changed.items())
        except sqlite3.DatabaseError as error:
            self._begin_anew(error)
        return gone

    def has(self, stories: Iterable[int]) -> set[int]:
        """Return those of *stories* that have a page in this edition."""
        found = set()
        for story in stories:
            low = story * _LANGUAGES
            row = (
                self._open()
                .execute(
                    "SELECT 1 FROM pages WHERE key BETWEEN ? AND ? AND edition = ? LIMIT 1",
                    (low, low + _LANGUAGES - 1, self.edition),
                )
                .fetchone()
            )
            if row:
                found.add(story)
        return found

    def count(self) -> int:
        """Return how many pages are kept."""
        return int(self._open().execute("SELECT count(*) FROM pages").fetchone()[0])

    def newest(self) -> int:
        """Return the highest number of the journal that the store has heard of, 0 for an empty one."""
        query = "SELECT max(coalesce((SELECT max(seq) FROM pages), 0), coalesce((SELECT max(seq) FROM floors), 0))"
        return int(self._open().execute(query).fetchone()[0])

    def clear(self) -> None:
        """Forget every page and every change."""
        connection = self._open(sure=True)
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            for table in ("pages", "shown", "floors"):
                connection.execute(f"DELETE FROM {table}")

    def close(self) -> None:
        """Let go of the file: each thread closes its connection, and opens a new one, when it next reads."""
        with self._lock:
            self._generation += 1

    def _open(self, *, sure: bool = False) -> sqlite3.Connection:
        """Return this thread's connection, a new one when the file was deleted or replaced.

        Writers make sure each time: a removal written to a file that nobody reads any more would be lost.
        """
        local = self._local
        connection: sqlite3.Connection | None = getattr(local, "connection", None)
        now = time.monotonic()
        if connection is not None and local.generation == self._generation:
            if not sure and now < local.look_at:
                return connection
            if self._inode() == local.inode:
                local.look_at = now + _LOOK_AGAIN
                return connection
        if connection is not None:
            connection.close()
        local.connection = self._connect()
        local.inode, local.generation, local.look_at = self._inode(), self._generation, now + _LOOK_AGAIN
        return local.connection  # type: ignore[no-any-return]

    def _inode(self) -> int:
        try:
            return self._path.stat().st_ino
        except FileNotFoundError:
            return 0

    def _connect(self) -> sqlite3.Connection:
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                self._path, timeout=15, isolation_level=None, check_same_thread=False
            )
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=NORMAL")
                connection.execute("PRAGMA mmap_size=268435456")
                connection.executescript(_SCHEMA)
            except sqlite3.DatabaseError as error:
                connection.close()
                if not _is_broken(error):
                    raise
                self._delete(error)
                connection = sqlite3.connect(
                    self._path, timeout=15, isolation_level=None, check_same_thread=False
                )
                connection.execute("PRAGMA journal_mode=WAL")
                connection.executescript(_SCHEMA)
            return connection

    def _begin_anew(self, error: sqlite3.DatabaseError) -> None:
        """Give a broken file up; whatever else went wrong is the caller's to hear of."""
        if not _is_broken(error):
            raise error
        self.close()
        with self._lock:
            self._delete(error)

    def _delete(self, error: sqlite3.DatabaseError) -> None:
        _log.warning("the page store is unreadable and begins anew", file=str(self._path), error=str(error))
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)


def _is_broken(error: sqlite3.DatabaseError) -> bool:
    return not isinstance(error, sqlite3.OperationalError) or "no such table" in str(error)
