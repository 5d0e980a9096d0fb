"""The register: instruments with their listings and names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)

from depesche.lib.clock import epoch
from depesche.model.instrument import BLOCKED, Instrument, Listing, Name
from depesche.model.register import IMPORTED
from depesche.store import schema
from depesche.store.prepared import Prepared, new_rows
from depesche.store.sql import among, among_texts, of_json, to_json


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

    def revision(self) -> int:
        """Return a value that changes whenever the register does: an instrument, a listing, a name or its tier."""
        return int(_revision.scalar(self._connection) or 0)

    def note(
        self,
        kind: str,
        at: datetime | None,
        *,
        field: str,
        source: str,
        instrument: int | None = None,
        before: str | None = None,
        after: str | None = None,
    ) -> None:
        """Write a change into the register's history, which also makes it another revision."""
        row = {
            "at": epoch(at) if at else 0.0, "kind": kind, "instrument_id": instrument, "field": field,
            "before": before, "after": after, "source": source,
        }  # fmt: skip
        self._connection.execute(_e.insert(), row)

    def put(self, instruments: Iterable[Instrument], at: datetime | None = None) -> int:
        """Add what the register does not have yet; what it has is kept. Returns how many are new.

        A field that was empty is filled. Each field remembers who asserted it first.
        """
        new, changed, sources = 0, 0, set()
        waiting = iter(instruments)
        while chunk := list(islice(waiting, _AT_ONCE)):
            added, touched = self._put(chunk)
            new += added
            changed += touched
            sources |= {one.source for one in chunk}
        if changed:
            said = ", ".join(sorted(sources))[:200]
            self.note(IMPORTED, at, field="instruments", source=said, after=str(new))
        return new

    def _put(self, chunk: Sequence[Instrument]) -> tuple[int, int]:
        """Add one chunk; returns how many instruments are new, and how many rows have changed."""
        issuers = self._issuers(chunk)
        isins = [one.isin for one in chunk]
        known = self.keys(isins)
        fresh = {one.isin: one for one in chunk if one.isin not in known}
        if fresh:
            rows = [_row(one, issuers.get(one.issuer or one.isin)) for one in fresh.values()]
            self._connection.execute(_i.insert(), rows)
        keys = self.keys(isins) if fresh else known
        changed = len(fresh) + self._fill([one for one in chunk if one.isin in known], known)
        listings = [
            {"instrument_id": keys[one.isin], "mic": x.mic, "ticker": x.ticker, "currency": x.currency, "source": x.source or one.source}
            for one in chunk
            for x in one.listings
        ]  # fmt: skip
        names = [
            {"instrument_id": keys[one.isin], "text": x.text, "text_key": name_key(x.text), "tier": x.tier, "source": x.source}
            for one in chunk
            for x in one.names
        ]  # fmt: skip
        before = self._sizes(listings, names, list(keys.values()))
        _new_listings.run_all(self._connection, listings)
        _new_names.run_all(self._connection, names)
        changed += self._sizes(listings, names, list(keys.values())) - before
        if changed:
            self.index_names(list(keys.values()))
        return len(fresh), changed

    def _sizes(self, listings: Sequence[object], names: Sequence[object], keys: Sequence[int]) -> int:
        """Return how many listings and names those instruments have, of whichever kind is about to be added."""
        total = 0
        for rows, table in ((listings, _l), (names, _n)):
            if rows:
                held = select(func.count()).where(table.c.instrument_id.in_(keys))
                total += int(self._connection.execute(held).scalar_one())
        return total

    def index_names(self, keys: Sequence[int]) -> None:
        """Let the instruments in rows *keys* be found by the words of the names they have now."""
        given = {"keys": to_json(list(keys))}
        tails: dict[tuple[str, int], tuple[bool, bool]] = {}
        for r in _names_of.all(self._connection, given):
            words = r.text_key[:_LONGEST_TAIL].split()
            for place in range(len(words)):
                here = " ".join(words[place:]), int(r.instrument_id)
                is_whole, is_blocked = tails.get(here, (False, True))
                tails[here] = is_whole or place == 0, is_blocked and r.tier == BLOCKED
        _unindex.run(self._connection, given)
        rows = [
            {"tail": tail, "instrument_id": key, "is_whole": is_whole, "is_blocked": is_blocked}
            for (tail, key), (is_whole, is_blocked) in tails.items()
        ]
        _new_tails.run_all(self._connection, rows)

    def _issuers(self, chunk: Sequence[Instrument]) -> dict[str, int]:
        """Return the row of each issuer of *chunk*, made where there was none."""
        wanted = {one.issuer or one.isin: one for one in reversed(chunk)}
        rows = [{"issuer_key": key, "name": one.name, "lei": one.lei} for key, one in wanted.items()]
        _new_issuers.run_all(self._connection, rows)
        found = self._connection.execute(
            select(_u.c.id, _u.c.issuer_key).where(_u.c.issuer_key.in_(list(wanted)))
        )
        return {r.issuer_key: int(r.id) for r in found}

    def _fill(self, chunk: Sequence[Instrument], known: Mapping[str, int]) -> int:
        """Give known instruments what they lack; returns how many fields were filled."""
        if not chunk:
            return 0
        held = {
            r.id: r
            for r in self._connection.execute(
                select(_i).where(_i.c.id.in_([known[one.isin] for one in chunk]))
            )
        }
        filled = 0
        for one in chunk:
            row = held[known[one.isin]]
            values = {
                name: value for name in _FILLED if (value := getattr(one, name)) and not getattr(row, name)
            }
            if values:
                filled += len(values)
                sources = (of_json(row.sources_json, dict[str, str]) or {}) | dict.fromkeys(
                    values, one.source
                )
                statement = (
                    update(_i).where(_i.c.id == row.id).values(**values, sources_json=to_json(sources))
                )
                self._connection.execute(statement)
        return filled

    def all(self) -> Iterator[Instrument]:
        """Yield the whole register, by key."""
        listings: dict[int, list[Listing]] = {}
        for r in self._connection.execute(select(_l).where(_l.c.valid_to.is_(None)).order_by(_l.c.id)):
            listings.setdefault(r.instrument_id, []).append(Listing(r.mic, r.ticker, r.currency, r.source))
        names: dict[int, list[Name]] = {}
        for r in self._connection.execute(select(_n).order_by(_n.c.id)):
            names.setdefault(r.instrument_id, []).append(Name(r.text, r.tier, r.source))
        for r in self._connection.execute(select(_i).order_by(_i.c.id)):
            yield _instrument(r, listings.get(r.id, []), names.get(r.id, []))

    def by_isin(self, isin: str) -> Instrument | None:
        """Return the instrument with *isin*."""
        return self._one(_by_isin.first(self._connection, {"isin": isin}))

    def by_key(self, key: int) -> Instrument | None:
        """Return the instrument in row *key*."""
        return self._one(_by_key.first(self._connection, {"key": key}))

    def by_code(self, code: str) -> Instrument | None:
        """Return the instrument whose ISIN, WKN or ticker is *code*; a ticker of several instruments finds none."""
        folded = code.strip().upper()
        row = self._connection.execute(
            select(_i).where(or_(_i.c.isin == folded, _i.c.wkn == folded)).limit(1)
        ).first()
        if row is None:
            here = and_(_l.c.ticker == folded, _l.c.valid_to.is_(None))
            listed = select(_l.c.instrument_id).where(here).distinct().limit(2)
            keys = self._connection.execute(listed).scalars().all()
            if len(keys) == 1:
                return self.by_key(keys[0])
        return self._one(row)

    def keys(self, isins: Sequence[str]) -> dict[str, int]:
        """Return the row of each ISIN the register knows."""
        if not isins:
            return {}
        return {r.isin: int(r.id) for r in _keys.all(self._connection, {"isins": to_json(list(isins))})}

    def find(self, text: str, limit: int = 10) -> list[Instrument]:
        """Return instruments for what a person typed: a code, or the beginning or a word of a name; best first.

        Of names that begin alike, the first few hundred in the order of the alphabet are looked at.
        """
        exact = self.by_code(text)
        folded = name_key(text)
        keys = dict.fromkeys(key for _, key in self._named(folded)) if folded else {}
        if exact:
            keys.pop(exact.key, None)
        best = islice(keys, max(limit - (exact is not None), 0))
        return [*([exact] if exact else []), *filter(None, map(self.by_key, best))]

    def suggest(self, text: str, limit: int = 8) -> list[Instrument]:
        """Return instruments whose ISIN, WKN, ticker or a word of whose name begins with what was typed so far; best first.

        A code as a whole comes before names, the primary instrument of an issuer before its others.
        """
        typed = " ".join(text.split())
        if not typed:
            return []
        code = _after(typed.upper())
        found: dict[int, int] = {}
        for rank, statement, given in (
            (0, _ticker_is, {"text": typed.upper()}),
            (1, _isin_begins, code),
            (1, _wkn_begins, code),
        ):
            for r in self._connection.execute(statement, {**given, "limit": limit}):
                found.setdefault(int(r[0]), rank)
        named = dict[int, int]()
        for place, key in self._named(name_key(typed), is_linking=True):
            named.setdefault(key, 2 if place < _INSIDE else 4)
        for key, rank in islice(named.items(), limit):
            found.setdefault(key, rank)
        for r in self._connection.execute(_ticker_begins, {**code, "limit": limit}):
            found.setdefault(int(r[0]), 3)
        listed = [(rank, one) for key, rank in found.items() if (one := self.by_key(key))]
        listed.sort(key=lambda each: (each[0], not each[1].is_primary, len(each[1].name), each[1].name))
        return [one for _, one in listed[:limit]]

    def _named(self, folded: str, *, is_linking: bool = False) -> list[tuple[int, int]]:
        """Return how well, and which instrument, for each name with a word that begins with *folded*; the best first.

        That is 0 for the name itself, 1 for its beginning, 2 for a word inside it. *is_linking* leaves blocked names out.
        """
        rows = _tails.all(self._connection, _after(folded[:_LONGEST_TAIL]))
        ranked = [
            (((r.tail != folded) if r.is_whole else _INSIDE), not r.is_primary, len(r.name), r.name, int(r.instrument_id))
            for r in rows
            if not (is_linking and r.is_blocked)
        ]  # fmt: skip
        return [(int(one[0]), one[-1]) for one in sorted(ranked)]

    def _one(self, row: Any) -> Instrument | None:
        if row is None:
            return None
        key = row.id
        listings = _listings.all(self._connection, {"key": key})
        names = _names.all(self._connection, {"key": key})
        return _instrument(
            row,
            [Listing(r.mic, r.ticker, r.currency, r.source) for r in listings],
            [Name(r.text, r.tier, r.source) for r in names],
        )


_i = schema.instruments
_l = schema.listings
_n = schema.names
_u = schema.issuers
_e = schema.register_events
_w = schema.name_tails
_new_listings, _new_names, _new_issuers, _new_tails = new_rows(_l), new_rows(_n), new_rows(_u), new_rows(_w)
_AT_ONCE = 500
_LONGEST_TAIL = 200  # characters
_LOOKED_AT = 300  # names that begin alike
_INSIDE = 2
_from: BindParameter[str] = bindparam("low")
_until: BindParameter[str] = bindparam("high")
_open = _l.c.valid_to.is_(None)
_ticker_is = (
    select(_l.c.instrument_id).where(_l.c.ticker == bindparam("text"), _open).limit(bindparam("limit"))
)
_ticker_begins = (
    select(_l.c.instrument_id)
    .where(_l.c.ticker >= _from, _l.c.ticker < _until, _open)
    .limit(bindparam("limit"))
)
_isin_begins = select(_i.c.id).where(_i.c.isin >= _from, _i.c.isin < _until).limit(bindparam("limit"))
_wkn_begins = select(_i.c.id).where(_i.c.wkn >= _from, _i.c.wkn < _until).limit(bindparam("limit"))
_FILLED = ("wkn", "country", "share_class", "lei")
_revision = Prepared(select(func.max(_e.c.id)))
_keys = Prepared(select(_i.c.isin, _i.c.id).where(among_texts(_i.c.isin, bindparam("isins"))))
_by_isin = Prepared(select(_i).where(_i.c.isin == bindparam("isin")))
_by_key = Prepared(select(_i).where(_i.c.id == bindparam("key")))
_listings = Prepared(
    select(_l).where(_l.c.instrument_id == bindparam("key"), _l.c.valid_to.is_(None)).order_by(_l.c.id)
)
_tails = Prepared(
    select(_w.c.tail, _w.c.instrument_id, _w.c.is_whole, _w.c.is_blocked, _i.c.is_primary, _i.c.name)
    .join(_i, _i.c.id == _w.c.instrument_id)
    .where(_w.c.tail >= _from, _w.c.tail < _until)
    .order_by(_w.c.tail, _w.c.instrument_id)
    .limit(literal_column(str(_LOOKED_AT)))
)
_names_of = Prepared(
    select(_n.c.instrument_id, _n.c.text_key, _n.c.tier).where(among(_n.c.instrument_id, bindparam("keys")))
)
_unindex = Prepared(delete(_w).where(among(_w.c.instrument_id, bindparam("keys"))))
_names = Prepared(select(_n).where(_n.c.instrument_id == bindparam("key")).order_by(_n.c.id))


def _row(one: Instrument, issuer: int | None) -> dict[str, object]:
    fields = ("name", "kind", "country", "issuer", *_FILLED)
    return {
        "isin": one.isin, "wkn": one.wkn, "name": one.name, "name_key": name_key(one.name), "kind": one.kind,
        "country": one.country, "issuer": one.issuer, "source": one.source, "issuer_id": issuer, "lei": one.lei,
        "share_class": one.share_class, "is_primary": one.is_primary,
        "sources_json": to_json({name: one.source for name in fields if getattr(one, name)}),
    }  # fmt: skip


def _instrument(r: Any, listings: Sequence[Listing], names: Sequence[Name]) -> Instrument:
    return Instrument(
        isin=r.isin, name=r.name, wkn=r.wkn, kind=r.kind, country=r.country, issuer=r.issuer,
        listings=tuple(listings), names=tuple(names), source=r.source, key=r.id,
        share_class=r.share_class, is_primary=bool(r.is_primary), lei=r.lei,
    )  # fmt: skip


def _after(text: str) -> dict[str, str]:
    """Return the span of all that begins with *text*."""
    return {"low": text, "high": f"{text}\U0010ffff"}
