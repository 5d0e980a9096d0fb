"""What people decide about the register: take in a source, admit or block a name, settle a disagreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from depesche.instruments import register
from depesche.instruments.lexicon import names, words
from depesche.instruments.lexicon.fold import fold
from depesche.model.errors import NotFound, Refused
from depesche.model.instrument import BLOCKED, STRONG, TIERS, Instrument, Name
from depesche.model.register import (
    KEPT,
    LEI,
    LISTING,
    NAME,
    OPEN,
    RENAMED_STATE,
    ROW,
    TAKEN,
    WKN,
    Quarantined,
)
from depesche.store.database import Transaction

EDITOR = "editor"
"""The source of what a person decided here."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking in a source did, in instruments, disagreements and listings."""

    read: int
    new: int
    quarantined: int
    delisted: int


def take_in(tx: Transaction, merged: register.Merged, at: datetime, *, is_complete: bool = False) -> Taken:
    """Add what was *merged* to the register and keep what disagrees for a person.

    A complete list ends the listings of its source, on its markets, that it does not have any more.
    """
    new = tx.instruments.put(merged.instruments, at)
    disagreeing = tx.register.quarantine(merged.conflicts, at)
    delisted = 0
    if is_complete:
        for source in {x.source or one.source for one in merged.instruments for x in one.listings}:
            own = [_only(one, source) for one in merged.instruments]
            delisted += tx.register.delist_missing(source, own, at)
    choose_primaries(tx)
    return Taken(len(merged.instruments), new, disagreeing, delisted)


def _only(one: Instrument, source: str) -> Instrument:
    return replace(one, listings=tuple(x for x in one.listings if (x.source or one.source) == source))


def choose_primaries(tx: Transaction) -> int:
    """Give each issuer that has no primary instrument one; returns how many."""
    chosen = []
    for keys in tx.register.groups():
        family = [one for key in keys if (one := tx.instruments.by_key(key))]
        chosen.append(register.choose_primary(family).key)
    tx.register.make_primary(chosen)
    return len(chosen)


def alias(tx: Transaction, isin: str, text: str, tier: str | None, at: datetime) -> Name:
    """Admit a name of an instrument, or block it; returns the name with its tier.

    Raises:
        Refused: the name is empty, or an ordinary word for which nobody named a tier.
        NotFound: there is no such instrument.
    """
    said = " ".join(text.split())
    if not said:
        raise Refused("the name is empty")
    if tier is not None and tier not in TIERS:
        raise Refused(f"{tier!r} is not one of {', '.join(TIERS)}")
    found = tx.instruments.by_isin(isin.upper())
    if found is None:
        raise NotFound(f"the register has no {isin}")
    if tier is None:
        tier = names.tier_of(said)
        if tier != STRONG:
            raise Refused(f"{said!r} {_why_not(said, tier)}: name its tier, {' or '.join(TIERS)}")
    tx.register.name(found.key, said, tier, EDITOR, at)
    return Name(said, tier, EDITOR)


def _why_not(said: str, tier: str) -> str:
    folded = fold(said)
    if tier == BLOCKED:
        return "is an index, a market, a country or an agency"
    if folded in words.ORDINARY or folded in words.GENERIC:
        return "is an ordinary word"
    return "may be an ordinary word" if " " not in said else "is made of ordinary words"


def settle(tx: Transaction, key: int, how: str, at: datetime) -> Quarantined:
    """Settle a disagreement: what was *kept* stays, the other side is *taken*, or an issuer was *renamed*.

    Raises:
        NotFound: there is no such disagreement.
        Refused: it is settled already, or cannot be settled that way.
    """
    found = tx.register.disagreement(key)
    if found is None:
        raise NotFound(f"nothing in quarantine has the number {key}")
    if found.state != OPEN:
        raise Refused(f"number {key} is settled already: {found.state}")
    if how == TAKEN:
        _take(tx, found, at)
    elif how == RENAMED_STATE:
        _rename(tx, found, at, was_right=True)
    elif how != KEPT:
        raise Refused(f"{how!r} is not one of {KEPT}, {TAKEN}, {RENAMED_STATE}")
    tx.register.settle(key, how, at)
    choose_primaries(tx)
    return replace(found, state=how, decided_at=at)


def _take(tx: Transaction, found: Quarantined, at: datetime) -> None:
    conflict = found.conflict
    if conflict.kind == ROW:
        raise Refused("a row that cannot be read is mended in its file and imported again")
    known = tx.instruments.by_isin(conflict.isin)
    row = conflict.row
    if conflict.kind == LEI and known is not None:
        tx.register.correct(known.key, "lei", conflict.other.rpartition(" ")[2], EDITOR, at)
    elif row is None:
        raise Refused("the other side is not known any more: import its source again")
    elif known is None:  # it was set aside because of its name or its market, and is no instrument yet
        tx.instruments.put(_judged([row]), at)
    elif conflict.kind == NAME:
        _rename(tx, found, at, was_right=False)
    elif conflict.kind == WKN and row.wkn:
        tx.register.correct(known.key, "wkn", row.wkn, EDITOR, at)
    elif conflict.kind == LISTING:
        for listing in row.listings:
            tx.register.enlist(known.key, listing, EDITOR, at)
    else:
        tx.instruments.put(_judged([row]), at)


def _rename(tx: Transaction, found: Quarantined, at: datetime, *, was_right: bool) -> None:
    known, row = tx.instruments.by_isin(found.conflict.isin), found.conflict.row
    if found.conflict.kind != NAME or known is None or row is None:
        raise Refused("only another name for a known ISIN can be a new name")
    [judged] = _judged([replace(row, issuer=known.issuer)])
    tx.register.rename(known.key, judged, at, was_right=was_right, source=EDITOR)


def _judged(instruments: Sequence[Instrument]) -> list[Instrument]:
    """Return *instruments* with the tiers that their names have on their own."""
    return names.tiered(instruments)
