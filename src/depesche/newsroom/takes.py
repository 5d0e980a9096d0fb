"""The way of a take: spooled, read, edited, linked and filed, and what may not stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

import structlog

from depesche.instruments.linking.linker import Linker
from depesche.lib import zones
from depesche.lib.clock import epoch
from depesche.model import journal
from depesche.model.audience import DAY
from depesche.model.errors import NotAStory, StoreError, WireError
from depesche.model.instrument import Mention
from depesche.model.story import IGNORED
from depesche.model.take import USABLE, Take
from depesche.model.wire import POLL
from depesche.newsroom.base import DESK_WIRE
from depesche.newsroom.linking import Linking
from depesche.store.database import Transaction
from depesche.store.wires import spool as spool_states
from depesche.store.wires.spool import Spooled
from depesche.stories.copyediting import copydesk
from depesche.stories.desk import Desk, Filing
from depesche.stories.incoming import Receipt
from depesche.wires import format as wire_format
from depesche.wires import parse

_log = structlog.get_logger("newsroom")


@dataclass(slots=True)
class Filed:
    """What became of one item of the spool: what was filed of it, and why the rest was not."""

    spool: int
    name: str
    filings: list[Filing] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Bytes to be spooled; `name` is for people, `base` the folder or address against which its pictures are named."""

    raw: bytes
    name: str
    base: str | None = None


class Takes(Linking):
    """Everything between bytes and a version."""

    @cached_property
    def formats(self) -> dict[str, wire_format.WireFormat]:
        """Every wire format, by name."""
        return wire_format.load()

    @cached_property
    def desk(self) -> Desk:
        """The desk that files takes."""
        return Desk(self.settings.lineage_hours)

    def spool(
        self,
        raw: bytes,
        *,
        wire: str = DESK_WIRE,
        name: str,
        base: str | None = None,
        format_name: str | None = None,
        provider: str = "",
    ) -> tuple[int, bool]:
        """Keep *raw* durably before anyone reads it; returns its key and whether it is new."""
        one = Delivery(raw, name, base)
        return self.spool_all([one], wire=wire, format_name=format_name, provider=provider)[0]

    def spool_all(
        self,
        deliveries: Iterable[Delivery],
        *,
        wire: str = DESK_WIRE,
        format_name: str | None = None,
        provider: str = "",
    ) -> list[tuple[int, bool]]:
        """Keep *deliveries* durably, all in one transaction; returns the key of each and whether it is new."""
        configured = self.wires.get(wire)
        now = self.clock.now()
        with self.database.transaction() as tx:
            kept = [
                tx.spool.add(
                    one.raw, wire=wire, provider=provider or (configured.provider if configured else ""), name=one.name,
                    at=now, format_name=format_name or (configured.format if configured else None), base=one.base,
                )
                for one in deliveries
            ]  # fmt: skip
        self.bell.ring()
        return kept

    def read(
        self,
        raw: bytes,
        format_name: str | None = None,
        provider: str = "",
        received_at: datetime | None = None,
    ) -> Iterator[Take | WireError]:
        """Yield the takes of an item, copy-edited, and an error for each part that is none.

        *received_at* dates items that leave out the year.
        """
        for one in parse.takes(raw, self.formats, format_name, provider, received_at):
            yield one if isinstance(one, WireError) else copydesk.edit(one)

    def file_waiting(self, limit: int = 50) -> list[Filed]:
        """Parse, edit, link and file what waits in the spool, a batch in one transaction; returns what became of each item."""
        with self.database.reading() as tx:
            items = tx.spool.waiting(limit)
        return self.file_items(items)

    def file_items(self, items: Sequence[Spooled]) -> list[Filed]:
        """File *items* of the spool that still wait."""
        if not items:
            return []
        revision, linker = self.linker_now()
        ready = [(item, *self._prepare(item, linker)) for item in items]
        try:
            with self.database.transaction() as tx:
                if tx.instruments.revision() != revision:
                    raise _OtherRegister
                filed = self._file(ready, tx)
        except _OtherRegister:
            return self.file_items(items)  # what was linked just now was linked by names of yesterday
        except StoreError:
            raise  # the database is away, and no item's fault is that: they wait
        except Exception:
            if len(items) > 1:  # find the one that fails, so that it holds up nobody else
                return [one for item in items for one in self.file_items([item])]
            _log.exception("item cannot be filed", spool=items[0].id, name=items[0].name)
            with self.database.transaction() as tx:
                reason = "the desk failed on this item; the log of this moment says how"
                tx.spool.mark([items[0].id], spool_states.REFUSED, reason)
            return [Filed(items[0].id, items[0].name, refusals=[reason])]
        self.bell.ring()
        return filed

    def _prepare(
        self, item: Spooled, linker: Linker
    ) -> tuple[list[tuple[Take, tuple[Mention, ...]]], list[str]]:
        takes: list[tuple[Take, tuple[Mention, ...]]] = []
        refusals: list[str] = []
        with zones.assuming(self._zone_of(item.wire)):
            for one in self.read(item.raw, item.format, item.provider, item.received_at):
                if isinstance(one, WireError):
                    refusals.append(f"no story: {one}" if isinstance(one, NotAStory) else str(one))
                else:
                    takes.append((one, linker.link(one) if one.status == USABLE else ()))
        return takes, refusals

    def _zone_of(self, wire: str) -> str | None:
        configured = self.wires.get(wire)
        return configured.zone if configured else None

    def _receipt(self, item: Spooled) -> Receipt:
        wire = self.wires.get(item.wire)
        return Receipt(
            item.wire,
            item.received_at,
            item.id,
            wire.language if wire else None,
            bool(wire and wire.rights.sponsored),
            timedelta(minutes=wire.embargo_minutes if wire else 0),
        )

    def _file(
        self,
        ready: Sequence[tuple[Spooled, list[tuple[Take, tuple[Mention, ...]]], list[str]]],
        tx: Transaction,
    ) -> list[Filed]:
        filed: list[Filed] = []
        still = tx.spool.claim([item.id for item, _, _ in ready])
        brought: dict[str, list[tuple[datetime, float | None]]] = {}
        for item, takes, refusals in ready:
            if item.id not in still:
                continue
            done = Filed(item.id, item.name, refusals=refusals)
            for take, mentions in takes:
                filing = self.desk.file(take, mentions, self._receipt(item), tx, self.clock.now())
                done.filings.append(filing)
                if filing.action != IGNORED:
                    brought.setdefault(item.wire, []).append((item.received_at, _lag(take, item)))
            is_empty = not takes and not refusals
            may_be_empty = (
                item.wire in self.wires and self.wires[item.wire].kind == POLL
            )  # a feed at the weekend
            state = spool_states.FILED if takes or (is_empty and may_be_empty) else spool_states.REFUSED
            if is_empty and not may_be_empty:
                refusals.append("there is no story in it")
            tx.spool.mark([item.id], state, "; ".join(refusals[:20]) or None)
            filed.append(done)
        for wire, items in brought.items():
            lags = [lag for _, lag in items if lag is not None]
            tx.health.beat(
                wire, max(at for at, _ in items), len(items), sum(lags) / len(lags) if lags else None
            )
        return filed

    def reread(self, items: Sequence[Spooled], *, dry: bool = False) -> list[Filed]:
        """Read *items* of the spool that were filed before with today's parsers; *dry* keeps nothing of it.

        A story gets a new version only where something that readers see has changed.
        """
        linker = self.linker
        ready = [(item, *self._prepare(item, linker)) for item in items]
        filed: list[Filed] = []
        try:
            with self.database.transaction() as tx:
                tx.spool.claim([])  # the desk's turn: nobody else files meanwhile
                for item, takes, refusals in ready:
                    done = Filed(item.id, item.name, refusals=refusals)
                    done.filings = self.desk.reread(takes, self._receipt(item), tx, self.clock.now())
                    filed.append(done)
                if dry:
                    raise _NotKept
        except _NotKept:
            return filed
        self.bell.ring()
        return filed

    def expire(self, limit: int = 100) -> int:
        """Delete what its wire's licence lets us keep no longer: text, takes and bytes; returns how many stories."""
        now, gone = self.clock.now(), 0
        for name, wire in self.wires.items():
            if wire.rights.retention_days is None:
                continue
            before = now - timedelta(days=wire.rights.retention_days)
            with self.database.transaction() as tx:
                tx.spool.claim([])  # the desk's turn: nobody files on these stories meanwhile
                due = tx.retention.due(name, before, limit)
                tx.retention.purge([one.story for one in due])
                for one in due:
                    tx.journal.append(
                        journal.EXPIRED, story=one.story, lineage=one.lineage, version=one.version,
                        action=journal.EXPIRED, at=now,
                    )  # fmt: skip
                tx.retention.purge_spool(name, before)
            gone += len(due)
        if gone:
            self.bell.ring()
        return gone

    def forget_shingles(self) -> int:
        """Delete what stories too old to be continued were found by; returns how many rows."""
        with self.database.transaction() as tx:
            return tx.kin.prune(self.clock.now() - timedelta(hours=self.settings.lineage_hours))

    def release_embargoes(self) -> int:
        """Show what an embargo held back until now; returns how many stories."""
        now = self.clock.now()
        with self.database.reading() as tx:
            if not tx.stories.releases(now):
                return 0
        with self.database.transaction() as tx:
            released = self.desk.release(tx, now)
        self.bell.ring()
        return released


class _NotKept(Exception):
    """Ends a transaction of which nothing is to stay."""


def _lag(take: Take, item: Spooled) -> float | None:
    """Return the seconds from the provider's time to receipt; None where the time says nothing of the delivery."""
    if take.version_created is None:
        return None
    lag = epoch(item.received_at) - epoch(take.version_created)
    return lag if -60 < lag < DAY else None


class _OtherRegister(Exception):
    """The register has changed since a batch was linked."""
