"""Deliver letters into a maildir, where no other program can see half a letter."""

from __future__ import annotations

import itertools
import os
import secrets
import socket
from pathlib import Path

from depesche.lib.clock import Clock, SystemClock, epoch

_COUNT = itertools.count(1)


def deliver_to_maildir(path: Path, letter: bytes, clock: Clock | None = None) -> Path:
    """Store *letter* under *path*, made if need be, and return its file; it survives a power cut.

    Line ends are stored as given. File names sort by time of delivery.
    """
    for name in ("tmp", "new", "cur"):
        (path / name).mkdir(parents=True, exist_ok=True)
    name = _unique_name(clock or SystemClock())
    draft = path / "tmp" / name
    with draft.open("xb") as file:
        file.write(letter)
        file.flush()
        os.fsync(file.fileno())
    final = path / "new" / name
    draft.rename(final)
    folder = os.open(path / "new", os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return final


def _unique_name(clock: Clock) -> str:
    seconds, fraction = divmod(epoch(clock.now()), 1)
    host = socket.gethostname().replace("/", "\\057").replace(":", "\\072")
    serial = f"M{int(fraction * 1e6):06}P{os.getpid()}Q{next(_COUNT):08}R{secrets.token_hex(4)}"
    return f"{int(seconds)}.{serial}.{host}"
