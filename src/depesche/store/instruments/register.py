"""The register's memory: issuers, who asserted what, history, decisions, and what sources disagree on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, select, update

from depesche.lib.clock import epoch, from_epoch
from depesche.model.instrument import Instrument, Listing
from depesche.model.register import (
    CORRECTED,
    DELISTED,
    NAMED,
    OPEN,
    RENAMED,
    Conflict,
    Dossier,
    Event,
    Issuer,
    Quarantined,
)
from depesche.store import schema
from depesche.store.instruments.instruments import Instruments, name_key
from depesche.store.sql import insert, of_json, to_json, when


class Register:
    """The tables around the instruments; every change of theirs is written into the history."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._instruments = Instruments(connection)

    # -- quarantine ----------------------------------------------------------------------------

    def quarantine(self, conflicts: Iterable[Conflict], at: datetime) -> int:
        """Keep *conflicts* for a person to settle; those settled or seen before stay as they are. Returns how many are new."""
        rows = [
            {
                "fingerprint": _fingerprint(one), "kind": one.kind, "isin": one.isin, "reason": one.reason, "kept": one.kept,
                "kept_source": one.kept_source, "other": one.other, "other_source": one.other_source,
                "row_json": to_json(one.row) if one.row else None, "state": OPEN, "seen_at": epoch(at), "decided_at": None,
            }
            for one in conflicts
        ]  # fmt: skip
        before = self._count(_q)
        if rows:
            self._connection.execute(insert(self._connection, _q).on_conflict_do_nothing(), rows)
        return self._count(_q) - before

    def quarantined(self, *, every: bool = False, isin: str | None = None) -> list[Quarantined]:
        """Return what waits for a person, in order of appearance; with *every*, what was settled too."""
        statement = select(_q).order_by(_q.c.id)
        if not every:
            statement = statement.where(_q.c.state == OPEN)
        if isin is not None:
            statement = statement.where(_q.c.isin == isin)
        return [_quarantined(row) for row in self._connection.execute(statement)]

    def disagreement(self, key: int) -> Quarantined | None:
        """Return the disagreement in row *key*."""
        row = self._connection.execute(select(_q).where(_q.c.id == key)).first()
        return None if row is None else _quarantined(row)

    def settle(self, key: int, state: str, at: datetime) -> None:
        """Note how a person has settled a disagreement."""
        self._connection.execute(update(_q).where(_q.c.id == key).values(state=state, decided_at=epoch(at)))

    # -- names and fields ----------------------------------------------------------------------

    def name(self, instrument: int, text: str, tier: str, source: str, at: datetime) -> bool:
        """Give an instrument the name *text*, or the name another tier; tells whether anything changed."""
        here = and_(_n.c.instrument_id == instrument, _n.c.text == text)
        known = self._connection.execute(select(_n).where(here)).first()
        if known is not None and known.tier == tier and known.valid_to is None:
            return False
        row = {
            "instrument_id": instrument,
            "text": text,
            "text_key": name_key(text),
            "tier": tier,
            "source": source,
        }
        statement = insert(self._connection, _n).values(**row)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["instrument_id", "text"],
                set_={"tier": tier, "source": source, "valid_to": None},
            )
        )
        self._instruments.index_names([instrument])
        self._note(
            NAMED,
            at,
            instrument,
            "name",
            source,
            f"{text} ({known.tier})" if known else None,
            f"{text} ({tier})",
        )
        return True

    def rename(self, instrument: int, new: Instrument, at: datetime, *, was_right: bool, source: str) -> None:
        """Let an instrument go by the name and names of *new*.

        If the former name *was_right* in its time, it goes on linking; a wrong one is deleted with all names of its source.
        """
        row = self._connection.execute(select(_i).where(_i.c.id == instrument)).one()
        names = select(_n.c.id).where(_n.c.instrument_id == instrument, _n.c.text == row.name)
        if was_right:
            self._connection.execute(update(_n).where(_n.c.id.in_(names)).values(valid_to=epoch(at)))
        else:
            wrong = and_(_n.c.instrument_id == instrument, _n.c.source == row.source)
            self._connection.execute(_n.delete().where(wrong))
        for name in new.names:
            self.name(instrument, name.text, name.tier, name.source or source, at)
        self._instruments.index_names([instrument])
        sources = (of_json(row.sources_json, dict[str, str]) or {}) | {"name": new.source or source}
        changed = {"name": new.name, "name_key": name_key(new.name), "sources_json": to_json(sources)}
        if not was_right:
            changed["source"] = new.source or source
        self._connection.execute(update(_i).where(_i.c.id == instrument).values(**changed))
        self._note(RENAMED if was_right else CORRECTED, at, instrument, "name", source, row.name, new.name)

    def correct(self, instrument: int, field: str, value: str, source: str, at: datetime) -> None:
        """Put *value* into a field (wkn, lei, country) of an instrument."""
        row = self._connection.execute(select(_i).where(_i.c.id == instrument)).one()
        sources = (of_json(row.sources_json, dict[str, str]) or {}) | {field: source}
        values = {field: value, "sources_json": to_json(sources)}
        self._connection.execute(update(_i).where(_i.c.id == instrument).values(**values))
        self._note(CORRECTED, at, instrument, field, source, getattr(row, field), value)

    # -- listings ------------------------------------------------------------------------------

    def enlist(self, instrument: int, listing: Listing, source: str, at: datetime) -> None:
        """List an instrument at a venue, taking the ticker from whoever holds it there."""
        here = and_(_l.c.mic == listing.mic, _l.c.ticker == listing.ticker, _l.c.valid_to.is_(None))
        for other in self._connection.execute(select(_l).where(here, _l.c.instrument_id != instrument)).all():
            self._delist(other, source, at)
        statement = insert(self._connection, _l).values(
            instrument_id=instrument,
            mic=listing.mic,
            ticker=listing.ticker,
            currency=listing.currency,
            source=source,
        )
        again = {"valid_to": None, "source": source}
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["instrument_id", "mic", "ticker"], set_=again)
        )
        self._note(CORRECTED, at, instrument, "listing", source, None, f"{listing.mic}:{listing.ticker}")

    def delist_missing(self, source: str, present: Sequence[Instrument], at: datetime) -> int:
        """End the listings of *source* on the markets of *present* that are not among those of *present*; returns how many."""
        held = {(one.isin, x.mic, x.ticker) for one in present for x in one.listings}
        mics = {mic for _, mic, _ in held}
        listed = (
            select(_l, _i.c.isin)
            .join(_i, _i.c.id == _l.c.instrument_id)
            .where(_l.c.source == source, _l.c.mic.in_(mics), _l.c.valid_to.is_(None))
        )
        gone = [r for r in self._connection.execute(listed).all() if (r.isin, r.mic, r.ticker) not in held]
        for row in gone:
            self._delist(row, source, at)
        return len(gone)

    def _delist(self, row: Any, source: str, at: datetime) -> None:
        self._connection.execute(update(_l).where(_l.c.id == row.id).values(valid_to=epoch(at)))
        self._note(DELISTED, at, row.instrument_id, "listing", source, f"{row.mic}:{row.ticker}", None)

    # -- issuers -------------------------------------------------------------------------------

    def groups(self) -> list[tuple[int, ...]]:
        """Return the rows of the instruments of each issuer that has no primary one yet, or more than one.

        An issuer's only instrument becomes its primary one here.
        """
        self._connection.execute(_prime_alone)
        lacking = (
            select(_i.c.issuer_id)
            .where(_i.c.issuer_id.is_not(None))
            .group_by(_i.c.issuer_id)
            .having(func.count().filter(_i.c.is_primary) != 1)
        )
        rows = self._connection.execute(
            select(_i.c.issuer_id, _i.c.id).where(_i.c.issuer_id.in_(lacking)).order_by(_i.c.id)
        )
        found: dict[int, list[int]] = {}
        for issuer, key in rows:
            found.setdefault(issuer, []).append(int(key))
        return [tuple(keys) for keys in found.values()]

    def make_primary(self, chosen: Sequence[int]) -> None:
        """Let each of the instruments in rows *chosen* be the one its issuer's name leads to."""
        if not chosen:
            return
        rows = [{"key": key} for key in chosen]
        self._connection.execute(_unprime, rows)
        self._connection.execute(_prime, rows)

    def issuer(self, instrument: int) -> Issuer | None:
        """Return the issuer of an instrument, with all its instruments."""
        row = self._connection.execute(_issuer, {"key": instrument}).first()
        if row is None:
            return None
        keys = self._connection.execute(_family, {"issuer": row.id}).scalars().all()
        family = tuple(one for key in keys if (one := self._instruments.by_key(key)))
        return Issuer(int(row.id), row.name, row.lei or next((x.lei for x in family if x.lei), None), family)

    def dossier(self, isin: str) -> Dossier | None:
        """Return everything the register knows of an instrument, with who asserted it."""
        instrument = self._instruments.by_isin(isin)
        if instrument is None:
            return None
        key = {"key": instrument.key}
        names = self._connection.execute(_former_names, key)
        listings = self._connection.execute(_former_listings, key)
        former = [(r.text, from_epoch(r.valid_to)) for r in names]
        former += [(f"{r.mic}:{r.ticker}", from_epoch(r.valid_to)) for r in listings]
        sources = self._connection.execute(
            select(_i.c.sources_json).where(_i.c.id == instrument.key)
        ).scalar()
        return Dossier(
            instrument=instrument,
            issuer=self.issuer(instrument.key),
            sources=of_json(sources, dict[str, str]) or {},
            former=tuple(former),
            events=tuple(self.events(instrument.key)),
            quarantined=tuple(self.quarantined(every=True, isin=isin)),
        )

    def events(self, instrument: int | None = None, limit: int = 200) -> list[Event]:
        """Return the newest changes, of one instrument or of all, the newest first."""
        statement = select(_e, _i.c.isin).outerjoin(_i, _i.c.id == _e.c.instrument_id)
        if instrument is not None:
            statement = statement.where(_e.c.instrument_id == instrument)
        rows = self._connection.execute(statement.order_by(_e.c.id.desc()).limit(limit))
        return [Event(from_epoch(r.at), r.kind, r.field, r.before, r.after, r.source, r.isin) for r in rows]

    def _note(
        self,
        kind: str,
        at: datetime,
        instrument: int,
        field: str,
        source: str,
        before: str | None,
        after: str | None,
    ) -> None:
        self._instruments.note(
            kind, at, field=field, source=source, instrument=instrument, before=before, after=after
        )

    def _count(self, table: Any) -> int:
        return int(self._connection.execute(select(func.count()).select_from(table)).scalar_one())


_q = schema.quarantine
_i = schema.instruments
_l = schema.listings
_n = schema.names
_u = schema.issuers
_e = schema.register_events
_sibling = _i.alias("sibling")
_unprime = (
    update(_i)
    .where(
        _i.c.issuer_id
        == select(_sibling.c.issuer_id).where(_sibling.c.id == bindparam("key")).scalar_subquery()
    )
    .values(is_primary=False)
)
_alone = (
    select(_sibling.c.issuer_id)
    .where(_sibling.c.issuer_id.is_not(None))
    .group_by(_sibling.c.issuer_id)
    .having(func.count() == 1)
)
_prime_alone = (
    update(_i).where(_i.c.is_primary.is_(False), _i.c.issuer_id.in_(_alone)).values(is_primary=True)
)
_prime = update(_i).where(_i.c.id == bindparam("key")).values(is_primary=True)
_issuer = select(_u).join(_i, _i.c.issuer_id == _u.c.id).where(_i.c.id == bindparam("key"))
_family = (
    select(_i.c.id).where(_i.c.issuer_id == bindparam("issuer")).order_by(_i.c.is_primary.desc(), _i.c.id)
)
_former_names = select(_n).where(_n.c.instrument_id == bindparam("key"), _n.c.valid_to.is_not(None))
_former_listings = select(_l).where(_l.c.instrument_id == bindparam("key"), _l.c.valid_to.is_not(None))


def _fingerprint(one: Conflict) -> str:
    said = "\x1f".join((one.kind, one.isin, one.reason, one.other, one.other_source))
    return hashlib.sha256(said.encode()).hexdigest()


def _quarantined(r: Any) -> Quarantined:
    conflict = Conflict(
        r.isin,
        r.reason,
        r.kept,
        r.kept_source,
        r.other,
        r.other_source,
        r.kind,
        of_json(r.row_json, Instrument),
    )
    return Quarantined(int(r.id), conflict, r.state, from_epoch(r.seen_at), when(r.decided_at))
