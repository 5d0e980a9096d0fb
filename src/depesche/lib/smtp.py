"""Hand many letters to a mail server over one connection, in as few round trips as it allows."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from depesche.lib.smtpline import Line, Lost, Reply
from depesche.lib.smtpline import Server as Server
from depesche.lib.smtpline import SmtpError as SmtpError
from depesche.lib.smtpline import parse_url as parse_url

_NOT_IN_PATH = re.compile("[\x00-\x1f\x7f-\x9f<>\u2028\u2029\ud800-\udfff]")
_CLOSING = 421


@dataclass(frozen=True, slots=True)
class Message:
    """A letter and its envelope; an empty `sender` is the null path of bounces.

    `data` that is `verbatim` goes out as it is: who sets it vouches that all lines end
    with CRLF and none begins with a dot, as `mail.Frozen.join` does. Looking costs a third of the sending.
    """

    sender: str
    recipient: str
    data: bytes
    verbatim: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message: sent, refused for good (`permanent`), refused for now, or `uncertain`.

    `uncertain` means that the connection broke between the end of the letter and the
    answer: the server may have it. `code` is 0 when no server spoke. `at` is the command that was refused:
    MAIL, RCPT, DATA, or a dot for the letter's end; empty where the server was not asked.
    """

    message: Message
    code: int
    text: str
    permanent: bool = False
    uncertain: bool = False
    at: str = ""

    @property
    def sent(self) -> bool:
        """Tell whether the server has taken charge of the letter."""
        return self.code // 100 == 2


def _nothing(_message: Message) -> None:
    """Keep no journal."""


class Connection:
    """One conversation with a mail server; not for use by two threads at once.

    *timeout* bounds each wait for the server, in seconds; *final_timeout* the wait for the answer to
    a letter's end, long (RFC 5321, 4.5.3.2.6) because giving up there leaves the letter uncertain.
    """

    def __init__(
        self,
        server: Server,
        *,
        hello: str | None = None,
        timeout: float = 60.0,
        final_timeout: float = 600.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._line = Line(server, hello=hello, timeout=timeout, tls=tls)
        self._final_timeout = final_timeout
        self._needs_reset = False

    @property
    def extensions(self) -> dict[str, str]:
        """Return what the server said it can do: keywords in capitals, with their parameters."""
        return self._line.extensions

    @property
    def is_open(self) -> bool:
        """Tell whether letters can be sent; false before `open` and after a loss."""
        return self._line.is_open

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """Connect, greet, secure and sign in, as far as the server's address asks for it.

        Raises:
            SmtpError: any of these failed; the connection is closed.
        """
        self._needs_reset = False
        self._line.open()

    def close(self) -> None:
        """Say goodbye and hang up; a server that has gone already is no failure."""
        self._line.close()

    def send(
        self,
        messages: Iterable[Message],
        *,
        on_intent: Callable[[Message], None] = _nothing,
        on_accepted: Callable[[Message], None] = _nothing,
    ) -> Iterator[Outcome]:
        """Send *messages* and yield one outcome for each that was taken from them.

        *on_intent* is called before the first byte of a letter's body leaves, so before the server can
        take charge of it; *on_accepted* after the server has. After a loss (see `is_open`) no further
        message is taken. The iterator must be read to its end; abandoning it closes the connection.

        Raises:
            SmtpError: the connection is not open.
        """
        if not self._line.is_open:
            raise SmtpError("the connection is not open")
        finished = False
        try:
            yield from self._stream(iter(messages), on_intent, on_accepted)
            finished = True
        finally:
            if not finished:
                self._line.drop()

    def _stream(
        self,
        waiting: Iterator[Message],
        on_intent: Callable[[Message], None],
        on_accepted: Callable[[Message], None],
    ) -> Iterator[Outcome]:
        """Send the body of one message and the envelope of the next in one group (RFC 2920, 3.1)."""
        ready: Message | None = None  # its envelope is accepted, its 354 is in hand
        while self.is_open:
            taken = next(waiting, None)
            while taken is not None and (unfit := self._unfit(taken)) is not None:
                yield unfit
                taken = next(waiting, None)
            if ready is None and taken is None:
                return
            commands = self._envelope(taken) if taken is not None else []
            group = commands if "PIPELINING" in self._line.extensions else []
            if ready is not None:
                on_intent(ready)
                body = ready.data if ready.verbatim else transparent(ready.data)
                self._line.write(b"".join((body, b".\r\n", *group)))
                outcome = self._finish(ready)
                if outcome.sent:
                    on_accepted(ready)
                yield outcome
            else:
                self._line.write(b"".join(group))
            ready = None
            if taken is not None:
                refused = self._admit(taken, commands, are_written=bool(group))
                if refused is not None:
                    yield refused
                else:
                    ready = taken

    def _unfit(self, message: Message) -> Outcome | None:
        """Return the outcome of a message that this server can never be given."""
        reason, code = "", 554
        for path in (message.sender, message.recipient):
            if _NOT_IN_PATH.search(path) or (" " in path and not path.startswith('"')):
                reason, code = "a character that no envelope may hold", 553
        if not message.recipient:
            reason, code = "no recipient", 553
        limit = self._line.extensions.get("SIZE", "")
        if limit.isdecimal() and 0 < int(limit) < len(message.data):
            reason, code = f"{len(message.data)} bytes; the server takes {limit}", 552
        if not message.data.isascii() and "8BITMIME" not in self._line.extensions:
            reason = "the server takes no 8-bit letters"
        if _is_international(message) and "SMTPUTF8" not in self._line.extensions:
            reason, code = "the server takes no international addresses", 553
        return Outcome(message, code, f"not offered: {reason}", permanent=True) if reason else None

    def _envelope(self, message: Message) -> list[bytes]:
        options = ""
        if "SIZE" in self._line.extensions:
            options += f" SIZE={len(message.data)}"
        if not message.data.isascii():
            options += " BODY=8BITMIME"
        if _is_international(message):
            options += " SMTPUTF8"
        commands = [
            f"MAIL FROM:<{message.sender}>{options}\r\n".encode(),
            f"RCPT TO:<{message.recipient}>\r\n".encode(),
            b"DATA\r\n",
        ]
        if self._needs_reset:
            self._needs_reset = False
            commands.insert(0, b"RSET\r\n")
        return commands

    def _admit(self, message: Message, commands: list[bytes], *, are_written: bool) -> Outcome | None:
        """Read the answers to the envelope; return the outcome if the server does not want the letter."""
        if not self._line.is_open:
            return Outcome(message, 0, "not offered: the connection was lost")
        refusal: Reply | None = None
        refused_at = ""
        try:
            for command in commands:
                if not are_written:
                    if refusal is not None:
                        break
                    self._line.write(command)
                reply = self._line.reply()
                wanted = 3 if command == b"DATA\r\n" else 2
                if reply.code // 100 != wanted and refusal is None:
                    refusal, refused_at = reply, command[:4].decode()
                if reply.code == _CLOSING:
                    self._line.drop()
                    break
            if refusal is None:
                return None
            self._needs_reset = True
            if self._line.is_open and reply.code // 100 == 3:
                # The server wants a letter that has no recipient; RFC 2920 has us send an empty one.
                self._line.write(b".\r\n")
                self._line.reply()
        except Lost as loss:
            self._line.drop()
            if refusal is None:
                return Outcome(message, 0, f"not sent: {loss}")
        return Outcome(message, refusal.code, refusal.text, permanent=refusal.code >= 500, at=refused_at)

    def _finish(self, message: Message) -> Outcome:
        """Read the answer to a letter's end."""
        try:
            reply = self._line.reply(self._final_timeout)
        except Lost as loss:
            self._line.drop()
            return Outcome(message, 0, f"no answer to the letter: {loss}", uncertain=True)
        if reply.code == _CLOSING:
            self._line.drop()
        return Outcome(message, reply.code, reply.text, permanent=reply.code >= 500, at=".")


def transparent(data: bytes) -> bytes:
    """Return *data* as it may stand after DATA: lines ended by CRLF, the last one too, leading dots doubled."""
    breaks = data.count(b"\n")
    if breaks != data.count(b"\r") or breaks != data.count(b"\r\n"):
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    if not data.endswith(b"\r\n"):
        data += b"\r\n"
    if b"\n." in data:
        data = data.replace(b"\n.", b"\n..")
    return b"." + data if data.startswith(b".") else data


def _is_international(message: Message) -> bool:
    """Tell whether envelope or head need SMTPUTF8 (RFC 6531)."""
    if not (message.sender.isascii() and message.recipient.isascii()):
        return True
    if message.data.isascii():
        return False
    head = re.split(rb"\r?\n\r?\n", message.data, maxsplit=1)[0]
    return not head.isascii()
