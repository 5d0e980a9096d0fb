"""Readers as people: what they may see and change of themselves, how often was asked, and forgetting them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, exists, func, select, update

from depesche.lib.clock import epoch
from depesche.model.subscription import CONFIRMED, EMAIL, IGNORED, REQUESTED, Subscriber
from depesche.store import schema
from depesche.store.readers.people import subscriber as reader_of
from depesche.store.sql import among, to_json


class Readers:
    """Questions about subscribers that go beyond one row, and small changes of it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def set_language(self, subscriber: int, language: str) -> None:
        """Write to *subscriber* in *language* from now on."""
        self._connection.execute(update(_p).where(_p.c.id == subscriber).values(language=language))

    def move(self, subscriber: int, address: str, identity: str, keys: Mapping[str, str]) -> None:
        """Let *subscriber* be reached at another address from now on."""
        values = {"address": address, "identity": identity, "keys_json": to_json(keys)}
        self._connection.execute(update(_p).where(_p.c.id == subscriber).values(values))

    def owned_by(self, owner: int) -> list[Subscriber]:
        """Return the webhooks that the reader *owner* entered, in order of entry."""
        rows = select(_p).where(_p.c.owner_id == owner, _p.c.address != "").order_by(_p.c.id)
        return [reader_of(r) for r in self._connection.execute(rows)]

    def fail(self, webhook: int, at: datetime) -> Subscriber | None:
        """Count a post to *webhook* that failed, and return it as it stands now; None where it is gone."""
        since = func.coalesce(_p.c.failing_since, epoch(at))
        counted = update(_p).where(_p.c.id == webhook, _p.c.address != "")
        row = self._connection.execute(
            counted.values(failing_since=since, failures=_p.c.failures + 1).returning(*_p.c)
        ).first()
        return None if row is None else reader_of(row)

    def recover(self, webhook: int) -> None:
        """Forget that posts to *webhook* failed."""
        well = update(_p).where(_p.c.id == webhook).values(failing_since=None, failures=0)
        self._connection.execute(well)

    def on_channel(self, channel: str) -> list[Subscriber]:
        """Return everybody on *channel*, in order of entry."""
        rows = select(_p).where(_p.c.channel == channel, _p.c.address != "").order_by(_p.c.id)
        return [reader_of(r) for r in self._connection.execute(rows)]

    def every(self, subscriber: int) -> list[int]:
        """Return everything that *subscriber* ever asked to follow, ended or not, by row."""
        rows = select(_s.c.id).where(_s.c.subscriber_id == subscriber).order_by(_s.c.id)
        return [int(key) for key in self._connection.scalars(rows)]

    def requests(self, since: datetime, target: int | None = None) -> int:
        """Return how many requests were made since then, of all or of those for one target."""
        asked = select(func.count()).select_from(_c).where(_c.c.event == REQUESTED, _c.c.at > epoch(since))
        if target is not None:
            asked = asked.join(_s, _s.c.id == _c.c.subscription_id).where(_s.c.target_id == target)
        return int(self._connection.execute(asked).scalar_one())

    def asking(self, since: datetime) -> dict[str, int]:
        """Return how many letters were asked for after *since* from each network address, those that never went counted."""
        return {r.ip: int(r.n) for r in self._connection.execute(_asking, {"since": epoch(since)})}

    def unanswered(self, subscriber: int, since: datetime, subscription: int | None = None) -> int:
        """Return how many requests were made for *subscriber* since then that no confirmation followed.

        With *subscription*, only those for it count, and only confirmations of it.
        """
        last = select(func.max(_c.c.id)).where(_c.c.subscriber_id == subscriber, _c.c.event == CONFIRMED)
        asked = select(func.count()).select_from(_c).where(
            _c.c.subscriber_id == subscriber, _c.c.event == REQUESTED, _c.c.at >= epoch(since)
        )  # fmt: skip
        if subscription is not None:
            last = last.where(_c.c.subscription_id == subscription)
            asked = asked.where(_c.c.subscription_id == subscription)
        asked = asked.where(_c.c.id > func.coalesce(last.scalar_subquery(), 0))
        return int(self._connection.execute(asked).scalar_one())

    def moved(self, subscribers: Collection[int], since: datetime) -> frozenset[int]:
        """Return those of *subscribers* who are gone, take no letters, or have left something after *since*."""
        asked = {"subscribers": to_json(list(subscribers)), "since": epoch(since)}
        if self._connection.execute(_unmoved_count, asked).scalar() == len(subscribers):
            return frozenset()  # as nearly always: counting is cheaper than listing
        return frozenset(subscribers) - frozenset(self._connection.scalars(_unmoved, asked))

    def never_confirmed(self, before: datetime, limit: int = 500) -> list[int]:
        """Return subscribers who never confirmed anything, of whom nobody has asked since *before*."""
        has_answered = exists().where(_s.c.subscriber_id == _p.c.id, _s.c.confirmed_at.is_not(None))
        is_waiting = exists().where(_s.c.subscriber_id == _p.c.id, _s.c.ended_at.is_(None))
        is_known = exists().where(
            _c.c.subscriber_id == _p.c.id, (_c.c.event == CONFIRMED) | (_c.c.at > epoch(before))
        )
        stale = select(_p.c.id).where(
            _p.c.created_at <= epoch(before), _p.c.suppressed_at.is_(None), _p.c.address != "",
            ~has_answered, ~is_waiting, ~is_known,
        )  # fmt: skip
        return [int(key) for key in self._connection.scalars(stale.order_by(_p.c.id).limit(limit))]


_p = schema.subscribers
_s = schema.subscriptions
_c = schema.consents
_asking = (
    select(_c.c.ip, func.count().label("n"))
    .join(_p, _p.c.id == _c.c.subscriber_id)
    .where(
        _c.c.event.in_((REQUESTED, IGNORED)),
        _c.c.at > bindparam("since"),
        _c.c.ip.is_not(None),
        _p.c.channel == EMAIL,
    )
    .group_by(_c.c.ip)
)
_has_left = exists().where(_s.c.subscriber_id == _p.c.id, _s.c.ended_at > bindparam("since"))
_is_unmoved = and_(
    among(_p.c.id, bindparam("subscribers")), _p.c.address != "", _p.c.suppressed_at.is_(None), ~_has_left
)
_unmoved = select(_p.c.id).where(_is_unmoved)
_unmoved_count = select(func.count()).select_from(_p).where(_is_unmoved)
