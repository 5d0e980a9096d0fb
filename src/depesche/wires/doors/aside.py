"""Where a folder's files go once they are safe: `done/`, in which nothing is overwritten and what is still written to is noticed."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

DONE = "done"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WATCHED_FOR = 3600.0  # seconds: an upload that hangs longer than that is given up by those who send
_MOST_WATCHED = 5_000
_EVERY = 5.0  # seconds between two looks
_SETTLED_AFTER = 1.0

Change = tuple[int, int, int]
"""Inode, size and time of the last writing, which moving a file leaves alone."""


def change_of(found: os.stat_result) -> Change:
    """Return what tells whether a file was written to."""
    return found.st_ino, found.st_size, found.st_mtime_ns


class Latecomers:
    """Files moved aside to which their sender writes on: an upload that stood still for a moment looked complete.

    The sender's handle follows the file, so the rest arrives in `done/`.
    """

    def __init__(self) -> None:
        self._moved: dict[str, tuple[Change, float]] = {}
        self._look_at = 0.0

    def note(self, path: str, seen: Change, now: float) -> None:
        """Remember that what was *seen* has been moved to *path* below the wire's folder."""
        self._moved[path] = seen, now + _WATCHED_FOR
        while len(self._moved) > _MOST_WATCHED:
            del self._moved[next(iter(self._moved))]

    def changed(self, folder: int, now: float, most: int) -> Iterator[tuple[str, bytes]]:
        """Yield path and bytes, at most *most*, of files that were written to since they were moved and are no more.

        Looks every few seconds at most, however often it is asked.
        """
        if now < self._look_at:
            return
        self._look_at = now + _EVERY
        device = os.fstat(folder).st_dev
        for path, (seen, until) in list(self._moved.items()):
            try:
                found = os.stat(path, dir_fd=folder, follow_symlinks=False)
            except OSError:  # emptied by whoever tidies up
                found = None
            if found is None or (found.st_dev, found.st_ino) != (device, seen[0]) or now >= until:
                del self._moved[path]  # what has its name now was not delivered
            elif change_of(found) != seen and now - found.st_mtime > _SETTLED_AFTER:
                raw = _bytes_of(folder, path, change_of(found)) if 0 < found.st_size <= most else None
                if raw is not None:
                    yield path, raw
                self._moved[path] = change_of(found), until


def _bytes_of(folder: int, path: str, seen: Change) -> bytes | None:
    """Return the bytes of the file that was *seen*, None where it is another by now."""
    try:
        handle = os.open(path, _FILE, dir_fd=folder)
    except OSError:
        return None
    with open(handle, "rb") as file:  # noqa: PTH123 - a descriptor has no path
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        raw = file.read(seen[1] + 1)
        return raw if change_of(os.fstat(handle)) == seen and len(raw) == seen[1] else None


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """Open a folder by its path."""
    handle = os.open(path, _FOLDER)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def below(folder: int, name: str) -> Iterator[int]:
    """Open the folder *name* inside *folder*; a link of that name is refused."""
    try:
        handle = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise NotADirectoryError(errno.ENOTDIR, "a link", name) from error
        raise
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def done_below(root: int, at: str) -> Iterator[int]:
    """Open the folder `done` inside *root*, and below it the path *at*, made if they are missing."""
    with ExitStack() as open_ones:
        handle = root
        for name in (DONE, *filter(None, at.split("/"))):
            with suppress(FileExistsError):
                os.mkdir(name, dir_fd=handle)
            handle = open_ones.enter_context(below(handle, name))
        yield handle


def reserved(done: int, name: str) -> str:
    """Create an empty file in *done* called like *name*, with a number where that name is taken; return its name.

    Among many thousands of one name a free number is found in a few steps.
    """
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""

    def numbered(number: int) -> str:
        return name if number == 1 else f"{stem}-{number}{dot}{ending}"

    number = 1
    while True:
        number = _free(done, numbered, number)
        with suppress(FileExistsError):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            os.close(os.open(numbered(number), flags, 0o600, dir_fd=done))
            return numbered(number)


def _free(done: int, numbered: Callable[[int], str], least: int) -> int:
    """Return a number from *least* on whose name is not there: strides that double, then halves."""
    low, high = least - 1, least
    while _is_there(done, numbered(high)):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _is_there(done, numbered(middle)) else (low, middle)
    return high


def _is_there(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
