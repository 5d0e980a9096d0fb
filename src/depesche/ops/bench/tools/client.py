"""A load generator: keeps a number of connections busy with requests and prints what came back.

Run as a program of its own: `python client.py PORT PATHS REQUESTS FIRST CONNECTIONS`, where PATHS is a file with
one path a line, which is got, or posted to where a body, an address and an agent follow it, parted by tabs; requests go
through it from line FIRST on, and round again. It imports the standard library alone.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

_LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)
_HEAD_END = b"\r\n\r\n"
_CHUNK = 1 << 18


def load(port: int, paths: Sequence[str], requests: int, first: int, connections: int) -> dict[str, object]:
    """Send *requests* and read every answer; each connection has one request under way at any time."""
    wanted = [_request(paths[(first + place) % len(paths)]) for place in range(min(requests, len(paths)))]
    lines = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(connections)]
    for line in lines:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    refused = received = 0
    began = time.perf_counter()
    for place in range(requests + connections):
        line = lines[place % connections]
        if place >= connections:
            is_fine, size = _answer(line)
            refused += not is_fine
            received += size
        if place < requests:
            line.sendall(wanted[place % len(wanted)])
    seconds = time.perf_counter() - began
    for line in lines:
        line.close()
    return {"requests": requests, "refused": refused, "body_bytes": received, "seconds": seconds}


def _request(path: str) -> bytes:
    if "\t" in path:
        path, body, address, agent = path.split("\t")
        return (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\nX-Forwarded-For: {address}\r\n"
            f"User-Agent: {agent}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: zstd, gzip\r\n\r\n".encode()


def _answer(line: socket.socket) -> tuple[bool, int]:
    """Read one answer; tell whether it was a 200, and the bytes of its body.

    Raises:
        ConnectionError: the server hung up, or did not say how long the answer is.
    """
    data = line.recv(_CHUNK)
    while (end := data.find(_HEAD_END)) < 0:
        more = line.recv(_CHUNK)
        if not more:
            raise ConnectionError("the server hung up")
        data += more
    found = _LENGTH.search(data, 0, end)
    if found is None:
        raise ConnectionError("an answer without a length")
    size = int(found[1])
    missing = size - (len(data) - end - len(_HEAD_END))
    while missing > 0:
        more = line.recv(_CHUNK)
        if not more:
            raise ConnectionError("the server hung up")
        missing -= len(more)
    return data.startswith(b"HTTP/1.1 200"), size


def main(arguments: Sequence[str]) -> None:
    """Do what the arguments say and print one JSON line."""
    port, requests, first, connections = (int(arguments[place]) for place in (0, 2, 3, 4))
    paths = Path(arguments[1]).read_text().splitlines()
    sys.stdout.write(json.dumps(load(port, paths, requests, first, connections)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
