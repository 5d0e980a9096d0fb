"""The index on disk.

The folder holds one generation of the index and a file `current` that names it. A rebuild writes a new
generation beside it and renames `current` over the old one, so readers never see half an index. Nothing
in the folder is worth a backup: it may be deleted at any time.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from pathlib import Path
from typing import IO

import structlog
import tantivy

from depesche.model.errors import StoreError
from depesche.search import document

CURRENT = "current"

_HEAP = 15_000_000  # the least that the engine takes
_log = structlog.get_logger("search")


class Index:
    """The writing side of the index in the folder *path*; one process at a time.

    The folder is locked from the first write until `close`.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._lock: IO[str] | None = None
        self._writer: tantivy.IndexWriter | None = None
        self._generation: Path | None = None

    def is_usable(self, vocabulary: int) -> bool:
        """Tell whether there is a whole index of this version's making, by the *vocabulary* of that number."""
        generation = current(self.path)
        if generation is not None and not generation.name.startswith(_prefix(vocabulary)):
            return False
        if generation is None or self._writer is not None:
            return generation is not None and generation == self._generation
        try:
            tantivy.Index.open(str(generation))
        except ValueError as error:
            _log.warning("search index cannot be opened", path=str(generation), error=str(error))
            return False
        return True

    def begin(self, vocabulary: int) -> Path:
        """Open a new, empty generation for `replace` and `commit`, by the *vocabulary* of that number.

        Readers keep the old one until `publish`.

        Raises:
            StoreError: another process is writing this index.
        """
        self.hold()
        self._forget_writer()
        generation = self.path / f"{_prefix(vocabulary)}{secrets.token_hex(6)}"
        generation.mkdir()
        self._open(generation, tantivy.Index(document.schema(), path=str(generation)))
        return generation

    def publish(self, generation: Path) -> None:
        """Let readers see *generation* from now on, and delete the others."""
        named = self.path / f"{CURRENT}.new"
        with named.open("w") as file:
            file.write(generation.name)
            file.flush()
            os.fsync(file.fileno())
        named.replace(self.path / CURRENT)
        for other in self.path.glob("v*-*"):
            if other != generation:
                shutil.rmtree(other, ignore_errors=True)

    def replace(self, story: int, made: tantivy.Document | None) -> None:
        """Put *made* in the place of whatever is indexed of *story*; None only takes it out."""
        writer = self._ready()
        writer.delete_documents_by_term("story", story)
        if made is not None:
            writer.add_document(made)

    def commit(self) -> None:
        """Make what was written durable, and visible to readers of this generation."""
        self._ready().commit()

    def close(self) -> None:
        """Give the folder free; what was not committed is lost."""
        self._forget_writer()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _ready(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self.hold()
            generation = current(self.path)
            if generation is None:
                raise StoreError(f"search index: there is none in {self.path}")
            self._open(generation, tantivy.Index.open(str(generation)))
        assert self._writer is not None
        return self._writer

    def _open(self, generation: Path, index: tantivy.Index) -> None:
        # One thread keeps a batch in one segment, and memory low.
        self._writer = document.register(index).writer(_HEAP, 1)
        self._generation = generation

    def _forget_writer(self) -> None:
        self._writer = self._generation = None

    def hold(self) -> None:
        """Take the folder for this process.

        Raises:
            StoreError: another process is writing this index.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        name = self.path / "lock"
        if self._lock is not None:
            if name.exists() and name.stat().st_ino == os.fstat(self._lock.fileno()).st_ino:
                return
            self._lock.close()  # the folder was deleted under us, and the lock with it
        lock = name.open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise StoreError(f"search index: another process is writing {self.path}") from error
        self._lock = lock


def _prefix(vocabulary: int) -> str:
    return f"v{document.VERSION}.{vocabulary}-"


def current(path: Path) -> Path | None:
    """Return the generation that readers of the folder *path* see; None where there is none they can read."""
    try:
        name = (path / CURRENT).read_text().strip()
    except FileNotFoundError:
        return None
    if not name.startswith(f"v{document.VERSION}.") or "/" in name:
        return None
    generation = path / name
    return generation if generation.is_dir() else None
