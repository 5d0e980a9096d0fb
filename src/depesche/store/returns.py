"""What reports and mail logs need to know of the outbox: whose a letter is, and that it came back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from depesche.lib.clock import epoch, from_epoch
from depesche.model.bounce import letter_number
from depesche.model.subscription import BOUNCED, SENT, UNCERTAIN
from depesche.store import schema


class Returns:
    """Looks up letters by what servers tell of them, and enters that they came back."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_message_id(self, message_id: str) -> tuple[int, int] | None:
        """Return subscriber and number of the letter with *message_id*, in angle brackets, or None."""
        found = select(_t.c.subscriber_id, _t.c.id, _t.c.dispatch_id).where(_t.c.message_id == message_id)
        row = self._connection.execute(found.limit(1)).first()
        return None if row is None else (int(row.subscriber_id), letter_number(row.id, row.dispatch_id))

    def came_back(self, subscriber: int, letter: int, reason: str) -> bool:
        """Enter that the letter with that number came back; tells whether it counted as sent until now.

        What a digest carried came back with it.
        """
        key = letter >> 1
        which = or_(_t.c.id == key, _t.c.carrier_id == key) if letter & 1 else _t.c.dispatch_id == key
        sent = update(_t).where(which, _t.c.subscriber_id == subscriber, _t.c.state.in_([SENT, UNCERTAIN]))
        return bool(self._connection.execute(sent.values(state=BOUNCED, reason=reason)).rowcount)

    def handed_over(self, subscriber: int, since: datetime) -> list[datetime]:
        """Return when letters to *subscriber* that did not come back were handed over, oldest first."""
        rows = select(_t.c.sent_at).where(
            _t.c.subscriber_id == subscriber, _t.c.state == SENT, _t.c.sent_at >= epoch(since)
        )
        return [from_epoch(at) for at in self._connection.scalars(rows.order_by(_t.c.sent_at))]

    def suppressed_identities(self) -> list[str]:
        """Return the normalised addresses of the readers that are not mailed."""
        return list(self._connection.scalars(select(_r.c.identity).where(_r.c.suppressed_at.is_not(None))))

    def uncertain(self) -> dict[str, int]:
        """Return the letters of which nobody knows whether the mail server has them, by Message-ID."""
        rows = self._connection.execute(select(_t.c.message_id, _t.c.id).where(_t.c.state == UNCERTAIN))
        return {str(r.message_id): int(r.id) for r in rows}


_t = schema.outbox
_r = schema.subscribers
