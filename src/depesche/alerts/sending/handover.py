"""The courier's own journal: a small file that knows, after a crash, which letters were being handed over."""

from __future__ import annotations

import fcntl
import os
import re
import time
from datetime import datetime
from pathlib import Path

from depesche.lib.clock import epoch, from_epoch
from depesche.model.errors import StoreError

_RECORD = re.compile(rb"([IAN]) ([0-9]+)(?: ([0-9.]+))?\n")  # once every line had a time
_SYNC_SECONDS = 0.1


class HandoverJournal:
    """Appends a line before a letter leaves and one after its answer; emptied when the database knows.

    What is written survives the death of the process at once, and of the machine from the next
    sync on, at most 0.1 s and one letter later. Only one process may hold it.

    Raises:
        StoreError: another process holds it.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.is_new = not path.exists()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._file)
            raise StoreError(f"{path}: another courier is at work") from error
        self._synced = time.monotonic()

    def intend(self, key: int) -> None:
        """Note that the letter in row *key* is about to leave."""
        self._write(b"I %d\n" % key)

    def accept(self, key: int, now: datetime) -> None:
        """Note that the other side took charge of the letter in row *key*."""
        self._write(b"A %d %.6f\n" % (key, epoch(now)))

    def refuse(self, key: int) -> None:
        """Note that the other side did not take the letter in row *key*, so that it is not in doubt."""
        self._write(b"N %d\n" % key)

    def _write(self, line: bytes) -> None:
        os.write(self._file, line)
        if time.monotonic() - self._synced >= _SYNC_SECONDS:
            self.sync()

    def sync(self) -> None:
        """Force what was written to the disk."""
        os.fdatasync(self._file)
        self._synced = time.monotonic()

    def read(self) -> dict[int, datetime | None]:
        """Return the letters that may have arrived: with the time of the 250, or None where no answer came.

        A line torn by a crash counts as not written.
        """
        os.lseek(self._file, 0, os.SEEK_SET)
        raw = b"".join(iter(lambda: os.read(self._file, 65536), b""))
        found: dict[int, datetime | None] = {}
        for mark, key, at in _RECORD.findall(raw):
            if mark == b"A" and at:
                found[int(key)] = from_epoch(float(at))
            elif mark == b"N":
                found.pop(int(key), None)
            else:
                found.setdefault(int(key), None)
        return found

    def clear(self) -> None:
        """Forget everything: the database knows it now."""
        os.ftruncate(self._file, 0)

    def close(self) -> None:
        """Let another process have it."""
        os.close(self._file)
