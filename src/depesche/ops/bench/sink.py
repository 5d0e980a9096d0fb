"""A mail server that takes everything and keeps nothing; it speaks SMTP with pipelining on a loopback port.

Run as a program of its own: `python sink.py PORT`. It serves several connections at once and imports the
standard library alone.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Sequence

_END = b"\r\n.\r\n"
_CHUNK = 1 << 18
_GREETING = b"220 sink.example ready\r\n"
_GOODBYE = b"221 bye\r\n"
_SPECIAL = {
    b"EHLO": b"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": _GOODBYE,
}


def serve(port: int) -> None:
    """Listen on *port* until the process is ended."""
    with socket.create_server(("127.0.0.1", port)) as listening:
        while True:
            line, _ = listening.accept()
            threading.Thread(target=_converse, args=(line,), daemon=True).start()


def _converse(line: socket.socket) -> None:
    """Answer the commands of one connection until it says QUIT or is gone."""
    with line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.sendall(_GREETING)
        rest, in_letter = b"", False
        while more := line.recv(_CHUNK):
            rest, in_letter, answers = _answers(rest + more, in_letter)
            if answers:
                line.sendall(answers)
            if answers.endswith(_GOODBYE):
                return


def _answers(said: bytes, in_letter: bool) -> tuple[bytes, bool, bytes]:
    """Return what is left of *said*, whether that is inside a letter, and the answers to the rest."""
    answers = b""
    while True:
        head, found, after = said.partition(_END if in_letter else b"\r\n")
        if not found:
            return said, in_letter, answers
        said = after
        if in_letter:
            in_letter, answers = False, answers + b"250 taken\r\n"
            continue
        verb = head[:4].upper()
        in_letter = verb == b"DATA"
        answers += _SPECIAL.get(verb, b"250 fine\r\n")


def main(arguments: Sequence[str]) -> None:
    """Serve on the port that the arguments name."""
    serve(int(arguments[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
