"""A courier killed at any moment loses no letter, and doubles at most the one that was on its way."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
from newsdesk import HALDEN, Newsroom
from tests.lib.servers import SmtpSink

from depesche.lib.clock import epoch

READERS = 240
SCRIPT = Path(__file__).with_name("courier_process.py")
MOMENTS = ["MAIL", "RCPT", "DATA", "."]


class _Assassin:
    """Kills the courier when the mail server sees a chosen verb for the n-th time, before or after it has answered."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.process: subprocess.Popen[bytes] | None = None
        self._left = 0
        self._verb = ""
        self.kills = 0

    def lie_in_wait(self) -> None:
        self._verb, self._left = self._chance.choice(MOMENTS), self._chance.randint(1, 60)

    def decide(self, verb: str, rest: str, count: int) -> None:
        if verb == self._verb and self.process is not None and self._left:
            self._left -= 1
            if not self._left:
                pid = self.process.pid
                self.kills += 1
                if self._chance.random() < 0.5:
                    os.kill(pid, signal.SIGKILL)
                else:
                    threading.Timer(self._chance.random() * 0.01, os.kill, (pid, signal.SIGKILL)).start()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_killed_couriers_lose_no_letter(
    newsroom: Newsroom, database_url: str, tmp_path: Path, seed: int
) -> None:
    _subscribe(newsroom)
    filed = newsroom.file()
    newsroom.follow_journal()
    assassin = _Assassin(random.Random(seed))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with SmtpSink(decide=assassin.decide) as sink:
        arguments = [
            sys.executable,
            str(SCRIPT),
            database_url,
            str(tmp_path),
            sink.url,
            str(epoch(newsroom.clock.now())),
        ]
        for _ in range(6):
            assassin.lie_in_wait()
            assassin.process = subprocess.Popen(arguments, env=environment)
            assassin.process.wait(60)
        assassin.process = None
        assert subprocess.run(arguments, env=environment, timeout=60, check=False).returncode == 0
    assert assassin.kills >= 3
    names = Counter((one.recipients[0], _message_id(one.data)) for one in sink.messages)
    assert {address for address, _ in names} == {_address(number) for number in range(READERS)}
    assert len(names) == READERS, "a duplicate under another Message-ID"
    assert sum(names.values()) - READERS <= assassin.kills
    balance = newsroom.balance(filed.story or 0)
    assert (balance.matched, balance.sent, balance.is_even) == (READERS, READERS, True)


def _address(number: int) -> str:
    return f"reader{number}@example.org"


def _subscribe(newsroom: Newsroom) -> None:
    now = newsroom.clock.now()
    with newsroom.database.transaction() as tx:
        share = tx.targets.of_instrument(tx.instruments.keys([HALDEN])[HALDEN]).key
        for number in range(READERS):
            key = tx.subscriptions.subscriber(_address(number), _address(number), "de", now).key
            tx.subscriptions.confirm(tx.subscriptions.request(key, share, now).key, now)


def _message_id(data: bytes) -> bytes:
    return next(line for line in data.split(b"\r\n") if line.startswith(b"Message-ID:"))
