"""The folder door: files that are complete are taken in, and moved aside once they are safe.

Another program delivers into the folder. So nothing is followed out of it: files are opened relative to
the open folder, symbolic links and everything that is no plain file stay where they are, named in the log.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from depesche.lib.clock import Clock, epoch
from depesche.lib.text import line
from depesche.model.wire import Wire
from depesche.store.database import Database

DONE = "done"
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".swp", "~")

_SETTLED_AFTER = 1.0
_BATCH_FILES = 100
_BATCH_BYTES = 16_000_000
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

_log = structlog.get_logger("folder")

Print = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Found:
    """A complete file with its bytes; `seen` is its inode, size and times of change when they were read."""

    name: str
    raw: bytes
    seen: Print


class FolderWatch:
    """Watches the folder of one wire; files larger than *max_bytes* are left where they are.

    `problems` names the files that were left and why.
    """

    def __init__(self, database: Database, clock: Clock, wire: Wire, max_bytes: int = 20_000_000) -> None:
        if wire.path is None:
            raise ValueError(f"wire {wire.name} has no folder")
        self._database = database
        self._clock = clock
        self._wire = wire
        self._max_bytes = max_bytes
        self._path = Path(wire.path)
        self._before: dict[str, Print] = {}
        self._taken: dict[str, Print] = {}  # files that could not be moved aside
        self.problems: dict[str, str] = {}

    def scan(self) -> int:
        """Take in what is complete, oldest first, and return how many items are new.

        A file counts as complete when it was last written more than a second ago, or looks as it did at the scan before.
        """
        problems: dict[str, str] = {}
        new = 0
        try:
            with _opened(self._path) as folder:
                self._move(folder, [_Found(name, b"", seen) for name, seen in self._taken.items()], problems)
                for batch in self._batches(folder, self._complete(folder, problems), problems):
                    new += self._spool(batch)
                    self._move(folder, batch, problems)
        except OSError as error:
            problems["."] = f"the folder {self._path} cannot be read: {error.strerror}"
        for name, reason in problems.items():
            if self.problems.get(name) != reason:
                _log.warning("left in the folder", wire=self._wire.name, file=_shown(name), reason=reason)
        self.problems = problems
        return new

    def _complete(self, folder: int, problems: dict[str, str]) -> list[str]:
        """Return the names of files that nobody writes to any more, oldest first."""
        now, before, self._before = epoch(self._clock.now()), self._before, {}
        complete: list[tuple[int, str]] = []
        for name in os.listdir(folder):  # the open folder, not whatever has its name by now
            if name.startswith(".") or name.lower().endswith((*UNFINISHED, *PICTURES)):
                continue
            try:
                found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            except FileNotFoundError:
                continue
            if stat.S_ISDIR(found.st_mode):
                continue
            if not stat.S_ISREG(found.st_mode):
                problems[name] = "a link, pipe or device"
            elif found.st_size > self._max_bytes:
                problems[name] = f"has {found.st_size} bytes; {self._max_bytes} are allowed"
            elif self._taken.get(name) != _print(found):
                self._before[name] = seen = _print(found)
                if before.get(name) == seen or now - found.st_mtime > _SETTLED_AFTER:
                    complete.append((found.st_mtime_ns, name))
        return [name for _, name in sorted(complete)]

    def _batches(self, folder: int, names: list[str], problems: dict[str, str]) -> Iterator[list[_Found]]:
        batch: list[_Found] = []
        for name in names:
            one = self._read(folder, name, problems)
            if one is None:
                continue
            batch.append(one)
            if len(batch) >= _BATCH_FILES or sum(len(x.raw) for x in batch) >= _BATCH_BYTES:
                yield batch
                batch = []
        if batch:
            yield batch

    def _read(self, folder: int, name: str, problems: dict[str, str]) -> _Found | None:
        try:
            handle = os.open(name, _FILE, dir_fd=folder)
            with open(handle, "rb") as file:  # noqa: PTH123 - a descriptor has no path
                found = os.fstat(handle)
                raw = file.read(self._max_bytes + 1) if stat.S_ISREG(found.st_mode) else b""
                seen = _print(os.fstat(handle))
        except FileNotFoundError:
            return None
        except OSError as error:
            problems[name] = f"cannot be read: {error.strerror}"
            return None
        if seen != _print(found) or len(raw) != found.st_size:
            return None  # somebody is writing after all; the next scan looks again
        if not raw.strip():
            problems[name] = "is empty"
            return None
        return _Found(name, raw, seen)

    def _spool(self, batch: list[_Found]) -> int:
        wire, now = self._wire, self._clock.now()
        with self._database.transaction() as tx:
            kept = [
                tx.spool.add(
                    one.raw, wire=wire.name, provider=wire.provider, name=_shown(one.name), at=now,
                    format_name=wire.format, base=str(self._path.absolute()),
                )
                for one in batch
            ]  # fmt: skip
        return sum(new for _, new in kept)

    def _move(self, folder: int, batch: list[_Found], problems: dict[str, str]) -> None:
        if not batch:
            return
        try:
            with _done(folder) as done:
                for one in batch:
                    self._move_one(folder, done, one, problems)
        except OSError:
            for one in batch:
                self._taken[one.name] = one.seen
                problems[one.name] = f"is taken in, but cannot be moved to {DONE}/"

    def _move_one(self, folder: int, done: int, one: _Found, problems: dict[str, str]) -> None:
        try:
            if _print(os.stat(one.name, dir_fd=folder, follow_symlinks=False)) != one.seen:
                self._taken.pop(one.name, None)
                return  # a newer file has come under the same name; it is next
            # Moving onto a name that was just reserved can never overwrite what is there.
            os.replace(one.name, _reserved(done, one.name), src_dir_fd=folder, dst_dir_fd=done)
            self._taken.pop(one.name, None)
        except FileNotFoundError:
            self._taken.pop(one.name, None)
        except OSError:
            self._taken[one.name] = one.seen
            problems[one.name] = f"is taken in, but cannot be moved to {DONE}/"


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    handle = os.open(path, _FOLDER)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _done(folder: int) -> Iterator[int]:
    """Open the folder `done` inside *folder*, made if it is missing; a link of that name is refused."""
    with suppress(FileExistsError):
        os.mkdir(DONE, dir_fd=folder)
    handle = os.open(DONE, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
    try:
        yield handle
    finally:
        os.close(handle)


def _reserved(done: int, name: str) -> str:
    """Create an empty file in *done* called like *name*, with a number where that name is taken; return its name."""
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    number = 1
    while True:
        wanted = name if number == 1 else f"{stem}-{number}{dot}{ending}"
        try:
            os.close(os.open(wanted, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=done))
            return wanted
        except FileExistsError:
            number += 1


def _print(found: os.stat_result) -> Print:
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _shown(name: str) -> str:
    """Return a file's name as text, whatever bytes it is made of."""
    return line(os.fsencode(name).decode("utf-8", "replace")) or "?"
