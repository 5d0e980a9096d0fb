"""What the tests of every asking door share: a database, wires added as needed, and clients for the loopback."""

from __future__ import annotations

from depesche.lib.web.http import Client
from depesche.model.wire import Wire
from depesche.store.database import Database
from depesche.store.wires.polls import Poll
from depesche.store.wires.spool import Spooled
from fakes import FakeClock

AGENT = "Depesche (+mailto:desk@example.org)"


class Bench:
    """Wires that may fetch from the loopback, and what they brought; no jitter."""

    kind = "poll"

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database = database
        self.clock = clock
        self.wires: dict[str, Wire] = {}
        self.client = Client(user_agent=AGENT, timeout=5, max_bytes=100_000)
        self.private = Client(user_agent=AGENT, timeout=5, max_bytes=100_000, allow_private=True)

    def wire(self, name: str, url: str, **more: object) -> Wire:
        options = {"kind": self.kind, "allow_private": True, "interval": 300.0} | more
        self.wires[name] = Wire(name, "Küstenfunk", url=url, **options)  # type: ignore[arg-type]
        return self.wires[name]

    def poll(self, name: str) -> Poll:
        with self.database.reading() as tx:
            poll = tx.polls.get(name)
        assert poll is not None
        return poll

    def spooled(self) -> list[Spooled]:
        with self.database.reading() as tx:
            return tx.spool.waiting()
