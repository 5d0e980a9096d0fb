"""Which vocabulary of compounds is in force, for all that read stories: the index and the saved searches."""

from __future__ import annotations

from datetime import datetime

from depesche.search.analysis.compounds import NO_COMPOUNDS, Compounds, nouns
from depesche.search.analysis.text import GERMAN
from depesche.store.database import Transaction

_READ = 20_000  # stories, the newest
# A small archive's vocabulary is made anew whenever that has doubled; later only when somebody asks for it.
_FIRST, _LAST = 100, 20_000  # stories


class Vocabulary:
    """Keeps the vocabulary in force in memory; safe to share between threads."""

    def __init__(self) -> None:
        self._compounds = NO_COMPOUNDS

    def of(self, tx: Transaction) -> Compounds:
        """Return what takes compounds apart, as *tx* sees it."""
        number = tx.vocabularies.current()
        held = self._compounds
        if held.number != number:
            held = self._compounds = Compounds(number, tx.vocabularies.nouns(number))
        return held


def is_due(tx: Transaction) -> bool:
    """Tell whether the archive has outgrown the vocabulary in force."""
    before = tx.vocabularies.stories()
    return before < _LAST and tx.vocabularies.arrived() >= max(2 * before, _FIRST)


def renew(tx: Transaction, at: datetime) -> int:
    """Make a vocabulary of the newest stories, put it in force, and return its number."""
    return tx.vocabularies.put(nouns(tx.vocabularies.texts(GERMAN, _READ)), at)
