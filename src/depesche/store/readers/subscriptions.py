"""Subscribers, what they follow, and the proof that they asked for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, func, or_, select, update

from depesche.lib.clock import epoch, from_epoch
from depesche.model.subscription import (
    DIGEST,
    EMAIL,
    INSTANT,
    INSTRUMENT,
    Consent,
    Reason,
    Subscriber,
    Subscription,
    Target,
)
from depesche.store import schema
from depesche.store.letters.ledger import Ledger
from depesche.store.readers import targets
from depesche.store.readers.people import subscriber
from depesche.store.sql import among, first_key, insert, to_json, when


class Subscriptions:
    """The tables of subscribers, subscriptions and consents; consents are append-only."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def subscriber(
        self,
        address: str,
        identity: str,
        language: str,
        at: datetime,
        *,
        channel: str = EMAIL,
        keys: Mapping[str, str] | None = None,
        owner: int | None = None,
    ) -> Subscriber:
        """Return the subscriber with *identity*, entering a new one; a known one keeps address, keys, language and owner."""
        row = {
            "address": address, "identity": identity, "language": language, "created_at": epoch(at), "channel": channel,
            "keys_json": None if keys is None else to_json(keys), "owner_id": owner,
        }  # fmt: skip
        self._connection.execute(insert(self._connection, _p).values(row).on_conflict_do_nothing())
        found = self.by_identity(identity)
        if found is None:
            raise AssertionError("the row was written in this transaction")
        return found

    def by_identity(self, identity: str) -> Subscriber | None:
        """Return the subscriber whose normalised address is *identity*."""
        return _subscriber(self._connection.execute(select(_p).where(_p.c.identity == identity)).first())

    def by_key(self, key: int) -> Subscriber | None:
        """Return the subscriber in row *key*, None where nobody is, or nobody any more."""
        row = self._connection.execute(select(_p).where(_p.c.id == key, _p.c.address != "")).first()
        return _subscriber(row)

    def suppress(self, subscriber: int, reason: str, at: datetime) -> None:
        """Never write to *subscriber* again."""
        values = {"suppressed_at": epoch(at), "suppressed_reason": reason}
        self._change(subscriber, values)

    def release(self, subscriber: int) -> None:
        """Write to *subscriber* again."""
        self._change(subscriber, {"suppressed_at": None, "suppressed_reason": None})

    def pause(self, subscriber: int, until: datetime | None) -> None:
        """Tell *subscriber* nothing until then, None for going on at once."""
        self._change(subscriber, {"paused_until": None if until is None else epoch(until)})

    def set_hours(
        self,
        subscriber: int,
        *,
        digest_hours: Sequence[int],
        quiet: tuple[int, int] | None,
        zone: str | None,
    ) -> None:
        """Set when *subscriber* gets digests (hours of the day) and no letters (from and to, in minutes of the day).

        Both are in *zone*, None for the portal's.
        """
        values = {
            "digest_hours": ",".join(str(one) for one in sorted(set(digest_hours))),
            "quiet_from": quiet[0] if quiet else None,
            "quiet_to": quiet[1] if quiet else None,
            "zone": zone,
        }
        self._change(subscriber, values)

    def _change(self, subscriber: int, values: Mapping[str, object]) -> None:
        self._connection.execute(update(_p).where(_p.c.id == subscriber).values(values))
        self._connection.execute(_take_care, {"subscriber": subscriber})

    def set_manner(self, subscription: int, *, cadence: str, updates: bool) -> None:
        """Set whether a subscription is told at once or by digest, and whether later parts and versions are."""
        changed = update(_s).where(_s.c.id == subscription).values(cadence=cadence, updates=updates)
        owner = self._connection.execute(changed.returning(_s.c.subscriber_id)).scalar()
        self._connection.execute(_take_care, {"subscriber": owner or 0})

    def request(
        self, subscriber: int, target: int, at: datetime, *, cadence: str = INSTANT, updates: bool = False
    ) -> Subscription:
        """Note that *subscriber* asks to follow *target*; whoever left must confirm anew, who waits gets the full time."""
        channel = select(_p.c.channel).where(_p.c.id == subscriber).scalar_subquery()
        row = {
            "subscriber_id": subscriber,
            "target_id": target,
            "created_at": epoch(at),
            "cadence": cadence,
            "updates": updates,
            "channel": channel,
        }
        statement = insert(self._connection, _s).values(row)
        names = ("created_at", "cadence", "updates")
        again = {name: statement.excluded[name] for name in names} | {"confirmed_at": None, "ended_at": None}
        statement = statement.on_conflict_do_update(
            index_elements=["subscriber_id", "target_id"],
            set_=again,
            where=or_(_s.c.ended_at.is_not(None), _s.c.confirmed_at.is_(None)),
        )
        self._connection.execute(statement)
        self._connection.execute(_take_care, {"subscriber": subscriber})
        found = _subscriptions.where(_s.c.subscriber_id == subscriber, _s.c.target_id == target)
        return _subscription(self._connection.execute(found).one())

    def get(self, key: int) -> Subscription | None:
        """Return the subscription in row *key*, None where there is none, or its reader was erased."""
        row = self._connection.execute(_subscriptions.where(_s.c.id == key, _has_reader)).first()
        return None if row is None else _subscription(row)

    def confirm(self, key: int, at: datetime) -> bool:
        """Confirm a subscription that waits for it; tells whether it did."""
        waiting = update(_s).where(_s.c.id == key, _s.c.confirmed_at.is_(None), _s.c.ended_at.is_(None))
        confirmed = waiting.values(confirmed_at=epoch(at)).returning(_s.c.target_id)
        target = self._connection.execute(confirmed).scalar()
        if target is not None:
            targets.Targets(self._connection).rouse(target)
        return target is not None

    def end(self, key: int, at: datetime) -> bool:
        """End a subscription; tells whether it had not ended before."""
        running = update(_s).where(_s.c.id == key, _s.c.ended_at.is_(None))
        return bool(self._connection.execute(running.values(ended_at=epoch(at))).rowcount)

    def of_subscriber(self, subscriber: int) -> list[Subscription]:
        """Return what *subscriber* follows or has asked for, oldest first, ended ones left out."""
        running = _subscriptions.where(_s.c.subscriber_id == subscriber, _s.c.ended_at.is_(None))
        statement = running.order_by(_s.c.id)
        return [_subscription(row) for row in self._connection.execute(statement)]

    def following(
        self, subscribers: Sequence[int], targets: Mapping[int, Target]
    ) -> dict[int, tuple[Reason, ...]]:
        """Return what each of *subscribers* follows now of *targets*, by their rows, in order of asking."""
        found: dict[int, tuple[Reason, ...]] = {}
        wanted = to_json(list(targets))
        for start in range(0, len(subscribers), _AT_ONCE):
            asked = {"subscribers": to_json(list(subscribers[start : start + _AT_ONCE])), "targets": wanted}
            for key, reader, target in self._connection.execute(_following, asked).cursor.fetchall():
                one = Reason(key, targets[target])
                found[reader] = (*found[reader], one) if reader in found else (one,)
        return found

    def last_request(self, subscription: int) -> Consent | None:
        """Return the newest request for a subscription, as it was logged."""
        statement = _consents.where(_c.c.subscription_id == subscription, _c.c.event == "requested")
        row = self._connection.execute(statement.order_by(_c.c.id.desc()).limit(1)).first()
        return None if row is None else _consent(row)

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

    def erase(self, subscriber: int, *, is_unheard: bool = False) -> None:
        """Erase a reader: letters, subscriptions, consents and the address itself.

        Who *is_unheard* never was sent news, so nobody looks through who was told what.
        """
        run = self._connection.execute
        if is_unheard:
            run(delete(schema.outbox).where(schema.outbox.c.subscriber_id == subscriber))
        else:
            Ledger(self._connection).erase(subscriber)
        run(delete(_c).where(_c.c.subscriber_id == subscriber))
        # Keys stand in signed links, and SQLite gives the highest one out again: the newest rows stay, emptied.
        newest = select(func.max(_s.c.id)).scalar_subquery()
        run(delete(_s).where(_s.c.subscriber_id == subscriber, _s.c.id < newest))
        shell = update(_s).where(_s.c.subscriber_id == subscriber)
        keeps = run(shell.values(confirmed_at=None, ended_at=_s.c.created_at)).rowcount
        if keeps or subscriber == run(select(func.max(_p.c.id))).scalar():
            run(
                update(_p).where(_p.c.id == subscriber).values({**_EMPTY, "identity": f"erased:{subscriber}"})
            )
        else:
            run(delete(_p).where(_p.c.id == subscriber))


_p = schema.subscribers
_s = schema.subscriptions
_c = schema.consents
_i = schema.instruments
_g = schema.targets
_AT_ONCE = 500
_EMPTY = {
    "address": "", "keys_json": None, "suppressed_reason": None, "quiet_from": None, "quiet_to": None, "zone": None,
    "paused_until": None, "owner_id": None, "failing_since": None, "failures": 0,
}  # fmt: skip
_subscriptions = (
    select(_s, *(one for one in targets.columns if one.name != "target_id"))
    .join(_g, _g.c.id == _s.c.target_id)
    .outerjoin(_i, _i.c.id == _g.c.instrument_id)
)
_has_reader = exists().where(_p.c.id == _s.c.subscriber_id, _p.c.address != "")
_consents = (
    select(_c, _p.c.address, *targets.columns)
    .join(_p, _p.c.id == _c.c.subscriber_id)
    .outerjoin(_s, _s.c.id == _c.c.subscription_id)
    .outerjoin(_g, _g.c.id == _s.c.target_id)
    .outerjoin(_i, _i.c.id == _g.c.instrument_id)
)
_following = (
    select(_s.c.id, _s.c.subscriber_id, _s.c.target_id)
    .where(
        among(_s.c.subscriber_id, bindparam("subscribers")),
        among(_s.c.target_id + 0, bindparam("targets")),  # found by reader: a target may have a million
        _s.c.confirmed_at.is_not(None),
        _s.c.ended_at.is_(None),
    )
    .order_by(_s.c.subscriber_id, _s.c.id)
)
_is_special = exists().where(
    _p.c.id == _s.c.subscriber_id,
    or_(_p.c.suppressed_at.is_not(None), _p.c.quiet_from.is_not(None), _p.c.paused_until.is_not(None)),
)
_take_care = (
    update(_s)
    .where(_s.c.subscriber_id == bindparam("subscriber"))
    .values(care=or_(_s.c.cadence == DIGEST, _is_special))
)


def _subscriber(r: Any) -> Subscriber | None:
    return None if r is None else subscriber(r)


def _subscription(r: Any) -> Subscription:
    return Subscription(
        r.id, r.subscriber_id, targets.target(r), from_epoch(r.created_at), when(r.confirmed_at), when(r.ended_at),
        r.cadence, bool(r.updates),
    )  # fmt: skip


def _consent(r: Any) -> Consent:
    target: Target | None = None if r.target_id is None else targets.target(r)
    isin = target.value if target is not None and target.kind == INSTRUMENT else None
    return Consent(
        r.event, from_epoch(r.at), r.address, isin, r.ip, r.form_text, r.privacy_version, r.source, target
    )
