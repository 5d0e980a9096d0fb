"""The picture desk: fetches the pictures that stories name, makes them safe, and keeps them."""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urljoin, urlsplit

import structlog

from depesche.lib import images
from depesche.lib.clock import Clock
from depesche.lib.images import Image
from depesche.lib.text import line
from depesche.lib.web.http import Client, HttpError
from depesche.model import journal
from depesche.model.rights import shows_pictures
from depesche.model.wire import Wire
from depesche.store.database import Database
from depesche.store.stories.pictures import WaitingPicture

DESK_WIRE = "desk"  # what an operator ingests by hand belongs to no configured wire
LARGEST_FILE = 20_000_000
LARGEST_INLINE = 1_000_000

_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (2, 10, 60, 300, 1800))
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_DATA = re.compile(r"data:image/[a-z0-9.+-]+(?P<more>(?:;[^,;]*)*),", re.IGNORECASE)
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

_log = structlog.get_logger("pictures")


class _Unusable(Exception):
    """The picture will not be shown; the message says why."""


class _NotYet(Exception):
    """The picture may come later: an unfinished file, a site out of order."""


@dataclass(frozen=True, slots=True)
class _Later:
    tries: int
    at: datetime


class PictureDesk:
    """Settles the pictures that versions name, the newest versions first.

    *private* is the client for wires that may fetch from private networks; without one, *client* serves
    them too and its guard decides.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        wires: Mapping[str, Wire],
        client: Client,
        *,
        private: Client | None = None,
        batch: int = 20,
    ) -> None:
        self._database = database
        self._clock = clock
        self._wires = wires
        self._client = client
        self._private = private or client
        self._batch = batch
        self._later: dict[tuple[int, int], _Later] = {}
        self._silent: set[str | None] = set()  # sites that did not answer in this run

    def run_once(self) -> int:
        """Settle a batch of waiting pictures, stored or refused with a reason, and return how many.

        A picture that is not there yet is tried again after 2 seconds, and ever more slowly, five times.
        """
        now = self._clock.now()
        self._silent.clear()
        with self._database.reading() as tx:
            waiting = tx.pictures.waiting(self._batch + len(self._later))
        known = {(one.version, one.place) for one in waiting}
        self._later = {key: later for key, later in self._later.items() if key in known}
        ready = [one for one in waiting if self._is_due(one, now)][: self._batch]
        return sum(self._settle(one) for one in ready)

    def _is_due(self, one: WaitingPicture, now: datetime) -> bool:
        later = self._later.get((one.version, one.place))
        return later is None or later.at <= now

    def _settle(self, one: WaitingPicture) -> bool:
        key = (one.version, one.place)
        try:
            picture = self._picture(one)
        except _NotYet as error:
            tries = self._later[key].tries if key in self._later else 0
            if tries < len(_PAUSES):
                self._later[key] = _Later(tries + 1, self._clock.now() + _PAUSES[tries])
                return False
            self._refuse(one, str(error))
        except _Unusable as error:
            self._refuse(one, str(error))
        else:
            self._keep(one, picture)
        self._later.pop(key, None)
        return True

    def _keep(self, one: WaitingPicture, picture: Image) -> None:
        with self._database.transaction() as tx:
            tx.pictures.keep(
                picture.sha256,
                picture.media_type,
                picture.width,
                picture.height,
                picture.renditions,
                picture.more,
            )
            tx.pictures.settle(
                one.version, one.place, sha256=picture.sha256, caption=picture.caption, credit=picture.credit
            )
            tx.journal.append(
                journal.PICTURED, story=one.story, lineage=one.lineage, version=one.version, action=one.action,
                at=self._clock.now(),
            )  # fmt: skip

    def _refuse(self, one: WaitingPicture, reason: str) -> None:
        reason = line(reason)[:300] or "no reason was given"
        _log.warning(
            "picture refused", story=one.story, wire=one.wire, href=line(one.href[:200]), reason=reason
        )
        with self._database.transaction() as tx:
            tx.pictures.settle(one.version, one.place, reason=reason)

    def _picture(self, one: WaitingPicture) -> Image:
        wire = self._wires.get(one.wire)
        if wire is None and one.wire != DESK_WIRE:
            raise _Unusable("the wire is no longer configured")
        if wire is not None and not (wire.pictures and shows_pictures(wire.rights)):
            raise _Unusable("pictures of this wire are not shown")
        href = one.href.strip()
        if href[:5].lower() == "data:":
            return _safe(_inline(href))
        url = _url(href, one.base)
        if url is not None:
            return _safe(self._fetched(url, self._private if wire and wire.allow_private else self._client))
        if not one.base:
            raise _Unusable("a relative address, and nothing it is relative to")
        raw = _local(Path(one.base), href)
        try:
            return _safe(raw)
        except _Unusable as error:
            raise _NotYet(str(error)) from error  # the delivery may still be writing it

    def _fetched(self, url: str, client: Client) -> bytes:
        site = urlsplit(url).hostname
        if site in self._silent:
            raise _NotYet("the site does not answer")
        try:
            answer = client.fetch(url, {"Accept": "image/webp, image/png, image/jpeg, image/*;q=0.5"})
        except HttpError as error:
            if error.refused:
                raise _Unusable(error.reason) from error
            self._silent.add(site)
            raise _NotYet(error.reason) from error
        if answer.status == 200:
            return answer.body
        temporary = answer.status in (408, 425, 429) or answer.status >= 500
        raise (_NotYet if temporary else _Unusable)(f"the site answered with status {answer.status}")


def _safe(raw: bytes) -> Image:
    try:
        return images.sanitise(raw)
    except ValueError as error:
        raise _Unusable(str(error)) from error


def _inline(href: str) -> bytes:
    """Return the bytes of a data: address."""
    found = _DATA.match(href[:500])
    if found is None:
        raise _Unusable("a data: address that is no image")
    coded = href[found.end() :]
    if len(coded) > LARGEST_INLINE * 4 // 3:
        raise _Unusable(f"a data: address of more than {LARGEST_INLINE} bytes")
    raw = unquote_to_bytes(coded)
    if not found["more"].lower().endswith(";base64"):
        return raw
    try:
        return base64.b64decode(b"".join(raw.split()), validate=True)
    except binascii.Error as error:
        raise _Unusable("a data: address whose base64 is broken") from error


def _url(href: str, base: str | None) -> str | None:
    """Return the web address that *href* means, None where it is a file beside the item."""
    from_web = urlsplit(base).scheme in ("http", "https") if base else False
    try:
        url = urljoin(str(base), href) if from_web else href
        scheme = urlsplit(url).scheme.lower()
    except ValueError as error:
        raise _Unusable(f"an address that cannot be read: {error}") from error
    if scheme in ("http", "https"):
        return url
    if from_web or _SCHEME.match(href) or href.startswith("//"):
        raise _Unusable("neither a web address nor a file of the delivery")
    return None


def _local(base: Path, href: str) -> bytes:
    """Read the file that *href* names inside the folder *base*, and nowhere else."""
    for name in dict.fromkeys((href, unquote(href, errors="surrogateescape"))):
        parts = name.split("/")
        if not name or "\0" in name or "\\" in name or name.startswith("/") or ".." in parts:
            raise _Unusable("a path that leads out of the delivery")
        try:
            return _read([part for part in parts if part not in ("", ".")], base)
        except FileNotFoundError:
            continue
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "its name is no file name"
            raise _Unusable(f"the file cannot be read (links are not followed): {reason}") from error
    raise _NotYet("there is no such file in the delivery")


def _read(parts: list[str], base: Path) -> bytes:
    """Walk down from *base* part by part, following no symbolic link."""
    folder = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            deeper = os.open(part, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = deeper
        if not parts:
            raise _Unusable("the address is empty")
        handle = os.open(parts[-1], _FILE, dir_fd=folder)
        with open(handle, "rb") as file:  # noqa: PTH123 - a descriptor has no path
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise _Unusable("no plain file")
            if found.st_size > LARGEST_FILE:
                raise _Unusable(f"the file has {found.st_size} bytes; {LARGEST_FILE} are allowed")
            return file.read(LARGEST_FILE + 1)
    finally:
        os.close(folder)
