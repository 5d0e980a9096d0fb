"""Speak SMTP with one server: connect, greet, secure, sign in, write commands and read answers."""

from __future__ import annotations

import base64
import contextlib
import ipaddress
import re
import select
import socket
import ssl
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote, urlsplit

Security = Literal["plain", "starttls", "tls"]
_SCHEMES: dict[str, tuple[Security, int]] = {
    "smtp": ("plain", 25),
    "smtp+starttls": ("starttls", 587),
    "smtps": ("tls", 465),
}
_REPLY = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)
_NOT_IN_TEXT = re.compile("[\x00-\x1f\x7f-\x9f]")
_LONGEST_REPLY = 65536
_MOST_LINES = 100
_GOODBYE_TIMEOUT = 2.0


class SmtpError(Exception):
    """No letter can be sent over this connection; `code` is the server's, 0 when it said nothing.

    `permanent` means that the server's answer, or its lack of a feature, will not change by waiting.
    """

    def __init__(self, reason: str, code: int = 0, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.code = code
        self.permanent = permanent


class Lost(Exception):
    """The connection broke, or speaks no SMTP."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a mail server listens, and how it wants to be spoken to."""

    host: str
    port: int
    security: Security = "plain"
    user: str | None = None
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the server, its lines without their codes."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return all lines as one."""
        return " ".join(self.lines)


def parse_url(url: str) -> Server:
    """Return the server that *url* names: `smtp://`, `smtp+starttls://` or `smtps://` [user:password@]host[:port].

    Raises:
        ValueError: *url* is none of these; the message does not repeat its password.
    """
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        raise ValueError(
            f"a mail server's address begins with one of {', '.join(s + '://' for s in _SCHEMES)}"
        )
    if not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("a mail server's address is a host, with user, password and port if need be")
    security, port = _SCHEMES[parts.scheme]
    user = unquote(parts.username) if parts.username else None
    try:
        return Server(parts.hostname, parts.port or port, security, user, unquote(parts.password or ""))
    except ValueError as error:
        raise ValueError(f"the port of {parts.hostname} is no port") from error


class Line:
    """One conversation with a mail server, and what the server said it can do.

    *timeout* bounds each wait for the server, in seconds.

    Raises:
        ValueError: *hello* is no host name.
    """

    def __init__(
        self, server: Server, *, hello: str | None, timeout: float, tls: ssl.SSLContext | None
    ) -> None:
        if hello is not None and not re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", hello):
            raise ValueError(f"{hello!r} is no name to greet with")
        self._server = server
        self._hello = hello
        self._timeout = timeout
        self._tls = tls
        self._socket: socket.socket | None = None
        self._lines: deque[bytes] = deque()
        self._rest = b""
        self._broken = ""
        self.extensions: dict[str, str] = {}

    @property
    def is_open(self) -> bool:
        """Tell whether commands can be written."""
        return self._socket is not None

    def is_forsaken(self) -> bool:
        """Tell whether the server, whom nobody has asked anything, has hung up or spoken: servers do not wait for ever."""
        if self._socket is None:
            return False
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))

    def open(self) -> None:
        """Connect, greet, secure and sign in, as far as the server's address asks for it.

        Raises:
            SmtpError: any of these failed; the connection is closed.
        """
        self.drop()
        self._broken = ""
        try:
            self._connect()
            self._expect(self.reply(), 220, "greeting")
            self._greet()
            if self._server.security == "starttls":
                self._start_tls()
            if self._server.user is not None:
                self._sign_in(self._server.user, self._server.password)
        except (Lost, OSError) as error:
            self.drop()
            raise SmtpError(f"{self._server.host}:{self._server.port}: {error}") from error
        except SmtpError:
            self.drop()
            raise

    def close(self) -> None:
        """Say goodbye and hang up; a server that has gone already is no failure."""
        if self._socket is not None:
            with contextlib.suppress(Lost, OSError):  # every letter has its answer: nothing hangs on QUIT's
                self._socket.sendall(b"QUIT\r\n")
                self.reply(min(self._timeout, _GOODBYE_TIMEOUT))
        self.drop()

    def _connect(self) -> None:
        address = (self._server.host, self._server.port)
        self._socket = socket.create_connection(address, timeout=self._timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._server.security == "tls":
            self._secure()

    def _secure(self) -> None:
        if self._socket is None:
            raise Lost("the connection was lost")
        context = self._tls or ssl.create_default_context()
        self._socket = context.wrap_socket(self._socket, server_hostname=self._server.host)

    def _greet(self) -> None:
        """Introduce ourselves and learn what the server can do."""
        self.extensions = {}
        name = self._hello or self._own_name()
        reply = self._ask(f"EHLO {name}")
        if reply.code // 100 == 5:
            self._expect(self._ask(f"HELO {name}"), 250, "HELO")
            return
        self._expect(reply, 250, "EHLO")
        for line in reply.lines[1:]:
            keyword, _, parameters = line.strip().partition(" ")
            self.extensions[keyword.upper()] = parameters
            if keyword.upper().startswith("AUTH="):  # the form before RFC 2554
                self.extensions.setdefault("AUTH", keyword[5:] + " " + parameters)

    def _own_name(self) -> str:
        """Return our address as a literal, the name RFC 5321 gives to those who have none."""
        if self._socket is None:
            raise Lost("the connection was lost")
        address = ipaddress.ip_address(self._socket.getsockname()[0].partition("%")[0])
        return f"[{address}]" if address.version == 4 else f"[IPv6:{address}]"

    def _start_tls(self) -> None:
        if "STARTTLS" not in self.extensions:
            raise SmtpError(f"{self._server.host} offers no STARTTLS", permanent=True)
        self._expect(self._ask("STARTTLS"), 220, "STARTTLS")
        if self._lines or self._rest:
            raise SmtpError(f"{self._server.host}: somebody wrote into the conversation before STARTTLS")
        self._secure()
        self._greet()

    def _sign_in(self, user: str, password: str) -> None:
        if self._server.security == "plain" and not self._is_on_this_machine():
            raise SmtpError(
                "the password would travel in the clear; use smtps:// or smtp+starttls://", permanent=True
            )
        offered = self.extensions.get("AUTH", "").upper().split()
        if "PLAIN" in offered:
            reply = self._ask("AUTH PLAIN " + _base64(f"\0{user}\0{password}"))
        elif "LOGIN" in offered:
            reply = self._ask("AUTH LOGIN")
            for answer in (user, password):
                self._expect(reply, 334, "AUTH LOGIN")
                reply = self._ask(_base64(answer))
        else:
            raise SmtpError(f"{self._server.host} offers neither AUTH PLAIN nor AUTH LOGIN", permanent=True)
        self._expect(reply, 235, "AUTH")

    def _is_on_this_machine(self) -> bool:
        if self._socket is None:
            raise Lost("the connection was lost")
        return ipaddress.ip_address(self._socket.getpeername()[0].partition("%")[0]).is_loopback

    def _expect(self, reply: Reply, code: int, step: str) -> None:
        if reply.code != code:
            reason = f"{self._server.host} answered {step} with {reply.code} {reply.text}"
            raise SmtpError(reason, reply.code, permanent=reply.code >= 500)

    def _ask(self, command: str) -> Reply:
        self.write(command.encode() + b"\r\n")
        return self.reply()

    def write(self, data: bytes) -> None:
        """Write *data*; after a failure only remember it, because the server may have said why."""
        if self._socket is None or not data:
            return
        try:
            self._socket.sendall(data)
        except TimeoutError:
            self._broken = "the server stopped reading"
            self.drop()
        except OSError as error:
            self._broken = str(error)

    def takes(self, beginnings: Sequence[bytes]) -> bool:
        """Take the next answers, if they have come and begin like these, each of a line; else leave them for `reply`."""
        lines = self._lines
        if len(lines) < len(beginnings):
            return False
        for place, beginning in enumerate(beginnings):
            if not lines[place].startswith(beginning):
                return False
        for _ in beginnings:
            lines.popleft()
        return True

    def reply(self, timeout: float | None = None) -> Reply:
        """Return the next answer.

        Raises:
            Lost: the connection broke, *timeout* seconds passed, or this is no SMTP.
        """
        reply, is_last = _parsed(self._lines.popleft() if self._lines else self._read_line(timeout))
        if is_last:
            return reply
        lines = list(reply.lines)
        while not is_last:
            if len(lines) > _MOST_LINES:
                raise Lost("an SMTP answer without an end")
            reply, is_last = _parsed(self._lines.popleft() if self._lines else self._read_line(timeout))
            lines += reply.lines
        return Reply(reply.code, tuple(lines))

    def _read_line(self, timeout: float | None) -> bytes:
        limit = timeout or self._timeout
        while not self._lines:
            if self._socket is None:
                raise Lost(self._broken or "the connection was lost")
            try:
                if self._socket.gettimeout() != limit:  # setting it is a system call
                    self._socket.settimeout(limit)
                data = self._socket.recv(65536)
            except TimeoutError as error:
                raise Lost(f"no answer within {limit:g} s") from error
            except OSError as error:
                raise Lost(self._broken or str(error)) from error
            if not data or len(self._rest) > _LONGEST_REPLY:
                raise Lost(self._broken or "the server closed the connection")
            *whole, self._rest = (self._rest + data).split(b"\n")
            self._lines.extend([line.removesuffix(b"\r") for line in whole])
        return self._lines.popleft()

    def drop(self) -> None:
        """Hang up without a word."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._lines.clear()
        self._rest = b""


@lru_cache(maxsize=256)  # a server says the same few things again and again
def _parsed(line: bytes) -> tuple[Reply, bool]:
    """Return one line of an answer, and whether it is the last."""
    found = _REPLY.fullmatch(line)
    if found is None:
        raise Lost(f"no SMTP answer: {line[:60]!r}")
    text = _NOT_IN_TEXT.sub(" ", (found[3] or b"").decode("utf-8", "replace"))
    return Reply(int(found[1]), (text,)), found[2] != b"-"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
