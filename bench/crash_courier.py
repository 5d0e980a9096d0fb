"""Couriers that do nothing but work off the outbox, in a process that can be killed: DATA_DIR DATABASE_URL SMTP_URL CONNECTIONS.

Ends with 0 once every letter has its fate. What it would wait for, a retry or a mail server that is away, it skips
by putting its clock forward; by how much is kept in the data folder, so that no successor goes back in time.
"""

from __future__ import annotations

import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from depesche.alerts.sending.courier import Courier, Sent
from depesche.lib.clock import SystemClock
from depesche.newsroom import Newsroom
from depesche.settings import Settings

_SKIP = 20.0  # seconds; the shortest wait of a courier is 5
_GLANCE = 0.02


class SkippingClock:
    """The wall clock, put forward by what was skipped so far."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._wall = SystemClock()
        self._ahead = float(file.read_text()) if file.exists() else 0.0

    def now(self) -> datetime:
        """Return the skipped-to time, aware, in UTC."""
        return self._wall.now() + timedelta(seconds=self._ahead)

    def skip(self, seconds: float) -> None:
        """Put the clock forward; the file knows it first."""
        draft = self._file.with_suffix(".new")
        draft.write_text(str(self._ahead + seconds))
        draft.replace(self._file)
        self._ahead += seconds


def settings(data_dir: Path, database_url: str, smtp_url: str = "", connections: int = 1) -> Settings:
    """Return the settings of the trial; its letters live long enough for every retry."""
    return Settings.model_construct(
        data_dir=data_dir, database_url=SecretStr(database_url), smtp_url=SecretStr(smtp_url), mail_connections=connections,
        alert_hours=48.0, mail_per_domain_minute=0, bounce_address="bounce@bench.example", mail_from="alerts@bench.example",
    )  # fmt: skip


def left(room: Newsroom) -> int:
    """Return how many letters have no fate yet."""
    with room.database.reading() as tx:
        every = [tx.ledger.balance(one) for one in tx.ledger.newest(10)]
    return sum(one.pending + one.intent + one.uncertain for one in every)


class Carriers:
    """Every courier in a thread of its own, until told to stop."""

    def __init__(self, room: Newsroom) -> None:
        self._stop = threading.Event()
        self._idle = [False] * len(room.couriers)
        self._failed: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._carry, args=(number, one), daemon=True)
            for number, one in enumerate(room.couriers)
        ]
        for one in self._threads:
            one.start()

    def _carry(self, number: int, courier: Courier) -> None:
        try:
            while not self._stop.is_set():
                did = courier.run_once()
                self._idle[number] = did == Sent(trouble=did.trouble)
                if self._idle[number]:
                    self._stop.wait(_GLANCE)
        except BaseException as error:  # a thread that dies unseen would look idle for ever
            self._failed.append(error)
            raise

    @property
    def are_idle(self) -> bool:
        """Tell whether no courier had anything to do in its last run.

        Raises:
            BaseException: what stopped a courier.
        """
        if self._failed:
            raise self._failed[0]
        return all(self._idle)

    def stop(self) -> None:
        """Let every courier end its run."""
        self._stop.set()
        for one in self._threads:
            one.join()


def main(data_dir: str, database_url: str, smtp_url: str, connections: str) -> None:
    """Carry until nothing is left."""
    folder = Path(data_dir)
    clock = SkippingClock(folder / "skipped")
    room = Newsroom(settings(folder, database_url, smtp_url, int(connections)), clock)
    carriers = Carriers(room)
    pause = threading.Event()
    while True:
        pause.wait(5 * _GLANCE)
        if not carriers.are_idle:
            continue
        if not left(room):
            break
        clock.skip(_SKIP)
    carriers.stop()
    room.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
