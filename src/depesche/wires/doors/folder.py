"""The folder door: files that are complete are taken in, and moved aside once they are safe.

Another program delivers into the folder. So nothing is followed out of it: files are opened relative to
the open folder, symbolic links and everything that is no plain file stay where they are, named in the log.

Senders by SFTP write under the final name, or rename, or add a file that says that another is complete: all
three are understood.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from depesche.lib.clock import Clock, epoch
from depesche.lib.text import line
from depesche.model.wire import Wire
from depesche.store.database import Database
from depesche.wires.doors.aside import DONE, Latecomers, below, done_below, opened, reserved

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
MARKERS = (".ok", ".done", ".rdy", ".ready", ".go", ".complete")  # files that say that another is complete
UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".swp", "~")

_SETTLED_AFTER = 1.0
_BATCH_FILES = 100
_BATCH_BYTES = 16_000_000
_DEEPEST = 8
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

_log = structlog.get_logger("folder")

Print = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Found:
    """A complete file with its bytes; `seen` is its inode, size and times of change when they were read.

    `markers` are the files that came along to say that it is complete.
    """

    name: str
    raw: bytes
    seen: Print
    markers: tuple[str, ...] = ()


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
        self._seen: dict[str, Print] = {}
        self._taken: dict[str, Print] = {}  # files that could not be moved aside
        self._latecomers = Latecomers()
        self.problems: dict[str, str] = {}

    def scan(self) -> int:
        """Take in what is complete, oldest first in each folder, and return how many items are new.

        A file counts as complete when its marker is there, where the wire has markers; else when it was last
        written more than a second ago, or looks as it did at the scan before.
        """
        problems: dict[str, str] = {}
        new = 0
        self._before, self._seen = self._seen, {}
        try:
            with opened(self._path) as folder:
                new = self._late(folder) + self._scan(folder, "", problems)
        except OSError as error:
            problems["."] = f"the folder {self._path} cannot be read: {error.strerror}"
        for name, reason in problems.items():
            if self.problems.get(name) != reason:
                _log.warning("left in the folder", wire=self._wire.name, file=_shown(name), reason=reason)
        self.problems = problems
        return new

    def _late(self, folder: int) -> int:
        """Take in anew what was written to after it had been taken in."""
        new = 0
        for path, raw in self._latecomers.changed(folder, epoch(self._clock.now()), self._max_bytes):
            _log.warning(
                "written to after it was taken in: taken in again", wire=self._wire.name, file=_shown(path)
            )
            inside = path.removeprefix(f"{DONE}/")
            at = inside[: inside.rfind("/") + 1]
            new += self._spool([_Found(inside.removeprefix(at), raw, (0, 0, 0, 0))], at)
        return new

    def _scan(self, folder: int, at: str, problems: dict[str, str]) -> int:
        """Take in the open *folder* that lies *at* a path below the wire's own, and what lies below it."""
        new = 0
        names = os.listdir(folder)  # the open folder, not whatever has its name by now
        markers = _markers(names, self._wire.marker)
        taken = [
            _Found(name, b"", self._taken[at + name], markers.get(name, ()))
            for name in names
            if at + name in self._taken
        ]
        self._move(folder, at, taken, problems)
        for batch in self._batches(
            folder, at, self._complete(folder, at, names, markers, problems), markers, problems
        ):
            new += self._spool(batch, at)
            self._move(folder, at, batch, problems)
        if self._wire.subfolders and at.count("/") < _DEEPEST:
            for name in sorted(names):
                if name.startswith(".") or (not at and name == DONE):
                    continue
                with suppress(NotADirectoryError, FileNotFoundError):
                    try:
                        with below(folder, name) as deeper:
                            new += self._scan(deeper, f"{at}{name}/", problems)
                    except PermissionError as error:
                        problems[at + name] = f"cannot be read: {error.strerror}"
        return new

    def _complete(
        self,
        folder: int,
        at: str,
        names: list[str],
        markers: dict[str, tuple[str, ...]],
        problems: dict[str, str],
    ) -> list[str]:
        """Return the names of files that nobody writes to any more, oldest first."""
        now = epoch(self._clock.now())
        marking = {one for found in markers.values() for one in found}
        complete: list[tuple[int, str]] = []
        for name in names:
            if name in marking or name.startswith(".") or name.lower().endswith((*UNFINISHED, *PICTURES)):
                continue
            if name.endswith((*MARKERS, self._wire.marker or MARKERS[0])):
                continue  # what it speaks of has not come yet, or is gone
            try:
                found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            except FileNotFoundError:
                continue
            if stat.S_ISDIR(found.st_mode):
                continue
            seen = _print(found)
            if not stat.S_ISREG(found.st_mode):
                problems[at + name] = "a link, pipe or device"
            elif found.st_size > self._max_bytes:
                problems[at + name] = f"has {found.st_size} bytes; {self._max_bytes} are allowed"
            elif self._taken.get(at + name) != seen:
                self._seen[at + name] = seen
                settled = self._before.get(at + name) == seen or now - found.st_mtime > _SETTLED_AFTER
                if name in markers if self._wire.marker else settled:
                    complete.append((found.st_mtime_ns, name))
        return [name for _, name in sorted(complete)]

    def _batches(
        self,
        folder: int,
        at: str,
        names: list[str],
        markers: dict[str, tuple[str, ...]],
        problems: dict[str, str],
    ) -> Iterator[list[_Found]]:
        batch: list[_Found] = []
        for name in names:
            one = self._read(folder, at, name, problems)
            if one is None:
                continue
            batch.append(replace(one, markers=markers.get(name, ())))
            if len(batch) >= _BATCH_FILES or sum(len(x.raw) for x in batch) >= _BATCH_BYTES:
                yield batch
                batch = []
        if batch:
            yield batch

    def _read(self, folder: int, at: str, name: str, problems: dict[str, str]) -> _Found | None:
        try:
            handle = os.open(name, _FILE, dir_fd=folder)
            with open(handle, "rb") as file:  # noqa: PTH123 - a descriptor has no path
                found = os.fstat(handle)
                raw = file.read(self._max_bytes + 1) if stat.S_ISREG(found.st_mode) else b""
                seen = _print(os.fstat(handle))
        except FileNotFoundError:
            return None
        except OSError as error:
            problems[at + name] = f"cannot be read: {error.strerror}"
            return None
        if seen != _print(found) or len(raw) != found.st_size:
            return None  # somebody is writing after all; the next scan looks again
        if not raw.strip():
            problems[at + name] = "is empty"
            return None
        return _Found(name, raw, seen)

    def _spool(self, batch: list[_Found], at: str) -> int:
        wire, now = self._wire, self._clock.now()
        base = os.fsencode(self._path.absolute() / at).decode(
            "utf-8", "replace"
        )  # no database keeps other bytes
        with self._database.transaction() as tx:
            kept = [
                tx.spool.add(
                    one.raw, wire=wire.name, provider=wire.provider, name=_shown(at + one.name), at=now,
                    format_name=wire.format, base=base,
                )
                for one in batch
            ]  # fmt: skip
        return sum(new for _, new in kept)

    def _move(self, folder: int, at: str, batch: list[_Found], problems: dict[str, str]) -> None:
        if not batch:
            return
        try:
            with opened(self._path) as root, done_below(root, at) as done:
                for one in batch:
                    self._move_one(folder, done, at, one, problems)
        except OSError:
            for one in batch:
                self._taken[at + one.name] = one.seen
                problems[at + one.name] = f"is taken in, but cannot be moved to {DONE}/"

    def _move_one(self, folder: int, done: int, at: str, one: _Found, problems: dict[str, str]) -> None:
        try:
            if _print(os.stat(one.name, dir_fd=folder, follow_symlinks=False)) != one.seen:
                self._taken.pop(at + one.name, None)
                return  # a newer file has come under the same name; it is next
            for name in (one.name, *one.markers):
                # Moving onto a name that was just reserved can never overwrite what is there.
                aside = reserved(done, name)
                with suppress(FileNotFoundError):
                    os.replace(name, aside, src_dir_fd=folder, dst_dir_fd=done)
                    if name == one.name:
                        self._latecomers.note(f"{DONE}/{at}{aside}", one.seen[:3], epoch(self._clock.now()))
            self._taken.pop(at + one.name, None)
        except FileNotFoundError:
            self._taken.pop(at + one.name, None)
        except OSError:
            self._taken[at + one.name] = one.seen
            problems[at + one.name] = f"is taken in, but cannot be moved to {DONE}/"


def _markers(names: list[str], ending: str | None) -> dict[str, tuple[str, ...]]:
    """Return the markers of each file among *names*: `a.xml.ok` and `a.ok` speak of `a.xml`."""
    endings = (ending,) if ending else MARKERS
    marks = {name for name in names if name.endswith(endings)}
    found: dict[str, tuple[str, ...]] = {}
    for name in names if marks else ():
        if name not in marks:
            stem = name.rpartition(".")[0] or name
            mine = tuple(
                one + end for one in dict.fromkeys((name, stem)) for end in endings if one + end in marks
            )
            if mine:
                found[name] = mine
    return found


def _print(found: os.stat_result) -> Print:
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _shown(name: str) -> str:
    """Return a file's name as text, whatever bytes it is made of."""
    return line(os.fsencode(name).decode("utf-8", "replace")) or "?"
