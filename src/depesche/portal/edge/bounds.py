"""Bounds of a connection: how long the head of a request may be, how long a sender may take, and who does not listen.

The web server has none of its own: a head without an end would fill memory, and thousands of senders who never
finish would hold connections for ever. A proxy in front may be stricter; nobody is made to have one.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 65_536  # bytes, beside what came in one piece with it
HEAD_SECONDS = 30.0  # for a whole head, counted from the connection or the request before
SILENT_SECONDS = 30.0  # between two pieces of a body
REQUEST_SECONDS = 900.0  # for all of a request
DEAF_SECONDS = 60.0  # in which nothing of an answer is taken
MOST_WAITING = 32  # requests that wait for the answers to others before them
_EVERY = 10.0  # seconds between two looks at a connection
_TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_IDLE, _HEAD, _BODY = range(3)


def bounded(base: type[HttpToolsProtocol]) -> type[HttpToolsProtocol]:
    """Return the protocol *base* with bounds."""

    class Bounded(_Bounded, base):  # type: ignore[misc, valid-type]
        """Ends what goes beyond."""

    return Bounded


class TooManyWaiting(Exception):
    """A sender asks on and on, and does not wait for answers."""


class _Bounded(HttpToolsProtocol):
    _unsent = 0
    _listened_at = 0.0
    _reading = _HEAD
    _head = 0
    _begun_at = 0.0
    _heard_at = 0.0
    _looks: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to look after a connection."""
        super().connection_made(transport)
        self._begun_at = self._heard_at = self._listened_at = self.loop.time()
        self._looks = self.loop.call_later(_EVERY, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        if self._looks is not None:
            self._looks.cancel()
            self._looks = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read a part of a request, and refuse a head without an end."""
        was_head = self._reading == _HEAD
        self._heard_at = self.loop.time()
        super().data_received(data)
        if was_head and self._reading == _HEAD:
            self._head += len(data)
            if self._head > LONGEST_HEAD and not self.transport.is_closing():
                self.transport.write(_TOO_LONG)
                self.transport.close()

    def on_message_begin(self) -> None:
        """Begin to read a head."""
        self._reading, self._head, self._begun_at = _HEAD, 0, self._heard_at
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Begin to read a body, or nothing.

        Raises:
            TooManyWaiting: to the parser, which gives up; the server then ends the connection.
        """
        self._reading = _BODY
        if len(self.pipeline) >= MOST_WAITING:
            raise TooManyWaiting
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End the request; the time until the next one is the server's to bound."""
        self._reading = _IDLE
        super().on_message_complete()

    def _look(self) -> None:
        """End a connection whose sender takes too long."""
        now = self.loop.time()
        if self._is_deaf(now):
            self.transport.abort()
            return
        slow = self._reading == _HEAD and now - self._begun_at > HEAD_SECONDS
        slow = slow or (self._reading == _BODY and now - self._heard_at > SILENT_SECONDS)
        slow = slow or (self._reading != _IDLE and now - self._begun_at > REQUEST_SECONDS)
        if slow and not self.transport.is_closing():
            self.transport.close()
        else:
            self._looks = self.loop.call_later(_EVERY, self._look)

    def _is_deaf(self, now: float) -> bool:
        """Tell whether nothing of what was said has been taken for long."""
        unsent = self.transport.get_write_buffer_size()
        if not unsent or unsent < self._unsent:
            self._listened_at = now
        self._unsent = unsent
        return now - self._listened_at > DEAF_SECONDS
