"""Take in letters from the mail server beside us, over LMTP (RFC 2033): it keeps the queue, we answer for each recipient."""

from __future__ import annotations

import contextlib
import re
import socket
import socketserver
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from depesche.lib.mailback.reports import LARGEST

Take = Callable[[bytes, Sequence[str]], None]

_TIMEOUT = 60.0
_LONGEST_LINE = 2048
_MOST_RECIPIENTS = 50
_MOST_CLIENTS = 20
_MOST_ERRORS = 20
_PATH = re.compile(r"(?i)(?:FROM|TO):[ ]?<([^<>]{0,320})>(?:\s.*)?")


class LmtpDoor:
    """Listens at *place*, `host:port` or `unix:/path`, and gives each letter and its recipients to *take*.

    A letter is accepted once *take* has returned. When *take* raises, the server is asked to try again later, so that
    no report is lost. What follows the first 2 MB of a letter is passed over.

    Raises:
        ValueError: *place* is none.
        OSError: nobody can listen there.
    """

    def __init__(
        self, place: str, take: Take, *, on_trouble: Callable[[Exception], None], timeout: float = _TIMEOUT
    ) -> None:
        self._take = take
        self._timeout = timeout
        self._on_trouble = on_trouble
        self._free = threading.BoundedSemaphore(_MOST_CLIENTS)
        self._socket_file: Path | None = None
        handler = _handler(self)
        self._server: socketserver.BaseServer
        if place.startswith("unix:"):
            self._socket_file = Path(place.removeprefix("unix:"))
            _clear(self._socket_file)
            self._server = _UnixServer(str(self._socket_file), handler)
            self._socket_file.chmod(0o660)
            self.port = 0
        else:
            host, colon, port = place.rpartition(":")
            if not (host and colon and port.isdecimal() and int(port) < 65536):
                raise ValueError(f"{place!r} is neither host:port nor unix:/path")
            self._server = _TcpServer((host.strip("[]"), int(port)), handler)
            self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.2,), name="lmtp", daemon=True
        )

    def start(self) -> None:
        """Let letters in."""
        self._thread.start()

    def close(self) -> None:
        """Listen no more; letters under way are cut off, and their senders keep them."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(5)
        self._server.server_close()
        if self._socket_file is not None:
            self._socket_file.unlink(missing_ok=True)

    def converse(self, connection: socket.socket) -> None:
        """Serve one client to its end."""
        if not self._free.acquire(blocking=False):
            with contextlib.suppress(OSError):
                connection.sendall(b"421 4.3.2 too many at once\r\n")
            return
        try:
            connection.settimeout(self._timeout)
            with connection.makefile("rb") as reader, contextlib.suppress(OSError, _Bye):
                _Conversation(reader.readline, connection.sendall, self._take, self._on_trouble).run()
        finally:
            self._free.release()


class _Bye(Exception):
    """The conversation is over."""


class _Conversation:
    """What one client says, and what it is answered."""

    def __init__(
        self,
        readline: Callable[[int], bytes],
        write: Callable[[bytes], None],
        take: Take,
        on_trouble: Callable[[Exception], None],
    ) -> None:
        self._readline = readline
        self._write = write
        self._take = take
        self._on_trouble = on_trouble
        self._errors = 0
        self._has_greeted = False
        self._has_sender = False
        self._recipients: list[str] = []

    def run(self) -> None:
        self._say("220 depesche LMTP")
        while True:
            verb, _, rest = self._line().partition(" ")
            answer = getattr(self, f"_on_{verb.lower()}", None) if verb.isalpha() and verb.isascii() else None
            if answer is None:
                self._refuse("500 5.5.2 no such command")
            else:
                answer(rest.strip())

    def _line(self) -> str:
        line = self._readline(_LONGEST_LINE)
        if not line:
            raise _Bye
        if not line.endswith(b"\n"):
            self._say("500 5.5.2 the line is too long")
            raise _Bye
        return line.decode("utf-8", "replace").rstrip("\r\n")

    def _say(self, text: str) -> None:
        self._write(text.encode() + b"\r\n")

    def _refuse(self, text: str) -> None:
        self._errors += 1
        if self._errors > _MOST_ERRORS:
            self._say("421 4.7.0 too many mistakes")
            raise _Bye
        self._say(text)

    def _on_lhlo(self, rest: str) -> None:
        if not rest:
            self._refuse("501 5.5.4 LHLO needs a name")
            return
        self._has_greeted = True
        self._forget()
        for keyword in ("PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8"):
            self._say(f"250-{keyword}")
        self._say(f"250 SIZE {10 * LARGEST}")

    def _on_helo(self, _rest: str) -> None:
        self._refuse("500 5.5.1 this is LMTP: say LHLO")

    _on_ehlo = _on_helo

    def _on_mail(self, rest: str) -> None:
        if not self._has_greeted:
            self._refuse("503 5.5.1 LHLO first")
        elif self._has_sender:
            self._refuse("503 5.5.1 one sender at a time")
        elif not _PATH.fullmatch(rest):
            self._refuse("501 5.1.7 no such path")
        else:
            self._has_sender = True
            self._say("250 2.1.0 ok")

    def _on_rcpt(self, rest: str) -> None:
        found = _PATH.fullmatch(rest)
        if not self._has_sender:
            self._refuse("503 5.5.1 MAIL first")
        elif found is None or not found[1]:
            self._refuse("501 5.1.3 no such path")
        elif len(self._recipients) >= _MOST_RECIPIENTS:
            self._refuse("452 4.5.3 too many recipients")
        else:
            self._recipients.append(found[1])
            self._say("250 2.1.5 ok")

    def _on_data(self, _rest: str) -> None:
        if not self._recipients:
            self._refuse("503 5.5.1 RCPT first")
            return
        self._say("354 go ahead")
        letter = self._letter()
        try:
            self._take(letter, tuple(self._recipients))
            answer = "250 2.0.0 taken"
        except Exception as error:  # whatever it is, the sender keeps the letter
            self._on_trouble(error)
            answer = "451 4.3.0 try again later"
        for _ in self._recipients:  # RFC 2033, 4.2: one answer for each
            self._say(answer)
        self._forget()

    def _letter(self) -> bytes:
        kept: list[bytes] = []
        size, is_line_start = 0, True
        while True:
            line = self._readline(_LONGEST_LINE)
            if not line:
                raise _Bye
            if is_line_start and line in (b".\r\n", b".\n"):
                return b"".join(kept)
            unstuffed = line[1:] if is_line_start and line.startswith(b".") else line
            is_line_start = line.endswith(b"\n")
            size += len(unstuffed)
            if size <= LARGEST:
                kept.append(unstuffed)

    def _on_rset(self, _rest: str) -> None:
        self._forget()
        self._say("250 2.0.0 ok")

    def _on_noop(self, _rest: str) -> None:
        self._say("250 2.0.0 ok")

    def _on_vrfy(self, _rest: str) -> None:
        self._say("252 2.5.0 send it and see")

    def _on_quit(self, _rest: str) -> None:
        self._say("221 2.0.0 bye")
        raise _Bye

    def _forget(self) -> None:
        self._has_sender = False
        self._recipients = []


class _TcpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


class _UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False


def _handler(door: LmtpDoor) -> type[socketserver.BaseRequestHandler]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            door.converse(self.request)

    return Handler


def _clear(file: Path) -> None:
    """Remove the socket that a killed process has left behind."""
    if file.is_socket():
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(file))
            except OSError:
                file.unlink(missing_ok=True)
