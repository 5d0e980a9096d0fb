"""Subscribers, what they follow, and the proof that they asked for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from depesche.lib.clock import epoch, from_epoch
from depesche.model.subscription import Consent, Subscriber, Subscription
from depesche.store import schema
from depesche.store.sql import first_key, insert, when


class Subscriptions:
    """The tables of subscribers, subscriptions and consents; consents are append-only."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def subscriber(self, address: str, identity: str, language: str, at: datetime) -> Subscriber:
        """Return the subscriber with *identity*, entering a new one; a known one keeps address and language."""
        row = {"address": address, "identity": identity, "language": language, "created_at": epoch(at)}
        self._connection.execute(insert(self._connection, _p).values(row).on_conflict_do_nothing())
        found = self.by_identity(identity)
        if found is None:
            raise AssertionError("the row was written in this transaction")
        return found

    def by_identity(self, identity: str) -> Subscriber | None:
        """Return the subscriber whose normalised address is *identity*."""
        return _subscriber(self._connection.execute(select(_p).where(_p.c.identity == identity)).first())

    def by_key(self, key: int) -> Subscriber | None:
        """Return the subscriber in row *key*."""
        return _subscriber(self._connection.execute(select(_p).where(_p.c.id == key)).first())

    def suppress(self, subscriber: int, reason: str, at: datetime) -> None:
        """Never write to *subscriber* again."""
        values = {"suppressed_at": epoch(at), "suppressed_reason": reason}
        self._connection.execute(update(_p).where(_p.c.id == subscriber).values(values))

    def request(self, subscriber: int, instrument: int, at: datetime) -> Subscription:
        """Note that *subscriber* asks to follow *instrument*; whoever left must confirm anew, who waits gets the full time."""
        row = {
            "subscriber_id": subscriber,
            "kind": "instrument",
            "instrument_id": instrument,
            "created_at": epoch(at),
        }
        statement = insert(self._connection, _s).values(row)
        again = {"created_at": statement.excluded.created_at, "confirmed_at": None, "ended_at": None}
        statement = statement.on_conflict_do_update(
            index_elements=["subscriber_id", "kind", "instrument_id"],
            set_=again,
            where=or_(_s.c.ended_at.is_not(None), _s.c.confirmed_at.is_(None)),
        )
        self._connection.execute(statement)
        found = select(*_columns).join(_i, _i.c.id == _s.c.instrument_id)
        found = found.where(_s.c.subscriber_id == subscriber, _s.c.instrument_id == instrument)
        return _subscription(self._connection.execute(found).one())

    def get(self, key: int) -> Subscription | None:
        """Return the subscription in row *key*."""
        row = self._connection.execute(
            select(*_columns).join(_i, _i.c.id == _s.c.instrument_id).where(_s.c.id == key)
        ).first()
        return None if row is None else _subscription(row)

    def confirm(self, key: int, at: datetime) -> bool:
        """Confirm a subscription that waits for it; tells whether it did."""
        waiting = update(_s).where(_s.c.id == key, _s.c.confirmed_at.is_(None), _s.c.ended_at.is_(None))
        return bool(self._connection.execute(waiting.values(confirmed_at=epoch(at))).rowcount)

    def end(self, key: int, at: datetime) -> bool:
        """End a subscription; tells whether it had not ended before."""
        running = update(_s).where(_s.c.id == key, _s.c.ended_at.is_(None))
        return bool(self._connection.execute(running.values(ended_at=epoch(at))).rowcount)

    def of_subscriber(self, subscriber: int) -> list[Subscription]:
        """Return what *subscriber* follows or has asked for, oldest first, ended ones left out."""
        statement = select(*_columns).join(_i, _i.c.id == _s.c.instrument_id)
        statement = statement.where(_s.c.subscriber_id == subscriber, _s.c.ended_at.is_(None)).order_by(
            _s.c.id
        )
        return [_subscription(row) for row in self._connection.execute(statement)]

    def following(self, subscribers: Sequence[int]) -> dict[int, dict[str, Subscription]]:
        """Return what each of *subscribers* follows now, by ISIN, in order of asking."""
        found: dict[int, dict[str, Subscription]] = {}
        ordered = sorted(set(subscribers))
        for start in range(0, len(ordered), _AT_ONCE):
            some = ordered[start : start + _AT_ONCE]
            for r in self._connection.execute(_following, {"subscribers": some}):
                found.setdefault(r.subscriber_id, {})[r.isin] = _subscription(r)
        return found

    def last_request(self, subscription: int) -> Consent | None:
        """Return the newest request for a subscription, as it was logged."""
        statement = _consents.where(_c.c.subscription_id == subscription, _c.c.event == "requested")
        row = self._connection.execute(statement.order_by(_c.c.id.desc()).limit(1)).first()
        return None if row is None else _consent(row)

    def followers(self, instruments: Sequence[int], at: datetime) -> dict[int, list[int]]:
        """Return each subscriber who, at *at*, follows any of *instruments* and may be written to, with the followed ones."""
        found: dict[int, list[int]] = {}
        if instruments:
            for r in self._connection.execute(
                _followers, {"instruments": list(instruments), "at": epoch(at)}
            ):
                found.setdefault(r.subscriber_id, []).append(r.instrument_id)
        return found

    def forget_unconfirmed(self, before: datetime, at: datetime) -> int:
        """End, at *at*, the requests made until *before* that nobody confirmed; returns how many."""
        stale = update(_s).where(
            _s.c.confirmed_at.is_(None), _s.c.ended_at.is_(None), _s.c.created_at <= epoch(before)
        )
        return self._connection.execute(stale.values(ended_at=epoch(at))).rowcount

    def requests_since(self, subscriber: int, since: datetime) -> int:
        """Return how often *subscriber* has asked for something since *since*."""
        asked = select(func.count()).select_from(_c)
        asked = asked.where(
            _c.c.subscriber_id == subscriber, _c.c.event == "requested", _c.c.at >= epoch(since)
        )
        return int(self._connection.execute(asked).scalar_one())

    def consent(
        self, subscriber: int, subscription: int | None, event: str, at: datetime, *,
        ip: str | None = None, form_text: str | None = None, privacy_version: str | None = None, source: str | None = None,
    ) -> int:  # fmt: skip
        """Append an act of consent or withdrawal to the log."""
        row = {
            "subscriber_id": subscriber, "subscription_id": subscription, "event": event, "at": epoch(at), "ip": ip,
            "form_text": form_text, "privacy_version": privacy_version, "source": source,
        }  # fmt: skip
        return first_key(self._connection.execute(_c.insert(), row))

    def consents(self, subscriber: int) -> list[Consent]:
        """Return the log of one subscriber, oldest first."""
        statement = _consents.where(_c.c.subscriber_id == subscriber).order_by(_c.c.id)
        return [_consent(row) for row in self._connection.execute(statement)]

    def counts(self) -> tuple[int, int]:
        """Return how many subscriptions are active, and how many wait for confirmation."""
        running = select(func.count(_s.c.confirmed_at), func.count()).where(_s.c.ended_at.is_(None))
        confirmed, every = self._connection.execute(running).one()
        return int(confirmed), int(every) - int(confirmed)

    def erase(self, subscriber: int) -> None:
        """Erase a reader: letters, subscriptions, consents and the address itself."""
        for table in (schema.outbox, _c, _s):
            self._connection.execute(delete(table).where(table.c.subscriber_id == subscriber))
        self._connection.execute(delete(_p).where(_p.c.id == subscriber))


_p = schema.subscribers
_s = schema.subscriptions
_c = schema.consents
_i = schema.instruments
_columns = (_s, _i.c.isin, _i.c.name)
_AT_ONCE = 500
_consents = (
    select(_c, _p.c.address, _i.c.isin)
    .join(_p, _p.c.id == _c.c.subscriber_id)
    .outerjoin(_s, _s.c.id == _c.c.subscription_id)
    .outerjoin(_i, _i.c.id == _s.c.instrument_id)
)
_following = (
    select(*_columns)
    .join(_i, _i.c.id == _s.c.instrument_id)
    .where(
        _s.c.subscriber_id.in_(bindparam("subscribers", expanding=True)),
        _s.c.confirmed_at.is_not(None),
        _s.c.ended_at.is_(None),
    )
    .order_by(_s.c.id)
)
_followers = (
    select(_s.c.subscriber_id, _s.c.instrument_id)
    .join(_p, _p.c.id == _s.c.subscriber_id)
    .where(
        _s.c.instrument_id.in_(bindparam("instruments", expanding=True)),
        _s.c.confirmed_at <= bindparam("at"),
        _s.c.ended_at.is_(None),
        _p.c.suppressed_at.is_(None),
    )
    .order_by(_s.c.subscriber_id, _s.c.id)
)


def _subscriber(r: Any) -> Subscriber | None:
    if r is None:
        return None
    return Subscriber(r.id, r.address, r.identity, r.language, r.suppressed_at is not None)


def _subscription(r: Any) -> Subscription:
    return Subscription(
        r.id, r.subscriber_id, r.kind, r.instrument_id, r.isin, r.name,
        from_epoch(r.created_at), when(r.confirmed_at), when(r.ended_at),
    )  # fmt: skip


def _consent(r: Any) -> Consent:
    return Consent(
        r.event, from_epoch(r.at), r.address, r.isin, r.ip, r.form_text, r.privacy_version, r.source
    )
