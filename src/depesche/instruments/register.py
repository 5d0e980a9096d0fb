"""The register's sources, merged: one instrument per ISIN, disagreement shown and never overwritten."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from itertools import chain
from pathlib import Path

from depesche.instruments import markets, names
from depesche.instruments.fold import fold
from depesche.instruments.importer import Row, importers
from depesche.model.errors import WireError
from depesche.model.identifiers import wkn_of
from depesche.model.instrument import AMBIGUOUS, STRONG, Instrument, Listing, Name

FACTS = "facts"
"""The source of the reviewed facts that ship with the project."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sources that disagree: what was kept, what was set aside, and why; `other` is not in the register."""

    isin: str
    reason: str
    kept: str
    kept_source: str
    other: str
    other_source: str


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome of a merge, in the order of the sources."""

    instruments: tuple[Instrument, ...]
    conflicts: tuple[Conflict, ...] = ()
    refused: tuple[WireError, ...] = ()


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
        )


def _split(text: str) -> list[str]:
    return [part for part in text.split("|") if part]


def default_register() -> Merged:
    """Return the register of the first start: the reviewed facts, then the members of twenty indices."""
    return merge(chain(facts(), importers()["tickersymbols"].read(None)))


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


def merge(rows: Iterable[Row], reference: Iterable[Instrument] = ()) -> Merged:
    """Merge *rows* by ISIN, the first source of each fact winning, and judge the names together.

    *reference* knows which names belong to which ISIN; it adds no instruments itself.
    """
    desk = _Merge({instrument.isin: instrument for instrument in reference})
    refused = []
    for row in rows:
        if isinstance(row, WireError):
            refused.append(row)
        else:
            desk.add(row)
    return Merged(tuple(names.tiered(desk.by_isin.values())), tuple(desk.conflicts), tuple(refused))


@dataclass
class _Merge:
    reference: Mapping[str, Instrument]
    by_isin: dict[str, Instrument] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    _listed: dict[tuple[str, str], str] = field(default_factory=dict)
    _claimed: dict[str, Instrument] = field(default_factory=dict)
    _named: dict[str, set[str]] = field(default_factory=dict)

    def add(self, new: Instrument) -> None:
        known = self.by_isin.get(new.isin)
        asserted = known or self.reference.get(new.isin)
        if asserted and not _same_issuer(asserted, new):
            if known or asserted.source == FACTS:
                self._set_aside(asserted, new, "the names disagree")
                return
            asserted = None
        if asserted is None:
            if _strays(new):
                self._set_aside(new, new, "a German ISIN on a market of the United States")
                return
            owner = self._owner(new)
            if owner and (owner.isin[:2] == "DE" or owner.isin[:2] != new.isin[:2]):
                self._set_aside(owner, new, f"the name belongs to {owner.isin}")
                return
            new = replace(new, issuer=owner.issuer) if owner else new
        elif known is None:
            reviewed = asserted.issuer if asserted.source == FACTS else None
            issuer = names.issuer_of(reviewed) if reviewed else None
            new = replace(new, issuer=issuer, names=_better(asserted, new))
        new = replace(new, listings=tuple(self._admit(new)))
        self.by_isin[new.isin] = self._join(known, new) if known else new
        if new.source == FACTS:
            for name in new.names:
                self._claimed.setdefault(fold(name.text), new)
                self._named.setdefault(new.issuer or "", set()).add(fold(name.text))

    def _owner(self, new: Instrument) -> Instrument | None:
        """Return the reviewed instrument whose name *new* carries, unless their legal forms tell them apart."""
        owner = self._claimed.get(fold(new.name)) or self._claimed.get(fold(names.core(new.name)))
        family = names.legal_family(new.name)
        return owner if owner and family in {None, names.legal_family(owner.issuer or owner.name)} else None

    def _set_aside(self, kept: Instrument, other: Instrument, reason: str) -> None:
        self.conflicts.append(Conflict(other.isin, reason, kept.name, kept.source, other.name, other.source))

    def _admit(self, new: Instrument) -> Iterator[Listing]:
        for listing in new.listings:
            holder = self._listed.setdefault((listing.mic, listing.ticker), new.isin)
            if holder == new.isin:
                yield listing
            else:
                kept = self.by_isin[holder]
                self._set_aside(kept, new, f"{listing.mic} {listing.ticker} belongs to {holder}")

    def _join(self, known: Instrument, new: Instrument) -> Instrument:
        if known.wkn and new.wkn and known.wkn != new.wkn:
            self._set_aside(known, new, f"the WKNs {known.wkn} and {new.wkn} disagree")
        markets_known = {listing.mic for listing in known.listings}
        texts = {fold(name.text) for name in known.names} | self._named.get(known.issuer or "", set())
        added = [
            replace(name, tier=name.tier or _later(name))
            for name in new.names
            if fold(name.text) not in texts
        ]
        return replace(
            known,
            wkn=known.wkn or new.wkn,
            country=known.country or new.country,
            listings=known.listings + tuple(x for x in new.listings if x.mic not in markets_known),
            names=known.names + tuple(added),
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


def _same_issuer(known: Instrument, new: Instrument) -> bool:
    ours = {known.name, known.issuer or known.name, *(name.text for name in known.names)}
    theirs = {new.name, *(name.text for name in new.names)}
    return any(names.agree(a, b) for a in ours for b in theirs)
