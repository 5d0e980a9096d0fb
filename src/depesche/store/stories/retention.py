"""Delete the text of stories whose licence has run out; what remains says that there was a story, and nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from depesche.lib.clock import epoch
from depesche.model.story import EXPIRED
from depesche.store import schema

PURGED = "purged"
_NO_COPY = {
    "headline": "", "body_html": "", "body_text": "", "series_kind": None, "series_number": None, "series_topic": None,
    "dateline_json": None, "byline": None, "teaser": None, "credit": None, "copyright": None, "usage_terms": None,
    "correction": None, "genre": None, "subjects_json": "[]", "links_json": "[]", "canonical_url": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expired:
    """A story to be purged, with its newest version."""

    story: int
    lineage: int
    version: int


class Retention:
    """Finds and purges what may not be kept any longer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(self, wire: str, before: datetime, limit: int = 100) -> list[Expired]:
        """Return stories of *wire* whose newest version readers saw, or would have seen, before *before*."""
        found = (
            select(_s.c.id, _s.c.lineage_id, _v.c.id.label("version"))
            .join(_v, (_v.c.story_id == _s.c.id) & (_v.c.number == _s.c.latest))
            .where(_s.c.wire == wire, _s.c.at < epoch(before), _s.c.state != EXPIRED)
            .order_by(_s.c.at)
            .limit(limit)
        )
        return [Expired(r.id, r.lineage_id, r.version) for r in self._connection.execute(found)]

    def purge(self, stories: Sequence[int]) -> None:
        """Empty the copy of *stories*, their takes and mentions, and let go of their pictures.

        Fingerprints and guids stay: the same item again is still known.
        """
        keys = list(stories)
        if not keys:
            return
        versions = select(_v.c.id).where(_v.c.story_id.in_(keys))
        run = self._connection.execute
        run(schema.version_pictures.delete().where(schema.version_pictures.c.version_id.in_(versions)))
        run(schema.mentions.delete().where(schema.mentions.c.story_id.in_(keys)))
        run(schema.bands.delete().where(schema.bands.c.story_id.in_(keys)))
        run(schema.recent_shingles.delete().where(schema.recent_shingles.c.story_id.in_(keys)))
        run(update(_v).where(_v.c.story_id.in_(keys)).values(**_NO_COPY, released=False))
        run(update(_t).where(_t.c.story_id.in_(keys)).values(fields_json=""))
        run(update(_s).where(_s.c.id.in_(keys)).values(state=EXPIRED, current_id=None, headline_key=""))

    def purge_spool(self, wire: str, before: datetime, limit: int = 500) -> int:
        """Empty the bytes that *wire* brought before *before* and that nobody waits for; returns how many items.

        Their hashes stay, so that the same bytes are not taken in again.
        """
        old = (
            select(_p.c.id)
            .where(_p.c.wire == wire, _p.c.received_at < epoch(before), _p.c.state.in_(("filed", "refused")))
            .order_by(_p.c.received_at)
            .limit(limit)
        )
        empty = (
            update(_p).where(_p.c.id.in_(old.scalar_subquery())).values(raw=b"", state=PURGED, reason=None)
        )
        return self._connection.execute(empty).rowcount

    def purge_echoes(self, after: int, before: datetime, limit: int = 1000) -> tuple[int, int]:
        """Empty the bytes of items received before *before* that brought nothing: polls of what was here already.

        Looks at *limit* items above the key *after*; returns the last key looked at, and how many were emptied.
        """
        is_echo = (_p.c.state == "filed") & ~select(_t.c.id).where(_t.c.spool_id == _p.c.id).exists()
        looked = select(_p.c.id, is_echo.label("is_echo")).where(
            _p.c.id > after, _p.c.received_at < epoch(before)
        )
        rows = self._connection.execute(looked.order_by(_p.c.id).limit(limit)).all()
        echoes = [r.id for r in rows if r.is_echo]
        if echoes:
            emptied = update(_p).where(_p.c.id.in_(echoes)).values(raw=b"", state=PURGED, reason=None)
            self._connection.execute(emptied)
        return (rows[-1].id if rows else after), len(echoes)


_s = schema.stories
_v = schema.versions
_t = schema.takes
_p = schema.spool
