"""The express counter: a printed page asked for plainly is handed out while its request is being read.

An ASGI application costs a scope, a task and a response object for each request, more than finding the page does.
This protocol of the web server answers what needs none of them, and hands everything else to the application.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from depesche.portal.ask import HTML, REVALIDATE
from depesche.portal.edge.encoding import ZSTD, Body, accepted
from depesche.portal.edge.memory import Memory
from depesche.store.pages import PageStore

Headers = Sequence[tuple[bytes, bytes]]
Answer = tuple[bytes, bytes]  # the status line, and all that follows the server's own headers
Hand = Callable[[bytes, Headers], Answer | None]

_KEPT_SECONDS = 0.25  # for which the store is taken to stand as it stood; others may print pages anew
_MOST_HOT = 500
_LONGEST_TARGET = 300
_UNCHANGED = b"HTTP/1.1 304 Not Modified\r\n"
_FOUND = b"HTTP/1.1 200 OK\r\n"


class Hatch:
    """Hands out printed pages by target and headers of a request.

    *places* gives a language's place in the page store by the first part of a target, the main language's by an
    empty one. *is_fresh* tells whether the journal was looked at lately enough to trust the store; *encoded* holds pages in
    encodings other than the store's; *always* are the headers of every answer.
    """

    def __init__(
        self,
        places: Mapping[str, int],
        pages: PageStore,
        encoded: Memory[Body],
        is_fresh: Callable[[], bool],
        always: Headers,
    ) -> None:
        self._places = {(f"/{name}/news/" if name else "/news/").encode(): at for name, at in places.items()}
        self._pages = pages
        self._encoded = encoded
        self._is_fresh = is_fresh
        common = [(b"cache-control", REVALIDATE.encode()), (b"vary", b"Accept-Encoding"), *always]
        self._common = b"".join(name + b": " + value + b"\r\n" for name, value in common)
        self._hot: dict[tuple[bytes, bytes], Answer] = {}
        self._forgets: asyncio.TimerHandle | None = None

    def forget(self) -> None:
        """Forget what is kept of the store, which may have changed; must be called in the loop that serves."""
        self._hot.clear()
        self._pages.release()
        if self._forgets is not None:
            self._forgets.cancel()
            self._forgets = None

    def __call__(self, target: bytes, headers: Headers) -> Answer | None:
        """Return the answer to a GET of *target*, or None where this is not the place to find it."""
        if not self._is_fresh():
            return None
        encodings = condition = b""
        for name, value in headers:
            if name == b"accept-encoding":
                encodings = value
            elif name == b"if-none-match":
                condition = value
            elif name in _NOT_PLAIN:
                return None
        if condition:
            return self._find(target, encodings, condition)
        answer = self._hot.get((target, encodings))
        if answer is None:
            answer = self._find(target, encodings, b"")
            if answer is not None and len(self._hot) < _MOST_HOT:
                self._hot[target, encodings] = answer
        return answer

    def _find(self, target: bytes, encodings: bytes, condition: bytes) -> Answer | None:
        folder, _, name = target.rpartition(b"/")
        place = self._places.get(folder + b"/")
        number = name.rpartition(b"-")[2]
        if place is None or not number.isdigit() or len(number) > 18 or len(target) > _LONGEST_TARGET:
            return None
        if self._forgets is None:
            self._pages.hold()
            self._forgets = asyncio.get_running_loop().call_later(_KEPT_SECONDS, self.forget)
        found = self._pages.get(int(number), place, target.decode("latin-1"))
        if found is None:
            self.forget()  # it may have been printed since
            return None
        etag, frame = found
        named = b'etag: W/"' + etag.encode() + b'"\r\n'
        if condition and matches(condition, etag):
            return _UNCHANGED, b"".join((named, self._common, b"\r\n"))
        encoding, body = ZSTD, frame
        wanted = accepted(encodings)
        if wanted[:1] != (ZSTD,):
            kept = self._encoded.get(etag, 0.0)
            if kept is None:
                return None
            encoding, body = kept.get(wanted)
        packed = b"" if encoding == "identity" else b"content-encoding: " + encoding.encode() + b"\r\n"
        length = b"content-length: %d\r\n" % len(body)
        return _FOUND, b"".join((_TYPE, length, named, packed, self._common, b"\r\n", body))


_TYPE = b"content-type: " + HTML.encode() + b"\r\n"
_NOT_PLAIN = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade"})


def matches(said: bytes, etag: str) -> bool:
    """Tell whether If-None-Match names *etag*, weakly compared."""
    return bool(said) and (said.strip() == b"*" or f'"{etag}"'.encode() in said)


def protocol(hand: Hand) -> type[HttpToolsProtocol]:
    """Return the server's protocol with *hand* before the application.

    *hand* is given the target and the headers (names in lower case) of a GET without a body, and returns the answer,
    or None to leave it to the application. It must not block.
    """

    class Express(_Express):
        """Answers with what is handed."""

        _hand = staticmethod(hand)

    return Express


class _Express(HttpToolsProtocol):
    _hand: Hand
    _is_done = False  # the request being read has been answered here
    _answered_at = 0.0
    _said: tuple[list[tuple[bytes, bytes]], bytes] = (
        [],
        b"",
    )  # the server's headers, replaced each second, and as sent
    _patience: asyncio.TimerHandle | None = None  # ends a connection that says nothing more

    def data_received(self, data: bytes) -> None:
        """Read a part of a request; our own timer runs on, to save two calls for each request."""
        self._is_done = False
        super().data_received(data)
        if self._is_done and self._patience is None:
            self._wait(self.timeout_keep_alive)

    def on_message_begin(self) -> None:
        """Begin to read a request; what the application would need is made when it is needed."""
        self.url = b""
        self.expect_100_continue = False
        self.headers = []
        self._is_done = False

    def on_headers_complete(self) -> None:
        """Answer, or let the application answer."""
        if self._is_plain() and (answer := self._hand(self.url, self.headers)) is not None:
            self._is_done = True
            self._answered_at = self.loop.time()
            self.transport.write(b"".join((answer[0], self._own_headers(), answer[1])))
            self.server_state.total_requests += 1
            return
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take in a part of a body; a request that was answered here has none."""
        if not self._is_done:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request."""
        if not self._is_done:
            super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        super().connection_lost(exc)

    def _is_plain(self) -> bool:
        """Tell whether the request is a GET without a body and nothing stands before its answer."""
        parser = self.parser
        return (
            parser.get_method() == b"GET"
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
            and (self.cycle is None or self.cycle.response_complete)
            and not self.pipeline
            and not self.flow.write_paused
        )

    def _own_headers(self) -> bytes:
        """Return the time and whatever else the server says in every answer."""
        now = self.server_state.default_headers
        said, sent = self._said
        if said is not now:
            sent = b"".join(name + b": " + value + b"\r\n" for name, value in now)
            type(self)._said = (now, sent)
        return sent

    def _wait(self, seconds: float) -> None:
        self._patience = self.loop.call_later(seconds, self._lose_patience)

    def _lose_patience(self) -> None:
        """End the connection if nothing came since the last answer; otherwise look again when that may be so."""
        self._patience = None
        if not self._is_done:
            return  # the application's answer has a timer of its own
        left = self._answered_at + self.timeout_keep_alive - self.loop.time()
        if left > 0.01:
            self._wait(left)
        else:
            self.timeout_keep_alive_handler()
