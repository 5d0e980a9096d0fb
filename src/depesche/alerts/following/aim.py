"""What a reader asks to follow, held against what there is."""

from __future__ import annotations

from dataclasses import replace

from depesche.model.subscription import INSTRUMENT, LINEAGE, PROVIDER, SEARCH, Target
from depesche.store.database import Transaction

_LONGEST = 500  # characters of a query or name


def settled(target: Target, tx: Transaction) -> Target | None:
    """Return *target* as it is to be stored and shown, None where there is no such thing.

    A search comes in the normal form of its query, with the words as typed for its name.
    """
    if not target.value or len(target.value) > _LONGEST:
        return None
    if target.kind == INSTRUMENT:
        share = tx.instruments.by_isin(target.value) if target.value.isascii() else None
        return None if share is None else replace(target, name=share.name, instrument=share.key)
    if target.kind == PROVIDER:
        has_stories = bool(tx.newsstand.of_provider(target.value, 1))
        return replace(target, name=target.value) if has_stories else None
    if target.kind == LINEAGE:
        return _lineage(target, tx)
    return replace(target, name=target.name[:_LONGEST]) if target.kind == SEARCH else None


def _lineage(target: Target, tx: Transaction) -> Target | None:
    """Return the running story, called by the headline of its newest part."""
    if not (target.value.isascii() and target.value.isdigit()) or len(target.value) > 18:
        return None
    stories = tx.newsstand.lineage_stories(int(target.value))
    cards = tx.newsstand.cards(stories[-1:])
    return replace(target, value=str(int(target.value)), name=cards[0].headline) if cards else None
