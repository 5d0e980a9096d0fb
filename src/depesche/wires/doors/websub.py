"""Let hubs push what feeds announce: subscribe, verify, renew, leave, and take in only what is signed (W3C WebSub)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

import structlog

from depesche.lib.clock import Clock
from depesche.lib.text import line
from depesche.lib.web.http import Client, HttpError, Response
from depesche.model.errors import NotFound
from depesche.model.wire import POLL, Wire
from depesche.store.database import Database
from depesche.store.wires.websub import ACTIVE, ASKED, DENIED, LEAVING, Lease
from depesche.wires.doors import manners
from depesche.wires.doors.hubs import announced
from depesche.wires.doors.rounds import random_number

WANTED = timedelta(days=10)
SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=90)
PATIENCE = timedelta(hours=1)  # for the hub's verification
AGAIN = timedelta(days=7)  # after a hub has denied

# SHA-1 is still what the oldest public hub signs with; as the key of a MAC it is not broken.
_METHODS = {"sha1": "sha1", "sha256": "sha256", "sha384": "sha384", "sha512": "sha512"}
_log = structlog.get_logger("websub")


class HubDoor:
    """Keeps the leases of polled wires at their feeds' hubs, whose callbacks lie under *callback*.

    Without a public *callback* address nothing is subscribed to: no hub could reach it.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        wires: Mapping[str, Wire],
        client: Client,
        callback: str,
        *,
        private: Client | None = None,
        max_bytes: int = 20_000_000,
        rng: Callable[[], float] = random_number,
    ) -> None:
        self._database = database
        self._clock = clock
        self._wires = {name: wire for name, wire in wires.items() if wire.kind == POLL and wire.websub}
        self._all = dict(wires)
        self._client = client
        self._private = private or client
        self._callback = callback.rstrip("/")
        self.max_bytes = max_bytes
        self._rng = rng

    # -- towards the hub -----------------------------------------------------------------------

    def notice(self, wire: Wire, answer: Response) -> None:
        """Note the hub that a feed's *answer* names; the next round subscribes there, or leaves where it names none."""
        if wire.name not in self._wires or not self._callback:
            return
        found, now = announced(answer), self._clock.now()
        with self._database.transaction() as tx:
            lease = tx.websub.get(wire.name)
            if found is None:
                if lease is not None and lease.state in (ASKED, ACTIVE):
                    tx.websub.put(replace(lease, state=LEAVING, next_at=now))
            elif lease is None or (lease.hub, lease.topic) != (found.hub, found.topic):
                # Another address and secret for another hub: the old one can neither renew nor send any more.
                tx.websub.put(
                    Lease(
                        wire.name, secrets.token_urlsafe(32), secrets.token_urlsafe(32), found.hub, found.topic,
                        ASKED, now,
                    )
                )  # fmt: skip
            elif lease.state == LEAVING:
                tx.websub.put(replace(lease, state=ASKED, next_at=now))

    def run_due(self) -> int:
        """Ask hubs for what is due: new leases, renewals before they end, and farewells; returns how many were asked."""
        now, asked = self._clock.now(), 0
        with self._database.reading() as tx:
            leases = list(tx.websub.all().values())
        for lease in leases:
            if lease.wire not in self._wires and lease.state != LEAVING:
                lease = replace(lease, state=LEAVING, next_at=now)
            if lease.next_at <= now and self._callback:
                self._ask(lease, now)
                asked += 1
        return asked

    def _ask(self, lease: Lease, now: datetime) -> None:
        if lease.state == LEAVING and lease.failures >= 3:
            with self._database.transaction() as tx:
                tx.websub.forget(lease.wire)  # the hub's lease ends by itself
            return
        mode = "unsubscribe" if lease.state == LEAVING else "subscribe"
        form = {
            "hub.callback": f"{self._callback}/websub/{lease.token}",
            "hub.mode": mode,
            "hub.topic": lease.topic,
        }
        if mode == "subscribe":
            form |= {"hub.lease_seconds": str(int(WANTED.total_seconds())), "hub.secret": lease.secret}
        # The hub may verify before it answers, so what it is asked for is known beforehand.
        state = LEAVING if lease.state == LEAVING else ACTIVE if lease.state == ACTIVE else ASKED
        wait = manners.jittered(PATIENCE * 2 ** min(lease.failures, 5), self._rng())
        waiting = replace(lease, state=state, next_at=now + wait, failures=lease.failures + 1)
        with self._database.transaction() as tx:
            tx.websub.put(waiting)
        wire = self._all.get(lease.wire)
        client = self._private if wire is not None and wire.allow_private else self._client
        try:
            answer = client.send(
                "POST",
                lease.hub,
                urlencode(form).encode(),
                {"Content-Type": "application/x-www-form-urlencoded"},
            )
            said = None if 200 <= answer.status < 300 else f"the hub answered with status {answer.status}"
        except HttpError as error:
            said = error.reason
        if said is not None:
            _log.warning("hub", wire=lease.wire, mode=mode, reason=line(said)[:300])
            with self._database.transaction() as tx:
                current = tx.websub.get(lease.wire)
                if current is not None and current.token == lease.token:
                    tx.websub.put(replace(current, last_error=line(said)[:300]))

    # -- from the hub --------------------------------------------------------------------------

    def verify(self, token: str, query: Mapping[str, str]) -> str:
        """Answer a hub that asks whether we meant it; return what it wants to read.

        The protocol makes this a GET. All it can change is a lease that we ourselves have just asked for, behind
        an address that only the hub was told: from asked to active, or to gone.

        Raises:
            NotFound: we did not ask for this.
        """
        now = self._clock.now()
        mode, challenge = query.get("hub.mode", ""), query.get("hub.challenge", "")
        with self._database.transaction() as tx:
            lease = tx.websub.by_token(token)
            if lease is None or query.get("hub.topic") != lease.topic:
                raise NotFound("nothing was asked for here")
            if mode == "denied":
                reason = line(query.get("hub.reason", ""))[:200]
                tx.websub.put(
                    replace(
                        lease,
                        state=DENIED,
                        next_at=now + AGAIN,
                        lease_until=None,
                        last_error=f"denied: {reason}",
                    )
                )
                _log.warning("hub denies", wire=lease.wire, reason=reason)
                return ""
            if mode == "unsubscribe" and lease.state == LEAVING:
                tx.websub.forget(lease.wire)
            elif mode == "subscribe" and lease.state in (ASKED, ACTIVE) and lease.failures:
                until = now + _lease_of(query.get("hub.lease_seconds", ""))
                tx.websub.put(
                    replace(
                        lease,
                        state=ACTIVE,
                        lease_until=until,
                        next_at=now + (until - now) * 0.8,
                        failures=0,
                        last_error=None,
                    )
                )
                _log.info("hub verified", wire=lease.wire, until=until.isoformat())
            else:
                raise NotFound("nothing was asked for here")
        return challenge

    def receive(self, token: str, body: bytes, signature: str | None) -> bool:
        """Take in what a hub sends; tells whether it was kept.

        A wrong signature is not told to the sender, as the protocol asks: it would help him to guess.

        Raises:
            NotFound: there is no such lease.
        """
        with self._database.reading() as tx:
            lease = tx.websub.by_token(token)
        wire = None if lease is None else self._wires.get(lease.wire)
        if lease is None or wire is None or lease.state not in (ASKED, ACTIVE):
            raise NotFound("nothing was asked for here")
        if not signed(body, signature, lease.secret):
            _log.warning("hub: wrong signature, dropped", wire=lease.wire, bytes=len(body))
            return False
        if not body.strip():
            return False
        now = self._clock.now()
        with self._database.transaction() as tx:
            _, new = tx.spool.add(
                body, wire=wire.name, provider=wire.provider, name=manners.shown(lease.topic), at=now,
                format_name=wire.format, base=lease.topic,
            )  # fmt: skip
            current = tx.websub.get(lease.wire)
            if current is not None and current.token == token:
                tx.websub.put(replace(current, pushed_at=now))
        _log.info("pushed by a hub", wire=wire.name, bytes=len(body), new=new)
        return True


def signed(body: bytes, signature: str | None, secret: str) -> bool:
    """Tell whether *signature*, written as method=hexdigest, is that of *body* with *secret*."""
    method, _, digest = (signature or "").strip().partition("=")
    name = _METHODS.get(method.lower())
    if name is None or not digest.isascii():
        return False
    made = hmac.new(secret.encode(), body, getattr(hashlib, name)).hexdigest()
    return hmac.compare_digest(made, digest.lower())


def _lease_of(seconds: str) -> timedelta:
    given = (
        timedelta(seconds=min(int(seconds[:9]), 10**8)) if seconds.isascii() and seconds.isdigit() else WANTED
    )
    return min(max(given, SHORTEST), LONGEST)
