"""What reports and mail logs need to know of the outbox: whose a letter is, and that it came back."""

from __future__ import annotations

from datetime import datetime

from pyroaring import BitMap
from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from depesche.lib.clock import epoch, from_epoch
from depesche.model.bounce import letter_number
from depesche.model.subscription import BOUNCED, EMAIL, SENT, UNCERTAIN
from depesche.store import schema
from depesche.store.sql import when


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

        What a digest carried came back with it. Whoever shared a chunk with others gets a row of their own.
        """
        key = letter >> 1
        which = or_(_t.c.id == key, _t.c.carrier_id == key) if letter & 1 else _t.c.dispatch_id == key
        sent = update(_t).where(which, _t.c.subscriber_id == subscriber, _t.c.state.in_([SENT, UNCERTAIN]))
        if self._connection.execute(sent.values(state=BOUNCED, reason=reason)).rowcount:
            return True
        return not letter & 1 and self._leave_chunk(subscriber, key, reason)

    def _leave_chunk(self, subscriber: int, dispatch: int, reason: str) -> bool:
        here = _chunks.where(_c.c.dispatch_id == dispatch).with_for_update(of=_c)
        for r in self._connection.execute(here, {"subscriber": subscriber}).all():
            people = BitMap.deserialize(r.recipients)
            if subscriber not in people:
                continue
            people.remove(subscriber)
            if people:
                left = {"recipients": people.serialize(), "size": len(people), "first": people.min(), "last": people.max()}  # fmt: skip
                self._connection.execute(update(_c).where(_c.c.id == r.chunk_id).values(left))
            else:
                self._connection.execute(delete(_c).where(_c.c.id == r.chunk_id))
            row = {
                "decision": f"{subscriber}@{dispatch}", "kind": r.kind, "subscriber_id": subscriber, "story_id": r.story_id,
                "lineage_id": r.lineage_id, "version_id": r.version_id, "message_id": "", "state": BOUNCED, "reason": reason,
                "tries": 1, "created_at": r.decided_at, "due_at": r.due_at, "expires_at": r.expires_at, "sent_at": r.done_at,
                "dispatch_id": dispatch, "channel": r.channel,
            }  # fmt: skip
            self._connection.execute(_t.insert(), row)
            return True
        return False

    def last_success(self, subscriber: int, since: datetime, until: datetime) -> datetime | None:
        """Return when the last letter to *subscriber* that did not come back was handed over, between the two times."""
        newest = select(func.max(_t.c.sent_at)).where(
            _t.c.subscriber_id == subscriber,
            _t.c.state == SENT,
            _t.c.sent_at.between(epoch(since), epoch(until)),
        )
        own = self._connection.execute(newest).scalar()
        begin = epoch(since) if own is None else own
        shared = _chunks.where(_c.c.done_at > begin, _c.c.done_at <= epoch(until)).order_by(
            _c.c.done_at.desc()
        )
        for r in self._connection.execute(shared, {"subscriber": subscriber}):
            if subscriber in BitMap.deserialize(r.recipients):
                return from_epoch(r.done_at)
        return when(own)

    def suppressed_identities(self) -> list[str]:
        """Return the normalised addresses of the readers that are not mailed."""
        return list(self._connection.scalars(select(_r.c.identity).where(_r.c.suppressed_at.is_not(None))))

    def uncertain(self) -> dict[str, int]:
        """Return the letters of which nobody knows whether the mail server has them, by Message-ID."""
        here = (_t.c.state == UNCERTAIN, _t.c.channel == EMAIL, _t.c.carrier_id.is_(None))
        rows = self._connection.execute(select(_t.c.message_id, _t.c.id).where(*here))
        return {str(r.message_id): int(r.id) for r in rows}


_t = schema.outbox
_c = schema.chunks
_d = schema.dispatches
_r = schema.subscribers
_chunks = (
    select(_d, _c.c.id.label("chunk_id"), _c.c.recipients, _c.c.channel, _c.c.done_at)
    .join(_d, _d.c.id == _c.c.dispatch_id)
    .where(_c.c.state == SENT, _c.c.first <= bindparam("subscriber"), _c.c.last >= bindparam("subscriber"))
)
