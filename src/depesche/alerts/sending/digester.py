"""Put into one letter what a reader wants to be told at certain hours."""

from __future__ import annotations

from datetime import datetime, timedelta

from depesche.alerts import naming
from depesche.lib.clock import Clock
from depesche.model.subscription import DIGEST_LETTER, Decision
from depesche.store.database import Database

_AT_ONCE = 500


class Digester:
    """Makes the digests whose hour has come; what may still be told is looked at when they leave."""

    def __init__(
        self, database: Database, clock: Clock, ids: naming.MessageIds, alert_hours: float = 6.0
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._life = timedelta(hours=alert_hours)

    def run_once(self) -> int:
        """Make digests for some readers; returns for how many."""
        now = self._clock.now()
        with self._database.transaction() as tx:
            ripe = tx.outbox.ripe(now, _AT_ONCE)
            tx.outbox.decide(
                (self._digest(reader, channel, items[0], now) for reader, (channel, items) in ripe.items()),
                now,
            )
            for reader, (_, items) in ripe.items():
                tx.outbox.carry(naming.digest(reader, now, items[0]), items)
        return len(ripe)

    def _digest(self, reader: int, channel: str, first: int, now: datetime) -> Decision:
        name = naming.digest(reader, now, first)
        return Decision(
            name=name, kind=DIGEST_LETTER, subscriber=reader, message_id=self._ids.of(name), due_at=now,
            expires_at=now + self._life, channel=channel,
        )  # fmt: skip
