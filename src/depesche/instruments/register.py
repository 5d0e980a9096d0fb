"""The register's sources, merged: one instrument per ISIN, disagreement shown and never overwritten."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from itertools import chain
from pathlib import Path

from depesche.instruments import markets
from depesche.instruments.importer import Row, Untrustworthy, importers
from depesche.instruments.lexicon import names
from depesche.instruments.lexicon.fold import fold
from depesche.model.errors import WireError
from depesche.model.identifiers import wkn_of
from depesche.model.instrument import AMBIGUOUS, PREFERENCE, RECEIPT, STRONG, Instrument, Listing, Name
from depesche.model.register import LEI, LISTING, MARKET, NAME, OWNER, ROW, WKN, Conflict, Supplement

FACTS = "facts"
"""The source of the reviewed facts that ship with the project."""

ALIASES = "aliases"
"""The source of the reviewed short names that ship with the project."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome of a merge, in the order of the sources; `unmatched` counts supplements for shares nobody brought."""

    instruments: tuple[Instrument, ...]
    conflicts: tuple[Conflict, ...] = ()
    refused: tuple[WireError, ...] = ()
    unmatched: int = 0


def facts() -> Iterator[Instrument]:
    """Yield the reviewed facts: German index members and share classes that other sources mix up.

    Names carry the tier a person gave them. Of several classes of an issuer, the first
    is the one its name leads to.
    """
    file = resources.files("depesche.instruments") / "facts.csv"
    for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
        strong = [row["name"], *_split(row["strong"])] if row["strong"] or row["ambiguous"] else []
        given = [Name(text, STRONG, FACTS) for text in dict.fromkeys(strong)]
        given += [Name(text, AMBIGUOUS, FACTS) for text in _split(row["ambiguous"])]
        listing = Listing(row["mic"], row["ticker"], markets.CURRENCY.get(row["mic"]))
        yield Instrument(
            isin=row["isin"],
            name=row["name"],
            wkn=row["wkn"] or wkn_of(row["isin"]),
            country=row["isin"][:2],
            issuer=row["issuer"] or row["name"],
            listings=(listing,) if row["ticker"] else (),
            names=tuple(given) or (Name(row["name"], AMBIGUOUS if row["issuer"] else STRONG, FACTS),),
            source=FACTS,
            share_class=names.share_class(row["name"]),
        )


def aliases() -> Iterator[Instrument]:
    """Yield the reviewed short names of well-known issuers abroad, by the ISIN of the share they lead to."""
    file = resources.files("depesche.instruments") / "aliases.csv"
    for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
        given = [Name(text, STRONG, ALIASES) for text in _split(row["strong"])]
        given += [Name(text, AMBIGUOUS, ALIASES) for text in _split(row["ambiguous"])]
        yield Instrument(isin=row["isin"], name=row["name"], names=tuple(given), source=ALIASES)


def _split(text: str) -> list[str]:
    return [part for part in text.split("|") if part]


def default_register() -> Merged:
    """Return the register of the first start: the reviewed facts, the members of twenty indices, reviewed short names."""
    return merge(chain(facts(), importers()["tickersymbols"].read(None), aliases()))


def default_instruments() -> Iterable[Instrument]:
    """Return the instruments of the first start."""
    return default_register().instruments


def read_merged(path: Path) -> Merged:
    """Read a register from the CSV file at *path*; what we know of an ISIN checks its name and adds names, but no instruments.

    Raises:
        WireError: the file cannot be read at all.
    """
    return merge(importers()["plain_csv"].read(path), reference=default_instruments())


def read_register(path: Path) -> list[Instrument]:
    """Return the instruments of the CSV file at *path*; what was refused or disagrees is left out.

    Raises:
        WireError: the file cannot be read at all.
    """
    return list(read_merged(path).instruments)


def merge(rows: Iterable[Row], reference: Iterable[Instrument] = (), *, binding: bool = False) -> Merged:
    """Merge *rows* by ISIN, the first source of each fact winning, and judge the names together.

    *reference* knows which names belong to which ISIN; it adds no instruments itself. It is *binding*
    where it is the register that the rows are to go into: nothing in it is overruled.
    """
    desk = _Merge({instrument.isin: instrument for instrument in reference}, binding)
    refused: list[WireError] = []
    for row in rows:
        if isinstance(row, Untrustworthy):
            desk.conflicts.append(Conflict("", row.reason, row.where, "", row.row, "", ROW))
        elif isinstance(row, WireError):
            refused.append(row)
        elif isinstance(row, Supplement):
            desk.supplement(row)
        else:
            desk.add(row)
    merged = tuple(names.tiered(desk.by_isin.values()))
    return Merged(merged, tuple(desk.conflicts), tuple(refused), desk.unmatched)


def choose_primary(family: Sequence[Instrument]) -> Instrument:
    """Return the instrument that an issuer's name leads to: an ordinary share before a preference share before a receipt, at
    home before abroad; of several, the one with most names that link, then most listings, then the first.
    """
    return max(family, key=primary_rank)


def primary_rank(one: Instrument) -> tuple[bool, bool, bool, int, bool, bool, int]:
    """Return what makes *one* the primary instrument of its issuer; the highest wins."""
    is_receipt = one.share_class == RECEIPT or all(listing.mic == "OTCM" for listing in one.listings)
    home = any(listing.mic == "XETR" for listing in one.listings)
    strong = sum(name.tier == STRONG for name in one.names)
    return (
        one.is_primary,
        not is_receipt and bool(one.listings),
        any(name.source in names.TRUSTED for name in one.names),
        strong,
        home,
        one.share_class != PREFERENCE,
        len(one.listings),
    )


@dataclass
class _Merge:
    reference: Mapping[str, Instrument]
    is_binding: bool = False
    by_isin: dict[str, Instrument] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    _listed: dict[tuple[str, str], str] = field(default_factory=dict)
    _claimed: dict[str, Instrument] = field(default_factory=dict)
    _named: dict[str, set[str]] = field(default_factory=dict)
    _by_issuer: dict[str, list[str]] | None = None
    unmatched: int = 0

    def __post_init__(self) -> None:
        if not self.is_binding:
            return
        for one in self.reference.values():
            for listing in one.listings:
                self._listed.setdefault((listing.mic, listing.ticker), one.isin)
            if one.source == FACTS:
                self._claim(one)

    def add(self, new: Instrument) -> None:
        known = self.by_isin.get(new.isin)
        asserted = known or self.reference.get(new.isin)
        if asserted and not _same_issuer(asserted, new):
            if known or self.is_binding or asserted.source == FACTS:
                self._set_aside(asserted, new, "the names disagree", NAME)
                return
            asserted = None
        if asserted is None:
            if _strays(new):
                self._set_aside(new, new, "a German ISIN on a market of the United States", MARKET)
                return
            owner = self._owner(new)
            if owner and _is_receipt(new, owner):
                new = replace(new, share_class=RECEIPT)
            elif owner and (owner.isin[:2] == "DE" or owner.isin[:2] != new.isin[:2]):
                self._set_aside(owner, new, f"the name belongs to {owner.isin}", OWNER)
                return
            new = replace(new, issuer=owner.issuer) if owner else new
        elif known is None:
            new = replace(new, issuer=self._issuer_of(asserted), names=_better(asserted, new))
        new = replace(new, listings=tuple(self._admit(new)))
        self.by_isin[new.isin] = self._join(known, new) if known else new
        if new.source == FACTS:
            self._claim(new)

    def _claim(self, one: Instrument) -> None:
        for name in one.names:
            self._claimed.setdefault(fold(name.text), one)
            self._named.setdefault(one.issuer or "", set()).add(fold(name.text))

    def _issuer_of(self, asserted: Instrument) -> str | None:
        """Return the key of the issuer that a known instrument has; in the register it is one already."""
        if self.is_binding:
            return asserted.issuer
        reviewed = asserted.issuer if asserted.source == FACTS else None
        return names.issuer_of(reviewed) if reviewed else None

    def supplement(self, row: Supplement) -> None:
        """Add to a known instrument what *row* says of it; a stranger is only counted."""
        known = self._known(row.isin) if row.isin else self._by_listing(row) or self._by_name(row)
        if known is None:
            self.unmatched += 1
            return
        if row.lei and known.lei and row.lei != known.lei:
            kept, other = f"{known.name} {known.lei}", f"{known.name} {row.lei}"
            reason = f"the LEIs {known.lei} and {row.lei} disagree"
            self.conflicts.append(Conflict(known.isin, reason, kept, known.source, other, row.source, LEI))
            return
        listings: tuple[Listing, ...] = ()
        if row.mic and row.ticker:
            said = Instrument(known.isin, row.name or known.name, source=row.source,
                              listings=(Listing(row.mic, row.ticker, row.currency, row.source),))  # fmt: skip
            listings = tuple(self._admit(said))
        added = tuple(one for one in listings if one not in known.listings)
        if added or (row.lei and not known.lei):
            self.by_isin[known.isin] = replace(
                known, lei=known.lei or row.lei, listings=known.listings + added, source=row.source
            )

    def _known(self, isin: str | None) -> Instrument | None:
        return self.by_isin.get(isin or "") or self.reference.get(isin or "")

    def _by_listing(self, row: Supplement) -> Instrument | None:
        """Return the instrument that has the listing of *row* already, if it goes by that name."""
        holder = self._known(self._listed.get((row.mic or "", row.ticker or "")))
        if holder is None or not row.name:
            return None
        said = Instrument(holder.isin, row.name, source=row.source)
        return holder if _same_issuer(holder, said) else None

    def _by_name(self, row: Supplement) -> Instrument | None:
        """Return the one instrument whose issuer has exactly the name of *row*, one of its own country first."""
        if self._by_issuer is None:
            self._by_issuer = {}
            for one in {**self.reference, **self.by_isin}.values():
                self._by_issuer.setdefault(names.issuer_of(one.name), []).append(one.isin)
        found = self._by_issuer.get(names.issuer_of(row.name or ""), ())
        if row.mic in markets.US:
            found = [isin for isin in found if isin.startswith("US")] or [
                isin for isin in found if not isin.startswith("DE")
            ]
        return self._known(found[0]) if len(found) == 1 else None

    def _owner(self, new: Instrument) -> Instrument | None:
        """Return the reviewed instrument whose name *new* carries, unless their legal forms tell them apart."""
        exact = self._claimed.get(fold(new.name))
        family = names.legal_family(new.name)
        if exact and family:
            return exact
        owner = exact or self._claimed.get(fold(names.core(new.name)))
        return owner if owner and family in {None, names.legal_family(owner.issuer or owner.name)} else None

    def _set_aside(self, kept: Instrument, other: Instrument, reason: str, kind: str) -> None:
        told = Conflict(other.isin, reason, kept.name, kept.source, other.name, other.source, kind, other)
        self.conflicts.append(told)

    def _admit(self, new: Instrument) -> Iterator[Listing]:
        for listing in new.listings:
            holder = self._listed.setdefault((listing.mic, listing.ticker), new.isin)
            if holder == new.isin:
                yield listing
            else:
                kept = self._known(holder) or new
                alone = replace(new, listings=(listing,))
                self._set_aside(kept, alone, f"{listing.mic} {listing.ticker} belongs to {holder}", LISTING)

    def _join(self, known: Instrument, new: Instrument) -> Instrument:
        if known.wkn and new.wkn and known.wkn != new.wkn:
            self._set_aside(known, new, f"the WKNs {known.wkn} and {new.wkn} disagree", WKN)
        markets_known = {listing.mic for listing in known.listings}
        texts = {fold(name.text) for name in known.names} | self._named.get(known.issuer or "", set())
        added = [
            replace(name, tier=name.tier or _later(name))
            for name in new.names
            if fold(name.text) not in texts
        ]
        judged = {fold(name.text): name for name in new.names if name.source in names.REVIEWED}
        kept = tuple(
            replace(judged[fold(name.text)], text=name.text)
            if not name.tier and fold(name.text) in judged
            else name
            for name in known.names
        )
        return replace(
            known,
            wkn=known.wkn or new.wkn,
            country=known.country or new.country,
            share_class=known.share_class or new.share_class,
            lei=known.lei or new.lei,
            listings=known.listings + tuple(x for x in new.listings if x.mic not in markets_known),
            names=kept + tuple(added),
        )


def _better(reviewed: Instrument, new: Instrument) -> tuple[Name, ...]:
    """Return the names of *new* as a person judged them, and its own besides."""
    known = {fold(name.text) for name in reviewed.names}
    own = (name for name in new.names if fold(name.text) not in known)
    return (*reviewed.names, *(replace(name, tier=name.tier or _later(name)) for name in own))


def _later(name: Name) -> str:
    """Judge a name that joins names somebody has judged: without a legal form it needs a cue."""
    return STRONG if names.legal_family(name.text) else AMBIGUOUS


def _strays(new: Instrument) -> bool:
    return new.isin.startswith("DE") and any(listing.mic in markets.US for listing in new.listings)


def _is_receipt(new: Instrument, owner: Instrument) -> bool:
    """Tell whether *new* is the American receipt of *owner*'s share: it trades over the counter only."""
    abroad = new.isin.startswith("US") and not owner.isin.startswith("US")
    return abroad and bool(new.listings) and all(listing.mic == "OTCM" for listing in new.listings)


def _same_issuer(known: Instrument, new: Instrument) -> bool:
    ours = {known.name, known.issuer or known.name, *(name.text for name in known.names)}
    theirs = {new.name, *(name.text for name in new.names)}
    return any(names.agree(a, b) for a in ours for b in theirs)
