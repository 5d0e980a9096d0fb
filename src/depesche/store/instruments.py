"""The register: instruments with their listings and names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, or_, select

from depesche.model.instrument import Instrument, Listing, Name
from depesche.store import schema
from depesche.store.sql import first_key, insert


def name_key(text: str) -> str:
    """Fold *text* for comparing names: compatibility forms, case, spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


class Instruments:
    """The tables of instruments, listings and names."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self) -> int:
        """Return how many instruments the register holds."""
        return int(self._connection.execute(select(func.count()).select_from(_i)).scalar_one())

    def revision(self) -> tuple[int, int]:
        """Return a value that changes when instruments or names are added."""
        newest = select(
            select(func.max(_i.c.id)).scalar_subquery(), select(func.max(_n.c.id)).scalar_subquery()
        )
        instruments, names = self._connection.execute(newest).one()
        return int(instruments or 0), int(names or 0)

    def put(self, instruments: Iterable[Instrument]) -> int:
        """Add what the register does not have yet; what it has is kept. Returns how many are new."""
        new = 0
        for one in instruments:
            known = self._connection.execute(_by_isin, {"isin": one.isin}).scalar()
            if known is None:
                new += 1
                known = first_key(self._connection.execute(_i.insert(), _row(one)))
            self._complete(int(known), one)
        return new

    def _complete(self, key: int, one: Instrument) -> None:
        listings = [
            {"instrument_id": key, "mic": x.mic, "ticker": x.ticker, "currency": x.currency}
            for x in one.listings
        ]
        names = [
            {
                "instrument_id": key,
                "text": x.text,
                "text_key": name_key(x.text),
                "tier": x.tier,
                "source": x.source,
            }
            for x in one.names
        ]
        if listings:
            self._connection.execute(insert(self._connection, _l).on_conflict_do_nothing(), listings)
        if names:
            self._connection.execute(insert(self._connection, _n).on_conflict_do_nothing(), names)

    def all(self) -> Iterator[Instrument]:
        """Yield the whole register, by key."""
        listings: dict[int, list[Listing]] = {}
        for r in self._connection.execute(select(_l).order_by(_l.c.id)):
            listings.setdefault(r.instrument_id, []).append(Listing(r.mic, r.ticker, r.currency))
        names: dict[int, list[Name]] = {}
        for r in self._connection.execute(select(_n).order_by(_n.c.id)):
            names.setdefault(r.instrument_id, []).append(Name(r.text, r.tier, r.source))
        for r in self._connection.execute(select(_i).order_by(_i.c.id)):
            yield _instrument(r, listings.get(r.id, []), names.get(r.id, []))

    def by_isin(self, isin: str) -> Instrument | None:
        """Return the instrument with *isin*."""
        return self._one(self._connection.execute(select(_i).where(_i.c.isin == isin)).first())

    def by_key(self, key: int) -> Instrument | None:
        """Return the instrument in row *key*."""
        return self._one(self._connection.execute(select(_i).where(_i.c.id == key)).first())

    def by_code(self, code: str) -> Instrument | None:
        """Return the instrument whose ISIN, WKN or ticker is *code*; a ticker of several instruments finds none."""
        folded = code.strip().upper()
        row = self._connection.execute(
            select(_i).where(or_(_i.c.isin == folded, _i.c.wkn == folded)).limit(1)
        ).first()
        if row is None:
            listed = select(_l.c.instrument_id).where(_l.c.ticker == folded).distinct().limit(2)
            keys = self._connection.execute(listed).scalars().all()
            if len(keys) == 1:
                return self.by_key(keys[0])
        return self._one(row)

    def keys(self, isins: Sequence[str]) -> dict[str, int]:
        """Return the row of each ISIN the register knows."""
        if not isins:
            return {}
        return {r.isin: int(r.id) for r in self._connection.execute(_keys, {"isins": list(isins)})}

    def find(self, text: str, limit: int = 10) -> list[Instrument]:
        """Return instruments for what a person typed: a code, or the beginning or a word of a name; best first."""
        exact = self.by_code(text)
        folded = name_key(text)
        if not folded:
            return []
        quoted = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        starts, inside = (
            _n.c.text_key.like(f"{quoted}%", escape="\\"),
            _n.c.text_key.like(f"% {quoted}%", escape="\\"),
        )
        rank = func.min(case((_n.c.text_key == folded, 0), (starts, 1), else_=2))
        statement = (
            select(_i)
            .join(_n, _n.c.instrument_id == _i.c.id)
            .where(or_(starts, inside))
            .group_by(*_i.c)
            .order_by(rank, func.length(_i.c.name), _i.c.name)
            .limit(limit)
        )
        found = [exact] if exact else []
        found += [
            one
            for one in map(self._one, self._connection.execute(statement))
            if one and (not exact or one.isin != exact.isin)
        ]
        return found[:limit]

    def _one(self, row: Any) -> Instrument | None:
        if row is None:
            return None
        key = row.id
        listings = self._connection.execute(_listings, {"key": key})
        names = self._connection.execute(_names, {"key": key})
        return _instrument(
            row,
            [Listing(r.mic, r.ticker, r.currency) for r in listings],
            [Name(r.text, r.tier, r.source) for r in names],
        )


_i = schema.instruments
_l = schema.listings
_n = schema.names
_by_isin = select(_i.c.id).where(_i.c.isin == bindparam("isin"))
_keys = select(_i.c.isin, _i.c.id).where(_i.c.isin.in_(bindparam("isins", expanding=True)))
_listings = select(_l).where(_l.c.instrument_id == bindparam("key")).order_by(_l.c.id)
_names = select(_n).where(_n.c.instrument_id == bindparam("key")).order_by(_n.c.id)


def _row(one: Instrument) -> dict[str, object]:
    return {
        "isin": one.isin, "wkn": one.wkn, "name": one.name, "name_key": name_key(one.name), "kind": one.kind,
        "country": one.country, "issuer": one.issuer, "source": one.source,
    }  # fmt: skip


def _instrument(r: Any, listings: Sequence[Listing], names: Sequence[Name]) -> Instrument:
    return Instrument(
        isin=r.isin, name=r.name, wkn=r.wkn, kind=r.kind, country=r.country, issuer=r.issuer,
        listings=tuple(listings), names=tuple(names), source=r.source, key=r.id,
    )  # fmt: skip
