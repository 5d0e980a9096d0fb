"""The tail: reads the end of the journal for one web process, so that nothing it keeps outlives a change.

The press of the machine prints; this only takes away. It does so whether or not a press is running.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from depesche.model.journal import Entry
from depesche.portal.edge.memory import Memory
from depesche.portal.edge.press import changes, cursor_name
from depesche.portal.site import Site, provider_slug
from depesche.store.pages import PageStore

_BATCH = 2_000
_BEFORE = 300  # entries before its beginning of which listeners are told


class Listener(Protocol):
    """Whoever is told what the tail reads."""

    def begin(self, seq: int, before: Sequence[Entry]) -> None:
        """Start at number *seq*, with some of the entries before it, oldest first."""
        ...

    def hear(self, entries: Sequence[Entry]) -> None:
        """Take in new entries, after what they change was taken away."""
        ...


class Tail:
    """One process's place in the journal; it begins where the press of this machine has come to."""

    def __init__(self, site: Site, pages: PageStore, memory: Memory[Any], heard: Listener) -> None:
        self._heard = heard
        self._site = site
        self._pages = pages
        self._memory = memory
        self._seq: int | None = None

    def look(self) -> None:
        """Take away every kept page that the entries since the last look have changed."""
        while True:
            with self._site.newsroom.database.reading() as tx:
                if self._seq is None:
                    self._seq = tx.cursors.read(cursor_name())
                    if self._pages.newest() > tx.journal.last():
                        self._pages.clear()  # printed from another database, which stood where this one stands
                    self._heard.begin(
                        self._seq, tx.journal.after(max(self._seq - _BEFORE, 0), min(self._seq, _BEFORE))
                    )
                entries = tx.journal.after(self._seq, _BATCH)
            if not entries:
                return
            changed = changes(self._site, entries)
            self._pages.remove(changed)
            listed = any(tag.startswith(("i", "p")) for tag in self._memory.tags())
            self._memory.drop(tags_of(self._site, entries, list(changed), listed=listed))
            self._seq = entries[-1].seq
            self._heard.hear(entries)
            if len(entries) < _BATCH:
                return


def tags_of(site: Site, entries: Sequence[Entry], changed: Sequence[int], *, listed: bool = True) -> set[str]:
    """Return what lists carry that *entries* change: the stories *changed*, their chains, and where they are *listed* now.

    Where they were listed before, they are in the list and their own tag names it.
    """
    tags = {"home", *(f"s{key}" for key in changed), *(f"l{one.lineage}" for one in entries)}
    if listed:
        with site.newsroom.database.reading() as tx:
            for card in tx.newsstand.cards(changed):
                tags.add(f"p{provider_slug(card.provider)}")
                tags.update(f"i{share.isin}" for share in card.shares)
    return tags
