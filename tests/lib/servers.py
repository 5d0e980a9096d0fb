"""Real servers on the loopback for tests: a mail server that can misbehave, and a web server."""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

CERTIFICATE = Path(__file__).with_name("loopback.pem")
EXTENSIONS = ("PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 10000000")

DROP = "drop"  # hang up instead of answering; a letter just sent is not kept
KEEP_AND_DROP = "keep and drop"  # keep the letter just sent, and hang up instead of answering
HANG = "hang"  # never answer


def server_tls() -> ssl.SSLContext:
    """Return the context of a server that calls itself localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def client_tls() -> ssl.SSLContext:
    """Return the context of a client that trusts the servers here and nobody else."""
    return ssl.create_default_context(cafile=str(CERTIFICATE))


@dataclass
class Received:
    """A letter the mail server took, its dots unstuffed, with the parameters of MAIL."""

    sender: str
    recipients: list[str]
    data: bytes
    parameters: list[str] = field(default_factory=list)


Decide = Callable[[str, str, int], str | None]


class SmtpSink:
    """A mail server on 127.0.0.1 that keeps what it is sent.

    *decide* is asked before each answer with the verb (CONNECT, EHLO, MAIL, RCPT, DATA, RSET, "." for the end of
    a letter ...), the rest of the line and how often that verb came, from 1; it returns None for the usual
    answer, another answer, or one of DROP, KEEP_AND_DROP and HANG. *users* makes the server demand
    AUTH by one of *mechanisms*. `violations` lists what a correct client never does.
    """

    def __init__(
        self,
        *,
        extensions: tuple[str, ...] = EXTENSIONS,
        decide: Decide | None = None,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        users: Mapping[str, str] | None = None,
        mechanisms: str = "PLAIN LOGIN",
        after_starttls: bytes = b"",
    ) -> None:
        self.extensions = extensions
        self.decide = decide or (lambda verb, rest, count: None)
        self.tls = tls
        self.implicit_tls = implicit_tls
        self.users = dict(users or {})
        self.mechanisms = mechanisms
        self.after_starttls = after_starttls
        self.messages: list[Received] = []
        self.commands: list[str] = []
        self.violations: list[str] = []
        self.connections = 0
        self._counts: dict[str, int] = {}
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        """Return the address to send to, for plain SMTP."""
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        acceptor = threading.Thread(target=self._accept, daemon=True)
        acceptor.start()
        self._threads.append(acceptor)
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def ask(self, verb: str, rest: str) -> str | None:
        """Record one step and return what *decide* says to it."""
        count = self._counts[verb] = self._counts.get(verb, 0) + 1
        self.commands.append(f"{verb} {rest}".strip())
        return self.decide(verb, rest, count)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.implicit_tls and self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            self._open.add(connection)
            try:
                _Conversation(self, connection, self._closing).run()
            finally:
                self._open.discard(connection)
                connection.close()


class _HangUp(Exception):
    pass


class _Conversation:
    """One client of the sink."""

    def __init__(self, sink: SmtpSink, connection: socket.socket, closing: threading.Event) -> None:
        self.sink = sink
        self.connection = connection
        self.closing = closing
        self.buffer = b""
        self.answers: list[bytes] = []
        self.greeted = self.extended = False
        self.signed_in = not sink.users
        self.secure = sink.implicit_tls
        self.sender: str | None = None
        self.recipients: list[str] = []
        self.parameters: list[str] = []

    def run(self) -> None:
        with contextlib.suppress(_HangUp), contextlib.closing(self):
            self.answer(self.sink.ask("CONNECT", "") or "220 sink.example ESMTP")
            while True:
                self.step(self.line().decode("utf-8", "replace"))

    def close(self) -> None:
        self.connection.close()  # after STARTTLS this is not the socket that was accepted

    def answer(self, text: str) -> None:
        if text in (DROP, KEEP_AND_DROP):
            self.flush()
            raise _HangUp
        if text == HANG:
            self.flush()
            self.closing.wait(30)
            raise _HangUp
        self.answers.append(text.encode() + b"\r\n")

    def flush(self) -> None:
        if self.answers:
            self.connection.sendall(b"".join(self.answers))
            self.answers.clear()

    def more(self) -> None:
        self.flush()
        data = self.connection.recv(262144)
        if not data:
            raise _HangUp
        self.buffer += data

    def line(self) -> bytes:
        while (end := self.buffer.find(b"\r\n")) < 0:
            if b"\n" in self.buffer:
                self.sink.violations.append(f"bare line feed in {self.buffer[:80]!r}")
                raise _HangUp
            self.more()
        line, self.buffer = self.buffer[:end], self.buffer[end + 2 :]
        return line

    def step(self, line: str) -> None:
        verb, _, rest = line.partition(" ")
        verb = verb.upper()
        if self.buffer and ("PIPELINING" not in self.sink.extensions or not self.extended):
            self.sink.violations.append(f"did not wait for the answer to {line}")
        override = self.sink.ask(verb, rest)
        if override is not None:
            self.answer(override)
            if override.startswith("421"):
                self.flush()
                raise _HangUp
            if verb == "DATA" and override.startswith("354"):
                self.letter()
            return
        handler = getattr(self, f"on_{verb.lower()}", None)
        if handler is None:
            self.answer("502 5.5.1 not implemented")
        else:
            handler(rest)

    def on_ehlo(self, _rest: str) -> None:
        self.greeted = self.extended = True
        offers = ["sink.example", *self.sink.extensions]
        if self.sink.users:
            offers.append(f"AUTH {self.sink.mechanisms}")
        if self.sink.tls is not None and not self.secure:
            offers.append("STARTTLS")
        for offer in offers[:-1]:
            self.answer(f"250-{offer}")
        self.answer(f"250 {offers[-1]}")

    def on_helo(self, _rest: str) -> None:
        self.greeted = True
        self.answer("250 sink.example")

    def on_starttls(self, _rest: str) -> None:
        if self.sink.tls is None:
            self.answer("454 4.7.0 no TLS here")
            return
        self.answers.append(b"220 2.0.0 go ahead\r\n" + self.sink.after_starttls)
        self.flush()
        self.connection = self.sink.tls.wrap_socket(self.connection, server_side=True)
        self.secure, self.greeted, self.extended = True, False, False

    def on_auth(self, rest: str) -> None:
        mechanism, _, initial = rest.partition(" ")
        if mechanism.upper() == "PLAIN":
            _, user, password = base64.b64decode(initial).decode().split("\0")
        else:
            self.answer("334 VXNlcm5hbWU6")
            user = base64.b64decode(self.line()).decode()
            self.answer("334 UGFzc3dvcmQ6")
            password = base64.b64decode(self.line()).decode()
        self.signed_in = self.sink.users.get(user) == password
        self.answer("235 2.7.0 welcome" if self.signed_in else "535 5.7.8 wrong name or password")

    def on_mail(self, rest: str) -> None:
        if not self.greeted or self.sender is not None:
            self.sink.violations.append(f"MAIL {rest} out of order")
            self.answer("503 5.5.1 out of order")
        elif not self.signed_in:
            self.answer("530 5.7.0 sign in first")
        else:
            path, *self.parameters = rest.removeprefix("FROM:").rsplit("> ", 1)
            self.sender = path.strip("<>")
            self.parameters = " ".join(self.parameters).split()
            self.answer("250 2.1.0 sender ok")

    def on_rcpt(self, rest: str) -> None:
        if self.sender is None:
            self.answer("503 5.5.1 MAIL first")
            return
        self.recipients.append(rest.removeprefix("TO:").strip("<>"))
        self.answer("250 2.1.5 recipient ok")

    def on_data(self, _rest: str) -> None:
        if not self.recipients:
            self.answer("554 5.5.1 no valid recipients")
            return
        self.answer("354 go ahead")
        self.letter()

    def letter(self) -> None:
        """Take the lines up to the lone dot."""
        if self.buffer:
            self.sink.violations.append("a letter before its 354")
        while not (self.buffer.startswith(b".\r\n") or b"\r\n.\r\n" in self.buffer):
            self.more()
        if self.buffer.startswith(b".\r\n"):
            data, self.buffer = b"", self.buffer[3:]
        else:
            data, _, self.buffer = self.buffer.partition(b"\r\n.\r\n")
            data += b"\r\n"
        data = (b"\r\n" + data).replace(b"\r\n..", b"\r\n.")[2:]
        if self.buffer and "PIPELINING" not in self.sink.extensions:
            self.sink.violations.append("did not wait for the answer to a letter")
        override = self.sink.ask(".", str(len(data)))
        if self.recipients and (override in (None, KEEP_AND_DROP) or str(override).startswith("2")):
            self.sink.messages.append(Received(self.sender or "", self.recipients, data, self.parameters))
        accepted = "250 2.0.0 queued" if self.recipients else "554 5.5.1 no valid recipients"
        self.on_reset_state()
        self.answer(override or accepted)
        if str(override).startswith("421"):
            self.flush()
            raise _HangUp

    def on_reset_state(self) -> None:
        self.sender, self.recipients, self.parameters = None, [], []

    def on_rset(self, _rest: str) -> None:
        self.on_reset_state()
        self.answer("250 2.0.0 reset")

    def on_noop(self, _rest: str) -> None:
        self.answer("250 2.0.0 ok")

    def on_quit(self, _rest: str) -> None:
        self.answer("221 2.0.0 bye")
        self.flush()
        raise _HangUp


@dataclass
class Asked:
    """A request the web server got; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    """What the web server says; `stream` writes a body piece by piece, for servers that are slow or endless."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: Callable[[Callable[[bytes], object], threading.Event], None] | None = None


class HttpServer:
    """A web server on *host*, answering each path of *routes* with an answer or what its function returns.

    Routes may be added while it runs. `asked` lists the requests in order.
    """

    def __init__(
        self,
        routes: Mapping[str, Answer | Callable[[Asked], Answer]] | None = None,
        *,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.routes = dict(routes or {})
        self.asked: list[Asked] = []
        self.closing = threading.Event()
        self._server = _Threads((host, 0), _handler(self))
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.host = host
        self.port: int = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Threads(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients here hang up on purpose."""


def _handler(server: HttpServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            self.close_connection = True
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, body)
            server.asked.append(asked)
            route = server.routes.get(self.path, Answer(404, b"no such page"))
            answer = route if isinstance(route, Answer) else route(asked)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.stream is None and "Content-Length" not in answer.headers:
                self.send_header("Content-Length", str(len(answer.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(answer.body)
            if answer.stream is not None:
                answer.stream(self.wfile.write, server.closing)

        do_GET = do_POST = do_HEAD = do_DELETE = _handle  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Keep the tests quiet."""

    return Handler
