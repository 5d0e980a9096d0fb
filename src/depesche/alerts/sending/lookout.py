"""The lookout: while a load is on its way, whether what its letters tell still stands, and who gets them still wants them."""

from __future__ import annotations

from datetime import datetime, timedelta

from depesche.alerts.letters.brief import Brief, DigestBrief, StoryBrief
from depesche.alerts.sending.load import Load
from depesche.model.subscription import Outgoing
from depesche.store.database import Database

_LOOK_AGAIN = timedelta(seconds=0.25)  # how long a letter may follow the last look at its story


class Lookout:
    """Looks at the stories and readers of a *load*, which was judged at *since*."""

    def __init__(self, database: Database, load: Load, since: datetime) -> None:
        self._database = database
        self._load = load
        self._since = self._looked_at = since
        self._changed: set[int] = set()
        self._gone: frozenset[int] = frozenset()

    def looks(self, now: datetime) -> bool:
        """Look again, if the last look is long enough ago; tells whether it did."""
        if now - self._looked_at < _LOOK_AGAIN:
            return False
        self._looked_at = now
        self._changed = self._find_changed()
        readers = {one.decision.subscriber for one, _ in self._load.ready.values()}
        with self._database.reading() as tx:
            self._gone = tx.readers.moved(readers, self._since)
        return True

    def is_stale(self, letter: Outgoing, brief: Brief) -> bool:
        """Tell whether a story of *brief* has changed, or the reader was erased or suppressed or has left something."""
        is_changed = self._changed and any(one.version.key in self._changed for one in _stories(brief))
        return bool(is_changed) or letter.decision.subscriber in self._gone

    def _find_changed(self) -> set[int]:
        """Return the versions that are being told and are not on show any more, or not about the same shares."""
        briefs = (brief for _, brief in self._load.ready.values())
        told = {story.version.key: story for brief in briefs for story in _stories(brief)}
        current = set()
        with self._database.reading() as tx:
            for key, brief in told.items():
                version = tx.newsstand.version(brief.version.story)
                shares = {one.isin for one in tx.mentions.of_version(key)}
                is_current = version is not None and version.key == key
                if is_current and shares == {one.isin for one in brief.shares}:
                    current.add(key)
        return told.keys() - current


def _stories(brief: Brief) -> tuple[StoryBrief, ...]:
    if isinstance(brief, StoryBrief):
        return (brief,)
    return brief.items if isinstance(brief, DigestBrief) else ()
