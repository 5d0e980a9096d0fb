"""Printed pages handed out by the protocol itself, asked for over real sockets; every answer must be the application's own."""

from __future__ import annotations

import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
import zstandard
from paper import Paper

from depesche.portal.app import create_app
from depesche.portal.edge.edge import CHECK, Edge
from depesche.portal.edge.express import Answer, Headers, protocol

_LENGTH = re.compile(rb"content-length: (\d+)")


@dataclass
class Served:
    """A portal served with the hatch and, at another port, without; `handed` counts what the hatch gave out."""

    port: int
    plain: int
    paper: Paper
    keys: dict[str, int]
    app: Edge
    handed: list[bytes]

    def path(self, name: str) -> str:
        return self.paper.path(self.keys[name])


@pytest.fixture
def served(furnished: tuple[Path, dict[str, int]], tmp_path: Path) -> Iterator[Served]:
    folder = tmp_path / "data"
    shutil.copytree(furnished[0], folder, dirs_exist_ok=True)
    paper = Paper.reopen(folder, base_url="http://portal.example")
    app = create_app(paper.room)
    handed: list[bytes] = []

    def hand(target: bytes, headers: Headers) -> Answer | None:
        answer = app.hatch(target, headers)
        if answer is not None:
            handed.append(target)
        return answer

    running = [_run(app, http=protocol(hand)), _run(app, http="httptools")]
    yield Served(running[0][2], running[1][2], paper, furnished[1], app, handed)
    app.live.end()
    for server, thread, _ in running:
        server.should_exit = True
        thread.join()
    app.pages.close()
    paper.room.close()


def _run(app: Edge, *, http: object) -> tuple[uvicorn.Server, threading.Thread, int]:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_level="warning", ws="none", http=http, timeout_keep_alive=1, server_header=False
    )  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    return server, thread, int(listening.getsockname()[1])


def _request(path: str, *headers: str, method: str = "GET", version: str = "1.1") -> bytes:
    return "\r\n".join((f"{method} {path} HTTP/{version}", "Host: portal.example", *headers, "", "")).encode()


class Line:
    """A connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._rest = b""

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def answer(self, *, is_head: bool = False) -> tuple[bytes, bytes]:
        """Return head and body of the next answer."""
        while b"\r\n\r\n" not in self._rest:
            self._read()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        found = _LENGTH.search(head)
        size = int(found[1]) if found and not is_head else 0
        while len(self._rest) < size:
            self._read()
        body, self._rest = self._rest[:size], self._rest[size:]
        return head, body

    def is_ended(self) -> bool:
        return self._rest == b"" and self._socket.recv(10) == b""

    def _read(self) -> None:
        more = self._socket.recv(65536)
        if not more:
            raise ConnectionError("hung up")
        self._rest += more

    def close(self) -> None:
        self._socket.close()


def _ask(port: int, request: bytes) -> tuple[bytes, bytes]:
    with closing(Line(port)) as line:
        line.send(request)
        return line.answer(is_head=request.startswith(b"HEAD"))


def _said(head: bytes) -> tuple[bytes, list[bytes]]:
    """Return the status and the headers of an answer, in no order, without its time."""
    status, *headers = head.split(b"\r\n")
    return status, sorted(one for one in headers if not one.startswith(b"date:"))


def _warm(served: Served, path: str) -> None:
    """Have a page printed and the journal looked at just now, so that the hatch may hand the page out."""
    ends_at = time.monotonic() + 20
    while served.handed[-1:] != [path.encode()]:
        assert time.monotonic() < ends_at
        _ask(served.port, _request(path, "Accept-Encoding: zstd"))


ENCODINGS = [
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Accept-Encoding: br",
    "Accept-Encoding: gzip",
    "DNT: 1",
]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_hatch_says_what_the_application_says(served: Served, encoding: str, prefix: str) -> None:
    path = prefix + served.path("main")
    _ask(served.plain, _request(path, encoding))
    _warm(served, path)
    handed = _ask(served.port, _request(path, encoding))
    plain = _ask(served.plain, _request(path, encoding))
    assert served.handed[-2:] == [path.encode()] * 2
    assert _said(handed[0]) == _said(plain[0])
    assert handed[1] == plain[1]
    assert handed[0].startswith(b"HTTP/1.1 200 ")


def test_an_unchanged_page_is_not_sent_again(served: Served) -> None:
    path = served.path("main")
    _warm(served, path)
    head, _ = _ask(served.port, _request(path, "Accept-Encoding: zstd"))
    etag = re.search(rb"etag: (.+)", head.replace(b"\r", b""))
    assert etag
    asked = _request(path, f"If-None-Match: {etag[1].decode()}")
    handed, plain = _ask(served.port, asked), _ask(served.plain, asked)
    assert handed[0].startswith(b"HTTP/1.1 304 ")
    assert _said(handed[0]) == _said(plain[0])
    assert handed[1] == plain[1] == b""
    assert len(served.handed) == 3


@pytest.mark.parametrize(
    "request_bytes",
    [
        _request("{path}", method="HEAD"),
        _request("{path}?utm=1"),
        _request("{path}", version="1.0"),
        _request("{path}", "Connection: close"),
        _request("{path}", "Content-Length: 3") + b"abc",
        _request("{path}", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        _request("{path}", "Connection: Upgrade", "Upgrade: h2c"),
        _request("/news/nothing-of-that-name-99999999"),
        _request("/news/" + "9" * 400),
        _request("/news/%6Dain-1"),
        _request("//news/main-1"),
        _request("/"),
    ],
)  # fmt: skip
def test_what_is_not_plain_goes_to_the_application(served: Served, request_bytes: bytes) -> None:
    path = served.path("main")
    _warm(served, path)
    asked = request_bytes.replace(b"{path}", path.encode())
    before = len(served.handed)
    own, plain = _ask(served.port, asked), _ask(served.plain, asked)
    assert len(served.handed) == before
    assert _said(own[0]) == _said(plain[0])
    assert own[1] == plain[1]


def test_requests_in_one_breath_are_answered_in_order(served: Served) -> None:
    main, other = served.path("main"), served.path("corrected")
    for path in (main, other):
        _warm(served, path)
    with closing(Line(served.port)) as line:
        line.send(
            b"".join(_request(path, "Accept-Encoding: zstd") for path in (main, "/imprint", other, main))
        )
        bodies = [line.answer()[1] for _ in range(4)]
    unpack = zstandard.ZstdDecompressor()
    texts = [unpack.decompress(body, max_output_size=1_000_000).decode() for body in bodies]
    assert [text.count(f'href="http://portal.example{path}"') > 0 for text, path in zip(
        texts, (main, "/imprint", other, main), strict=True)] == [True] * 4  # fmt: skip


def test_a_request_in_crumbs_is_answered_once(served: Served) -> None:
    path = served.path("main")
    _warm(served, path)
    with closing(Line(served.port)) as line:
        for byte in _request(path, "Accept-Encoding: zstd"):
            line.send(bytes([byte]))
        assert line.answer()[0].startswith(b"HTTP/1.1 200")
        line.send(_request("/imprint", "Connection: close"))
        assert line.answer()[0].startswith(b"HTTP/1.1 200")
        assert line.is_ended()


def test_a_silent_connection_is_ended_and_a_busy_one_is_not(served: Served) -> None:
    path = served.path("main")
    _warm(served, path)
    with closing(Line(served.port)) as line:
        for _ in range(4):
            line.send(_request(path, "Accept-Encoding: zstd"))
            assert line.answer()[0].startswith(b"HTTP/1.1 200")
            time.sleep(0.5)
        assert line.is_ended()  # after the server's patience of a second


def test_nonsense_is_refused_and_the_server_goes_on(served: Served) -> None:
    path = served.path("main")
    _warm(served, path)
    with closing(Line(served.port)) as line:
        line.send(_request(path, "Accept-Encoding: zstd"))
        assert line.answer()[0].startswith(b"HTTP/1.1 200")
        line.send(b"\x00\x01\x02 nonsense\r\n\r\n")
        assert line.answer()[0].startswith(b"HTTP/1.1 400")
        assert line.is_ended()
    assert _ask(served.port, _request(path))[0].startswith(b"HTTP/1.1 200")


def test_a_killed_story_is_not_handed_out(served: Served) -> None:
    path = served.path("main")
    _warm(served, path)
    _ask(served.port, _request(path, "Accept-Encoding: zstd"))
    assert served.handed
    served.paper.kill("r2")
    time.sleep(CHECK + 0.05)
    head, _ = _ask(served.port, _request(path, "Accept-Encoding: zstd"))
    assert head.startswith(b"HTTP/1.1 410 ")
