"""Subscriptions at hubs that push what a feed announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from depesche.lib.clock import epoch, from_epoch
from depesche.store import schema
from depesche.store.sql import insert, when

ASKED = "asked"
ACTIVE = "active"
LEAVING = "leaving"
DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Lease:
    """A wire's subscription at a hub; `token` ends the callback's address, `secret` signs what the hub sends.

    `state` is asked (the hub has yet to verify), active, leaving or denied; at `next_at` the hub is asked again.
    """

    wire: str
    token: str
    secret: str
    hub: str
    topic: str
    state: str
    next_at: datetime
    lease_until: datetime | None = None
    pushed_at: datetime | None = None
    failures: int = 0
    last_error: str | None = None


class Websub:
    """The table of leases, one row a wire."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> dict[str, Lease]:
        """Return every lease, by wire."""
        return {row.wire: _lease(row) for row in self._connection.execute(select(_t))}

    def get(self, wire: str) -> Lease | None:
        """Return the lease of *wire*."""
        row = self._connection.execute(select(_t).where(_t.c.wire == wire)).first()
        return None if row is None else _lease(row)

    def by_token(self, token: str) -> Lease | None:
        """Return the lease whose callback ends in *token*."""
        row = self._connection.execute(select(_t).where(_t.c.token == token)).first()
        return None if row is None else _lease(row)

    def put(self, lease: Lease) -> None:
        """Remember *lease*."""
        row = {
            "wire": lease.wire, "token": lease.token, "secret": lease.secret, "hub": lease.hub, "topic": lease.topic,
            "state": lease.state, "next_at": epoch(lease.next_at),
            "lease_until": None if lease.lease_until is None else epoch(lease.lease_until),
            "pushed_at": None if lease.pushed_at is None else epoch(lease.pushed_at),
            "failures": lease.failures, "last_error": lease.last_error,
        }  # fmt: skip
        statement = insert(self._connection, _t).values(row)
        again = {name: statement.excluded[name] for name in row if name != "wire"}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["wire"], set_=again))

    def forget(self, wire: str) -> None:
        """Forget the lease of *wire*: its callback answers to nobody any more."""
        self._connection.execute(_t.delete().where(_t.c.wire == wire))


_t = schema.websub


def _lease(r: Any) -> Lease:
    return Lease(
        r.wire, r.token, r.secret, r.hub, r.topic, r.state, from_epoch(r.next_at), when(r.lease_until),
        when(r.pushed_at), r.failures, r.last_error,
    )  # fmt: skip
