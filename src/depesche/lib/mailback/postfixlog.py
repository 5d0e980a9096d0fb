"""Read what became of letters from Postfix's log: Message-ID, then queue id, then status; in one pass, gigabytes long."""

from __future__ import annotations

import re
import zlib
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

from isal.igzip import IGzipFile

_MOST_QUEUED = 100_000  # queue ids of letters of ours that are remembered at a time
_LINE = 65_536
_CLEANUP = re.compile(
    rb"postfix(?:-[\w-]+)?/(?:[\w-]+/)?cleanup\[\d+\]: ([0-9A-Za-z]+): (?:resent-)?message-id=(<[^<>\s]+>)"
)
_FATE = re.compile(
    rb"postfix(?:-[\w-]+)?/(?:[\w-]+/)?(\w+)\[\d+\]: ([0-9A-Za-z]+): to=<[^>]*>,.*?(?:, dsn=([245]\.\d+\.\d+))?, status=([a-z-]+)(?: \((.*)\))?"
)
_SENDER = re.compile(rb": ([0-9A-Za-z]+): from=<[^>]*>, status=(expired|force-expired), returned to sender")
_MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)(?= )")
_HANDED_ON = re.compile(r"queued as [0-9A-Za-z]+")


@dataclass(frozen=True, slots=True)
class LogFate:
    """What the log says of a letter: `status` is Postfix's own (sent, bounced, deferred, expired), the last one counts.

    A letter that was only queued has the status `queued`: the mail server had taken charge of it. When it did is
    known from logs whose lines begin with a moment as in RFC 3339; others leave out year and zone.
    """

    status: str
    dsn: str | None = None
    said: str = ""
    queued_at: datetime | None = None


def read(lines: Iterable[bytes], message_ids: Collection[str]) -> dict[str, LogFate]:
    """Return what *lines* of a log, oldest first, say of the letters with *message_ids* (in angle brackets)."""
    wanted = {one.encode(): one for one in message_ids}
    queued: OrderedDict[bytes, str] = OrderedDict()
    found: dict[str, LogFate] = {}
    for line in lines:
        # Looking for two words first is ten times faster than either expression.
        if b"message-id=<" in line:
            seen = _CLEANUP.search(line)
            if seen and seen[2] in wanted:
                letter = wanted[seen[2]]
                queued[seen[1]] = letter
                found.setdefault(letter, LogFate("queued", queued_at=_moment(line)))
                if len(queued) > _MOST_QUEUED:
                    queued.popitem(last=False)
        elif b"status=" in line and queued:
            _settle(line, queued, found)
    return found


def _settle(line: bytes, queued: OrderedDict[bytes, str], found: dict[str, LogFate]) -> None:
    fate = _FATE.search(line)
    if fate is None:
        gone = _SENDER.search(line)
        if gone and gone[1] in queued:
            before = found[queued[gone[1]]]
            found[queued[gone[1]]] = replace(before, status="expired")
        return
    letter = queued.get(fate[2])
    if letter is None:
        return
    status, said = fate[4].decode(), (fate[5] or b"").decode("utf-8", "replace")[:500]
    # A content filter takes the letter on and hands it back under another id; what follows there counts.
    if (
        fate[1] in (b"smtp", b"lmtp", b"pipe", b"relay")
        and status == "sent"
        and _HANDED_ON.search(said)
        and _is_beside_us(line)
    ):
        return
    dsn = fate[3].decode() if fate[3] else None
    found[letter] = replace(found[letter], status=status, dsn=dsn, said=said)


def _moment(line: bytes) -> datetime | None:
    found = _MOMENT.match(line)
    try:
        return datetime.fromisoformat(found[0].decode()).astimezone(UTC) if found else None
    except (ValueError, OverflowError):
        return None


def _is_beside_us(line: bytes) -> bool:
    return b"relay=127.0.0.1[" in line or b"relay=localhost[" in line or b"relay=::1[" in line


def lines_of(files: Iterable[Path], on_read: Callable[[int], None] | None = None) -> Iterator[bytes]:
    """Yield the lines of *files*, in the order given, unpacking those that end in .gz; a line's part beyond 64 kB is a line.

    *on_read* is told now and then how many bytes of the files have been read.

    Raises:
        OSError: a file cannot be read, or its packing is broken.
    """
    for file in files:
        with file.open("rb") as raw:
            told = 0
            opened = _unpacked(raw) if file.suffix == ".gz" else raw
            for number, line in enumerate(_lines(opened, file)):
                yield line
                if on_read is not None and number % 20_000 == 0:
                    on_read(raw.tell() - told)
                    told = raw.tell()
            if on_read is not None:
                on_read(raw.tell() - told)


def _unpacked(raw: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", IGzipFile(fileobj=raw))  # type: ignore[no-untyped-call]


def _lines(opened: IO[bytes], file: Path) -> Iterator[bytes]:
    try:
        while line := opened.readline(_LINE):
            yield line
    except (EOFError, zlib.error) as error:
        raise OSError(f"{file}: its packing is broken: {error}") from error


def oldest_first(log: Path) -> list[Path]:
    """Return *log* and the files it was rotated to, `mail.log.2.gz`, `mail.log.1` or dated ones, the oldest first."""
    found = [
        one
        for one in log.parent.glob(f"{log.name}*")
        if one == log or _ROTATED.fullmatch(one.name.removeprefix(log.name))
    ]
    return sorted(found, key=lambda one: (one == log, one.stat().st_mtime, one.name))


_ROTATED = re.compile(r"[.-]\d+(\.gz)?")
