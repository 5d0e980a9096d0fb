"""A mail server that takes everything and keeps nothing; it speaks SMTP with pipelining on a loopback port.

Run as a program of its own: `python sink.py PORT [--log FILE] [--answers CODE:PART,...] [--seed N]`. It serves several
connections at once and imports the standard library alone. With a log, it writes down recipient, Message-ID and
Feedback-ID of each letter, and when it came, before it says 250; of `--answers` 421:0.001,550:0.01, it gives each to that
part of all letters, at the recipient or at the letter's end, and hangs up after a 421.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import socket
import sys
import threading
import time
from collections.abc import Mapping, Sequence

_END = b"\r\n.\r\n"
_CHUNK = 1 << 18
_GREETING = b"220 sink.example ready\r\n"
_HELLO = b"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE\r\n"
_CLOSING = 421
_ABOUT = re.compile(rb"(?im)^feedback-id:[ \t]*(\S+)")
_MESSAGE_ID = re.compile(rb"(?im)^message-id:[ \t]*(\S+)")


class Conversation:
    """One connection: what was said, and what is answered."""

    def __init__(self, answers: Mapping[int, float], chance: random.Random, log: int | None) -> None:
        self._odds = answers
        self._chance = chance
        self._log = log
        self._rest = b""
        self._in_letter = False
        self._recipient = b""
        self._at_end = 0  # the answer that this letter's end will get; 0 for 250
        self.is_over = False

    def hear(self, said: bytes) -> bytes:
        """Take what came and return the answers to it."""
        self._rest += said
        answers: list[bytes] = []
        while not self.is_over:
            head, found, after = self._rest.partition(_END if self._in_letter else b"\r\n")
            if not found:
                break
            self._rest = after
            answers.append(self._take(head) if self._in_letter else self._command(head))
        return b"".join(answers)

    def _command(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"EHLO":
            return _HELLO
        if verb == b"QUIT":
            self.is_over = True
            return b"221 bye\r\n"
        if verb in (b"MAIL", b"RSET"):
            self._recipient, self._at_end = b"", 0
        elif verb == b"RCPT":
            if (code := self._draw()) and self._chance.random() < 0.5:
                return self._refuse(code)
            self._recipient, self._at_end = line.partition(b"<")[2].partition(b">")[0], code
        elif verb == b"DATA":
            if not self._recipient:
                return b"503 to whom?\r\n"
            self._in_letter = True
            return b"354 go on\r\n"
        return b"250 fine\r\n"

    def _take(self, letter: bytes) -> bytes:
        self._in_letter = False
        if self._at_end:
            return self._refuse(self._at_end)
        if self._log is not None:
            name, about = (
                found[1] if (found := one.search(letter)) else b"-" for one in (_MESSAGE_ID, _ABOUT)
            )
            os.write(
                self._log,
                b"%b %b %b %.6f\n" % (self._recipient, name, about, time.clock_gettime(time.CLOCK_REALTIME)),
            )
        return b"250 taken\r\n"

    def _draw(self) -> int:
        """Choose the answer to a letter: one of ours, or 0."""
        if not self._odds:
            return 0
        lot = self._chance.random()
        for code, part in self._odds.items():
            lot -= part
            if lot < 0:
                return code
        return 0

    def _refuse(self, code: int) -> bytes:
        self.is_over = code == _CLOSING
        return b"%d no, says chance\r\n" % code


def serve(port: int, answers: Mapping[int, float], seed: int, log: int | None) -> None:
    """Listen on *port* until the process is ended."""
    with socket.create_server(("127.0.0.1", port)) as listening:
        for number in range(seed, sys.maxsize):
            line, _ = listening.accept()
            told = Conversation(answers, random.Random(number), log)  # noqa: S311 - play, not secrets
            threading.Thread(target=_converse, args=(line, told), daemon=True).start()


def _converse(line: socket.socket, told: Conversation) -> None:
    """Answer the commands of one connection until it is over or gone."""
    with line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            line.sendall(_GREETING)
            while not told.is_over and (more := line.recv(_CHUNK)):
                if answers := told.hear(more):
                    line.sendall(answers)
        except ConnectionError:
            return  # the other side was killed


def _answers(said: str) -> dict[int, float]:
    pairs = (one.partition(":") for one in said.split(",") if one)
    return {int(code): float(part) for code, _, part in pairs}


def main(arguments: Sequence[str]) -> None:
    """Serve as the arguments say."""
    reader = argparse.ArgumentParser()
    reader.add_argument("port", type=int)
    reader.add_argument("--log", default="")
    reader.add_argument("--answers", type=_answers, default={})
    reader.add_argument("--seed", type=int, default=0)
    given = reader.parse_args(arguments)
    log = os.open(given.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if given.log else None
    serve(given.port, given.answers, given.seed, log)


if __name__ == "__main__":
    main(sys.argv[1:])
