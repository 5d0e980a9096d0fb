"""What readers who mean no good cost: strange queries, storms, heads and senders without end, and thousands of open pages."""

from __future__ import annotations

import random
import re
import select
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from depesche.lib import descriptors
from depesche.model import paths
from depesche.newsroom import Newsroom
from depesche.ops.bench.inputs import archive, generate
from depesche.ops.bench.tools.process import Program, depesche, free_port, script
from depesche.ops.bench.tools.trial import Bench, Figures, folder, plain_settings, rounded
from depesche.stories.incoming import Receipt

_STORIES = 300
_CONNECTIONS = 32
_CHUNK = 1 << 16
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
_ETAG = re.compile(rb"etag: (\S+)", re.IGNORECASE)
_UNHURRIED = 20.0  # seconds that an open page waits for a story at most


def measure(n: int) -> Figures:
    """Ask `depesche web` *n* times with another query each time, and in proportion for the rest; watch its memory."""
    descriptors.allow(n + 1_000)
    with folder() as home, ExitStack() as running:
        port = free_port()
        room = Newsroom(plain_settings(home, port=port))
        running.callback(room.close)
        archive.fill(room, _STORIES, generate.register(50), mentioning=1.0)
        with room.database.reading() as tx:
            cards = tx.newsstand.home(50)
        addresses = [paths.story(one.story, one.slug) for one in cards]
        server = running.enter_context(depesche("web", home, port))
        server.wait_for(f"http://127.0.0.1:{port}/imprint")
        _queries(home, port, addresses, min(n, 500))  # warms up
        trials: dict[str, Callable[[], dict[str, object]]] = {
            "queries": lambda: _queries(home, port, addresses, n),
            "storm": lambda: _storm(port, addresses[0], max(n // 5, 10)),
            "long_heads": lambda: _long_heads(port, max(n // 100, 5)),
            "slow_heads": lambda: _slow_heads(port, max(n // 50, 5), addresses[0]),
            "live": lambda: _live(room, server, port, max(n // 20, 5)),
            "deaf": lambda: _deaf(port, addresses[0], max(n // 10_000, 1)),
        }
        figures: dict[str, object] = {"resident_mb": server.resident()}
        for name, trial in trials.items():
            before = server.cpu()
            found = trial()
            figures[name] = {
                **found,
                "cpu_s": rounded(server.cpu() - before),
                "resident_mb": server.resident(),
            }
        return figures


def _queries(home: Path, port: int, addresses: Sequence[str], n: int) -> dict[str, object]:
    """Ask for *n* addresses of which no two are alike: most of them stories, a twentieth each searches and places in lists."""
    rng = random.Random(generate.SEED)  # noqa: S311 - play, not secrets
    kinds: tuple[Callable[[int], str], ...] = (
        *[lambda place: f"{rng.choice(addresses)}?utm={place}"] * 9,
        *[lambda place: f"/?utm_source={place}"] * 9,
        lambda place: f"/?before={1.7e9 + place}_{place + 1}",
        lambda place: f"/search?q=word{place}",
    )
    lines = [kinds[place % len(kinds)](place) for place in range(n)]
    (home / "queries").write_text("\n".join(lines) + "\n")
    asked = (str(port), str(home / "queries"), str(n), "0", str(_CONNECTIONS))
    with script("client.py", home, *asked) as client:
        came = msgspec.json.decode(client.finish())
    return {"asked": n, "refused": came["refused"]}


def _storm(port: int, path: str, n: int) -> dict[str, object]:
    """Ask *n* times in turn: conditionally with the right sign, with sixty kilobytes of wrong ones, for the head, for a part."""
    with _connected(port) as line:
        head, _ = _ask(line, "GET", path)
        found = _ETAG.search(head)
        right = found[1].decode() if found else ""
        many = ", ".join(f'W/"{place:09}"' for place in range(4_500))
        turns = (
            ("GET", f"If-None-Match: {right}", 304),
            ("GET", f"If-None-Match: {many}", 200),
            ("HEAD", "", 200),
            ("GET", "Range: bytes=0-9", 200),
        )
        wrong = 0
        for place in range(n):
            method, header, wanted = turns[place % len(turns)]
            head, body = _ask(line, method, path, header)
            wrong += _status(head) != wanted or bool(body) == (wanted == 304 or method == "HEAD")
    return {"asked": n, "wrong": wrong}


def _long_heads(port: int, n: int) -> dict[str, object]:
    """Send *n* heads that go on for a megabyte, or until nobody listens any more."""
    refused = 0
    for _ in range(n):
        with _connected(port) as line:
            try:
                line.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: ")
                for _piece in range(16):
                    line.sendall(b"y" * _CHUNK)
                    time.sleep(0.001)
                said = line.recv(_CHUNK)
            except OSError:
                said = b""  # hung up, with more of ours unread
            refused += said == b"" or _status(said) in {400, 431}
    return {"sent": n, "refused": refused}


def _slow_heads(port: int, n: int, path: str) -> dict[str, object]:
    """Begin *n* requests and never end them; meanwhile others are answered."""
    with ExitStack() as open_lines:
        for _ in range(n):
            open_lines.enter_context(_connected(port)).sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        with _connected(port) as line:
            began = time.perf_counter()
            head, _ = _ask(line, "GET", path)
            waited = time.perf_counter() - began
    return {"open": n, "others_wait_ms": rounded(waited * 1e3), "others_status": _status(head)}


def _deaf(port: int, path: str, n: int) -> dict[str, object]:
    """Ask in *n* connections without ever reading an answer, until nothing more is taken, or 16 MB were."""
    asked = f"GET {path} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: zstd\r\n\r\n".encode() * 200
    taken = 0
    with ExitStack() as open_lines:
        for _ in range(n):
            line = open_lines.enter_context(_connected(port))
            line.settimeout(1.0)
            try:
                for _piece in range(16_000_000 // len(asked)):
                    taken += line.send(asked)
            except OSError:
                continue  # it takes no more
        time.sleep(0.5)
    return {"connections": n, "taken_mb": rounded(taken / 1e6)}


def _live(room: Newsroom, server: Program, port: int, n: int) -> dict[str, object]:
    """Open *n* live connections, publish a story, and wait until each has heard of it."""
    with room.database.reading() as tx:
        last = tx.journal.last()
    before = server.resident()
    with ExitStack() as open_lines:
        lines = [open_lines.enter_context(_connected(port)) for _ in range(n)]
        for line in lines:
            line.sendall(f"GET /live?after={last} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        admitted = sum(_status(line.recv(_CHUNK)) == 200 for line in lines)
        time.sleep(1.0)
        resident, idle = server.resident(), server.cpu()
        time.sleep(2.0)
        idle = (server.cpu() - idle) / 2.0
        used = server.cpu()
        take = generate.take(list(generate.stories(_STORIES + 1, (), mentioning=0.0))[-1])
        with room.database.transaction() as tx:
            room.desk.file(take, [], Receipt("bench", room.clock.now()), tx, room.clock.now())
        began = time.perf_counter()
        heard = _hear(lines, began + _UNHURRIED)
        seconds = time.perf_counter() - began
        used = server.cpu() - used
    return {
        **_resumed(server, port, last, n),
        "open": n, "admitted": admitted, "kib_each": rounded((resident - before) * 1e6 / n / 1024), "idle_cpu_percent": rounded(idle * 100),
        "told": heard, "told_within_ms": rounded(seconds * 1e3), "told_cpu_ms": rounded(used * 1e3),
    }  # fmt: skip


def _resumed(server: Program, port: int, last: int, n: int) -> dict[str, object]:
    """Come back with *n* connections that know of nothing after number *last*, until each was told what it missed."""
    time.sleep(1.0)  # the others have gone
    used, began = server.cpu(), time.perf_counter()
    with ExitStack() as open_lines:
        lines = [open_lines.enter_context(_connected(port)) for _ in range(n)]
        for line in lines:
            line.sendall(f"GET /live HTTP/1.1\r\nHost: a\r\nLast-Event-ID: {last}\r\n\r\n".encode())
        heard = _hear(lines, began + _UNHURRIED)
    seconds = time.perf_counter() - began
    return {
        "resumed": heard, "resumed_within_ms": rounded(seconds * 1e3), "resumed_cpu_ms": rounded((server.cpu() - used) * 1e3),
    }  # fmt: skip


def _hear(lines: Sequence[socket.socket], until: float) -> int:
    """Return how many of *lines* hear of a new story before *until*."""
    waiting = {line.fileno(): line for line in lines}
    poll = select.epoll()
    for number in waiting:
        poll.register(number, select.EPOLLIN)
    while waiting and time.perf_counter() < until:
        for number, _ in poll.poll(0.5):
            said = waiting[number].recv(_CHUNK)
            if b"event: new" in said or not said:
                poll.unregister(number)
                del waiting[number]
    poll.close()
    return len(lines) - len(waiting)


def _connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def _ask(line: socket.socket, method: str, path: str, header: str = "") -> tuple[bytes, bytes]:
    """Return head and body of an answer."""
    more = f"{header}\r\n" if header else ""
    line.sendall(
        f"{method} {path} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: zstd\r\n{more}\r\n".encode("latin-1")
    )
    data = b""
    while b"\r\n\r\n" not in data:
        data += line.recv(_CHUNK)
    head, _, body = data.partition(b"\r\n\r\n")
    found = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    length = int(found[1]) if found and method != "HEAD" else 0
    while len(body) < length:
        body += line.recv(_CHUNK)
    return head, body


def _status(head: bytes) -> int:
    found = _STATUS.match(head)
    return int(found[1]) if found else 0


BENCH = Bench(
    "hostile",
    "memory of the web server under queries, storms, heads, deaf readers and open pages",
    measure,
    100_000,
)
