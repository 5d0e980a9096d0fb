"""Hand many letters to a mail server over one connection, in as few round trips as it allows."""

from __future__ import annotations

import re
import ssl
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from depesche.lib.mailing.smtpline import Line, Lost, Reply
from depesche.lib.mailing.smtpline import Server as Server
from depesche.lib.mailing.smtpline import SmtpError as SmtpError
from depesche.lib.mailing.smtpline import parse_url as parse_url
from depesche.lib.quick import quickly_made

_NOT_IN_PATH = re.compile("[\x00-\x1f\x7f-\x9f<>\u2028\u2029\ud800-\udfff]")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CLOSING = 421
_ADMITTED = (b"250 ", b"250 ", b"354 ")  # the answers to MAIL, RCPT and DATA, as a rule


@quickly_made
@dataclass(frozen=True, slots=True)
class Message:
    """A letter and its envelope; an empty `sender` is the null path of bounces.

    `data` that is `verbatim` goes out as it is: who sets it vouches that all lines end
    with CRLF and none begins with a dot, as `mail.Frozen.join` does. Looking costs a third of the sending. `key` is
    the giver's own.
    """

    sender: str
    recipient: str
    data: bytes
    verbatim: bool = False
    key: int = 0


@quickly_made
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
        return send_over([self], messages, on_intent=on_intent, on_accepted=on_accepted)

    def drop_if_forsaken(self) -> None:
        """Hang up where the server has done so between two letters, or has said that it will."""
        if self._line.is_forsaken():
            self._line.drop()

    def drop(self) -> None:
        """Hang up without a word."""
        self._line.drop()

    def stream(
        self,
        waiting: Iterator[Message],
        on_intent: Callable[[Message], None],
        on_accepted: Callable[[Message], None],
    ) -> Iterator[Outcome | None]:
        """Send the body of one message and the envelope of the next in one group (RFC 2920, 3.1).

        Yields outcomes, and None where something is written and the next step is to wait for the server.
        """
        ready: Message | None = None  # its envelope is accepted, its 354 is in hand
        is_pipelined = "PIPELINING" in self._line.extensions
        while self.is_open:
            envelope = b""
            while (taken := next(waiting, None)) is not None:
                offer = self._envelope(taken)
                if isinstance(offer, bytes):
                    envelope = offer
                    break
                yield offer
            if ready is None and taken is None:
                return
            group = envelope if is_pipelined else b""
            if ready is not None:
                on_intent(ready)
                body = ready.data if ready.verbatim else transparent(ready.data)
                self._line.write(b"".join((body, b".\r\n", group)))
                yield None
                outcome = self._finish(ready)
                if outcome.sent:
                    on_accepted(ready)
                yield outcome
            else:
                self._line.write(group)
                yield None
            ready = None
            if taken is not None:
                refused = self._admit(taken, envelope, is_written=is_pipelined)
                if refused is not None:
                    yield refused
                else:
                    ready = taken

    def _envelope(self, message: Message) -> bytes | Outcome:
        """Return the commands that offer *message*, or its outcome where this server can never be given it."""
        offers, data = self._line.extensions, message.data
        paths = message.sender + message.recipient
        is_plain = data.isascii()
        is_international = not (
            paths.isascii() and (is_plain or _HEAD_END.split(data, maxsplit=1)[0].isascii())
        )
        options = " SMTPUTF8" if is_international else ""
        if is_international and "SMTPUTF8" not in offers:
            return _unfit(message, 553, "the server takes no international addresses")
        if not is_plain:
            if "8BITMIME" not in offers:
                return _unfit(message, 554, "the server takes no 8-bit letters")
            options = " BODY=8BITMIME" + options
        if "SIZE" in offers:
            if offers["SIZE"].isdecimal() and 0 < int(offers["SIZE"]) < len(data):
                return _unfit(message, 552, f"{len(data)} bytes; the server takes {offers['SIZE']}")
            options = f" SIZE={len(data)}{options}"
        if not message.recipient:
            return _unfit(message, 553, "no recipient")
        if _NOT_IN_PATH.search(paths) or (" " in paths and not _spaces_are_quoted(message)):
            return _unfit(message, 553, "a character that no envelope may hold")
        said = f"MAIL FROM:<{message.sender}>{options}\r\nRCPT TO:<{message.recipient}>\r\nDATA\r\n".encode()
        if self._needs_reset:
            self._needs_reset = False
            return b"RSET\r\n" + said
        return said

    def _admit(self, message: Message, envelope: bytes, *, is_written: bool) -> Outcome | None:
        """Read the answers to the envelope; return the outcome if the server does not want the letter."""
        if not self._line.is_open:
            return Outcome(message, 0, "not offered: the connection was lost")
        if is_written and not envelope.startswith(b"RSET") and self._line.takes(_ADMITTED):
            return None
        refusal: Reply | None = None
        refused_at = ""
        try:
            for command in envelope.splitlines(keepends=True):
                if not is_written:
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


def send_over(
    connections: Iterable[Connection],
    messages: Iterable[Message],
    *,
    on_intent: Callable[[Message], None] = _nothing,
    on_accepted: Callable[[Message], None] = _nothing,
) -> Iterator[Outcome]:
    """Do as `Connection.send` over those of *connections* that are open, by turns: while one server works another is written to.

    So the program hardly ever sleeps, and what it needs stays at hand. When one is lost, the others finish what they have.
    """
    is_whole = True

    def waiting() -> Iterator[Message]:
        given = iter(messages)
        while is_whole and (one := next(given, None)) is not None:
            yield one

    supply = waiting()
    turns = deque((one, one.stream(supply, on_intent, on_accepted)) for one in connections if one.is_open)
    if not turns:
        raise SmtpError("the connection is not open")
    try:
        while turns:
            connection, stream = turns[0]
            for outcome in stream:
                if outcome is None:
                    turns.rotate(-1)
                    break
                yield outcome
            else:
                turns.popleft()
                is_whole = is_whole and connection.is_open
    finally:
        for connection, _ in turns:
            connection.drop()


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


def _spaces_are_quoted(message: Message) -> bool:
    return all(" " not in path or path.startswith('"') for path in (message.sender, message.recipient))


def _unfit(message: Message, code: int, reason: str) -> Outcome:
    return Outcome(message, code, f"not offered: {reason}", permanent=True)
