"""An IMAP server on 127.0.0.1 that knows one folder: as much of RFC 9051 as emptying a box needs."""

from __future__ import annotations

import contextlib
import re
import socket
import socketserver
import ssl
import threading
from typing import Self


class ImapBox:
    """A folder with *letters*, by UID; `deleted` are marked, `sessions` counts sign-ins, `seen` lists commands."""

    def __init__(
        self, letters: list[bytes], *, folder: str = "INBOX", password: str = "geheim", tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False, hang_up_at: str = "",
    ) -> None:  # fmt: skip
        self.letters = dict(enumerate(letters, start=11))
        self.deleted: set[int] = set()
        self.folder, self.password = folder, password
        self.tls, self.implicit_tls = tls, implicit_tls
        self.hang_up_at = hang_up_at
        self.seen: list[str] = []
        self.sessions = 0
        box = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError, EOFError, ValueError):
                    session = _Session(box, self.request)
                    try:
                        session.run()
                    finally:
                        session.reader.close()
                        session.connection.close()

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """Say nothing: clients here hang up on purpose."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Session:
    def __init__(self, box: ImapBox, connection: socket.socket) -> None:
        self.box = box
        if box.implicit_tls and box.tls:
            connection = box.tls.wrap_socket(connection, server_side=True)
        self.connection = connection
        self.reader = connection.makefile("rb")
        self.is_secure = box.implicit_tls or box.tls is None

    def say(self, text: str | bytes) -> None:
        self.connection.sendall((text.encode() if isinstance(text, str) else text) + b"\r\n")

    def run(self) -> None:
        self.say("* OK ready")
        while line := self.reader.readline().decode().rstrip("\r\n"):
            tag, _, rest = line.partition(" ")
            verb, _, more = rest.partition(" ")
            if verb.upper() == "UID":
                verb, _, more = more.partition(" ")
            self.box.seen.append(f"{verb} {more}".strip())
            if self.box.hang_up_at and verb.upper() == self.box.hang_up_at:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            answer = getattr(self, f"on_{verb.lower()}")(tag, more)
            self.say(f"{tag} {answer or 'OK done'}")
            if verb.upper() == "STARTTLS" and self.box.tls:
                self.connection = self.box.tls.wrap_socket(self.connection, server_side=True)
                self.reader = self.connection.makefile("rb")
                self.is_secure = True

    def on_capability(self, _tag: str, _more: str) -> None:
        self.say("* CAPABILITY IMAP4rev1" + ("" if self.is_secure else " STARTTLS LOGINDISABLED"))

    def on_starttls(self, _tag: str, _more: str) -> None:
        """Answered before the handshake begins."""

    def on_login(self, _tag: str, more: str) -> str | None:
        if not self.is_secure:
            return "NO not in the clear"
        if more.split()[1].strip('"') != self.box.password:
            return "NO [AUTHENTICATIONFAILED] wrong"
        self.box.sessions += 1
        return None

    def on_select(self, _tag: str, more: str) -> str | None:
        if more.strip('"') != self.box.folder:
            return "NO [NONEXISTENT] no such folder"
        self.say(f"* {len(self.box.letters)} EXISTS")
        return None

    def on_search(self, _tag: str, _more: str) -> None:
        self.say("* SEARCH" + "".join(f" {uid}" for uid in self.box.letters if uid not in self.box.deleted))

    def on_fetch(self, _tag: str, more: str) -> None:
        found = re.fullmatch(r"(\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", more)
        assert found is not None
        raw = self.box.letters[int(found[1])][: int(found[2])]
        self.say(f"* 1 FETCH (UID {found[1]} BODY[]<0> {{{len(raw)}}}".encode() + b"\r\n" + raw + b")")

    def on_store(self, _tag: str, more: str) -> None:
        uid, what, flag = more.split(" ", 2)
        assert (what, flag) == ("+FLAGS.SILENT", r"(\Deleted)")
        self.box.deleted.add(int(uid))

    def on_close(self, _tag: str, _more: str) -> None:
        for uid in self.box.deleted:
            self.box.letters.pop(uid, None)
        self.box.deleted.clear()

    def on_logout(self, _tag: str, _more: str) -> None:
        self.say("* BYE")
