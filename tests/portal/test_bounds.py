"""Senders who never end, over real sockets: they are left, and nobody else notices."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from depesche.portal.edge import bounds
from depesche.portal.edge.bounds import bounded
from depesche.portal.edge.express import protocol

LONG = 40_000_000

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


async def _app(scope: Any, receive: Any, send: Any) -> None:
    """Say how long the body was."""
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length, more = length + len(message.get("body", b"")), message.get("more_body", False)
    body = b"x" * LONG if scope["path"] == "/long" else b"%d" % length
    head = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(params=["plain", "express"])
def port(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    for name, seconds in (
        ("HEAD_SECONDS", 0.3),
        ("SILENT_SECONDS", 0.3),
        ("REQUEST_SECONDS", 1.5),
        ("DEAF_SECONDS", 0.3),
        ("_EVERY", 0.05),
    ):
        monkeypatch.setattr(bounds, name, seconds)
    base = HttpToolsProtocol if request.param == "plain" else protocol(lambda _target, _headers: None)
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(_app, log_level="error", ws="none", lifespan="off", http=bounded(base))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join()


def told(port: int, start: bytes, piece: bytes = b"", pause: float = 0.0) -> bytes:
    """Send *start* and then *piece* again and again until the server ends the connection; returns what it said."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.settimeout(10)
        heard = b""
        try:
            connection.sendall(start)
            while piece:
                connection.sendall(piece)
                time.sleep(pause)
        except OSError:
            pass  # it has hung up
        try:
            while data := connection.recv(65536):
                heard += data
        except ConnectionResetError:
            pass  # with more of ours unread
        return heard


HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("start", "piece", "pause"),
    [
        pytest.param(HEAD, b"X-Name: value\r\n" * 1000, 0.0, id="headers"),
        pytest.param(HEAD + b"X-Name: ", b"y" * 65536, 0.0, id="one header"),
        pytest.param(b"GET /", b"y" * 65536, 0.0, id="target"),
        pytest.param(HEAD, b"X-Name: value\r\n", 0.02, id="slow headers"),
        pytest.param(b"", b"", 0.0, id="nothing"),
        pytest.param(HEAD + b"Content-Length: 9\r\n\r\nabc", b"", 0.0, id="half a body"),
        pytest.param(HEAD + b"Content-Length: 900\r\n\r\nabc", b"x", 0.1, id="slow body"),
    ],
)
def test_who_never_ends_is_left(port: int, start: bytes, piece: bytes, pause: float) -> None:
    assert b" 200 " not in told(port, start, piece, pause)


def test_an_honest_sender_is_heard_out(port: int) -> None:
    assert told(port, HEAD + b"Content-Length: 3\r\n\r\nabc").endswith(b"\r\n\r\n3")
    large = b"x" * 3_000_000
    assert told(port, HEAD + b"Content-Length: %d\r\n\r\n" % len(large) + large).endswith(b"\r\n\r\n3000000")
    assert told(port, HEAD + b"Cookie: " + b"y" * 40_000 + b"\r\n\r\n").endswith(b"\r\n\r\n0")


def test_a_kept_connection_may_ask_again_after_a_while(port: int) -> None:
    asked = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        for _ in range(3):
            connection.sendall(asked)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
            time.sleep(0.5)


def test_a_head_that_is_too_long_is_named(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        for piece in (HEAD + b"X: ", b"y" * 60_000, b"y" * 10_000):
            connection.sendall(piece)
            time.sleep(0.05)
        assert b" 431 " in connection.recv(65536)


def test_who_asks_on_and_on_is_refused(port: int) -> None:
    asked = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    said = told(port, asked * 1000)
    assert said.count(b"HTTP/1.1 200") <= bounds.MOST_WAITING + 1
    assert b"HTTP/1.1 400" in said


def test_who_does_not_listen_is_left(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(1.5)
        connection.settimeout(10)
        heard = 0
        with contextlib.suppress(ConnectionResetError):
            while data := connection.recv(65536):
                heard += len(data)
        assert heard < LONG
