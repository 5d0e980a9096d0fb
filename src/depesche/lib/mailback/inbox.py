"""Boxes in which reports of mail servers wait: a maildir, or a folder behind IMAP."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from depesche.lib.mailback.reports import LARGEST

_TIMEOUT = 30.0
_AT_ONCE = 100
_PORTS = {"imaps": 993, "imap+starttls": 143, "imap": 143}


class InboxError(Exception):
    """A box cannot be read now; the message says why and holds no password."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A letter in a box: `name` tells it from the others there, `raw` is at most 2 MB of it."""

    name: str
    raw: bytes


class Inbox(Protocol):
    """A box that is emptied letter by letter."""

    def letters(self) -> Iterator[Waiting]:
        """Yield the letters that nobody has settled yet; asking for the next one settles nothing.

        Raises:
            InboxError: the box cannot be read.
        """
        ...

    def settle(self, letter: Waiting) -> None:
        """Take *letter* out of the box: it is safe elsewhere.

        Raises:
            InboxError: the box cannot be written.
        """
        ...

    def close(self) -> None:
        """Let go of the box until it is read again."""
        ...


class MaildirInbox:
    """A maildir: letters in `new` and `cur` wait, and are deleted once settled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def letters(self) -> Iterator[Waiting]:
        """Yield the letters, oldest first by name."""
        if not self._folder.is_dir():
            raise InboxError(f"{self._folder}: there is no such folder")
        try:
            files = [one for name in ("new", "cur") for one in (self._folder / name).glob("[!.]*")]
        except OSError as error:
            raise InboxError(f"{self._folder}: {error.strerror}") from error
        for file in sorted(files, key=lambda one: one.name)[:_AT_ONCE]:
            try:
                with file.open("rb") as opened:
                    raw = opened.read(LARGEST)
            except FileNotFoundError:
                continue  # a mail program moved it from new to cur; the next round finds it
            except OSError as error:
                raise InboxError(f"{file}: {error.strerror}") from error
            yield Waiting(str(file), raw)

    def settle(self, letter: Waiting) -> None:
        """Delete the letter's file."""
        try:
            Path(letter.name).unlink(missing_ok=True)
        except OSError as error:
            raise InboxError(f"{letter.name}: {error.strerror}") from error

    def close(self) -> None:
        """Nothing is held open."""


@dataclass(frozen=True, slots=True)
class ImapServer:
    """Where a box lies behind IMAP; `security` is a scheme of its address."""

    host: str
    port: int
    security: str
    user: str
    folder: str = "INBOX"
    password: str = field(default="", repr=False)


def parse_imap(url: str) -> ImapServer:
    """Return the box that *url* names: `imaps://` or `imap+starttls://` user:password@host[:port][/folder].

    `imap://` without encryption is for a server on the same machine.

    Raises:
        ValueError: *url* is none of these; the message does not repeat its password.
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(
            "the address of an IMAP box begins with imaps:// or imap+starttls:// and names a host"
        )
    if parts.scheme == "imap" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("imap:// sends the password in the clear; use imaps:// or imap+starttls://")
    if not parts.username or parts.query or parts.fragment:
        raise ValueError("the address of an IMAP box names a user and nothing but a folder behind the host")
    try:
        port = parts.port or _PORTS[parts.scheme]
    except ValueError as error:
        raise ValueError(f"the port of {parts.hostname} is no port") from error
    folder = unquote(parts.path.strip("/")) or "INBOX"
    if not folder.isascii() or any(not char.isprintable() for char in folder):
        raise ValueError("the folder of an IMAP box must be ASCII")
    return ImapServer(
        parts.hostname, port, parts.scheme, unquote(parts.username), folder, unquote(parts.password or "")
    )


class ImapInbox:
    """A folder behind IMAP; letters are deleted once settled, and the folder is swept when it is let go."""

    def __init__(self, server: ImapServer, tls: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._tls = tls
        self._line: imaplib.IMAP4 | None = None

    def letters(self) -> Iterator[Waiting]:
        """Yield the letters that are not marked as deleted, oldest first, at most a hundred in one go."""
        line = self._open()
        found = self._ask(line, "SEARCH", None, "UNDELETED")
        uids = [uid for one in found if isinstance(one, bytes) for uid in one.split()]
        for uid in uids[:_AT_ONCE]:
            answer = self._ask(line, "FETCH", uid.decode("ascii", "replace"), f"(BODY.PEEK[]<0.{LARGEST}>)")
            raw = next((one[1] for one in answer if isinstance(one, tuple)), None)
            if raw is not None:
                yield Waiting(uid.decode("ascii", "replace"), raw)

    def settle(self, letter: Waiting) -> None:
        """Mark the letter as deleted."""
        if self._line is None:
            raise InboxError(f"{self._server.host}: the box was let go")
        self._ask(self._line, "STORE", letter.name, "+FLAGS.SILENT", r"(\Deleted)")

    def close(self) -> None:
        """Sweep out what is marked, and sign off; a server that has gone already is no failure."""
        line, self._line = self._line, None
        if line is None:
            return
        try:
            line.close()
            line.logout()
        except (imaplib.IMAP4.error, OSError):
            line.shutdown()

    def _open(self) -> imaplib.IMAP4:
        if self._line is not None:
            self.close()
        server = self._server
        try:
            line = self._connect()
        except (imaplib.IMAP4.error, OSError) as error:
            raise InboxError(f"{server.host}:{server.port}: {error}") from error
        try:
            if server.security == "imap+starttls":
                line.starttls(self._tls or ssl.create_default_context())
            line.login(server.user, server.password)
            answer, said = line.select('"' + server.folder.replace("\\", "\\\\").replace('"', '\\"') + '"')
        except (imaplib.IMAP4.error, OSError) as error:
            line.shutdown()
            raise InboxError(f"{server.host}: {_plain(error)}") from error
        if answer != "OK":
            line.shutdown()
            raise InboxError(f"{server.host}: folder {server.folder}: {_plain(said)}")
        self._line = line
        return line

    def _connect(self) -> imaplib.IMAP4:
        server = self._server
        if server.security == "imaps":
            tls = self._tls or ssl.create_default_context()
            return imaplib.IMAP4_SSL(server.host, server.port, ssl_context=tls, timeout=_TIMEOUT)
        return imaplib.IMAP4(server.host, server.port, timeout=_TIMEOUT)

    def _ask(
        self, line: imaplib.IMAP4, command: str, *given: str | None
    ) -> list[bytes | tuple[bytes, bytes]]:
        try:
            answer, data = line.uid(command, *given)  # type: ignore[arg-type]
        except (imaplib.IMAP4.error, OSError) as error:
            self._line = None
            line.shutdown()
            raise InboxError(f"{self._server.host}: {command}: {_plain(error)}") from error
        if answer != "OK":
            raise InboxError(f"{self._server.host}: {command}: {_plain(data)}")
        return data


def _plain(said: object) -> str:
    """Return what a server said, short and on one line."""
    if isinstance(said, Exception) and said.args and isinstance(said.args[0], bytes | list):
        said = said.args[0]
    pieces = said if isinstance(said, list) else [said]
    text = " ".join(one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in pieces)
    return "".join(char if char.isprintable() else " " for char in text)[:200]
