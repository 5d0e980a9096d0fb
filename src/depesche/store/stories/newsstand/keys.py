"""Keys of public stories: which of some are public, and all of them in order."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select

from depesche.store.stories.newsstand.public import STORIES, VERSIONS, VISIBLE, is_public


class Keys:
    """Reads keys."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def public_among(self, stories: Sequence[int]) -> list[int]:
        """Return those of *stories* that are public, in the order asked for."""
        if not stories:
            return []
        rows = self._connection.execute(_public_among, {"stories": list(stories)})
        public = {int(r.id) for r in rows}
        return [key for key in stories if key in public]

    def public_ids(self, after: int = 0, limit: int = 1000) -> list[int]:
        """Return keys of public stories above *after*, ascending: for rebuilding what is derived from them."""
        rows = self._connection.execute(_ids, {"after": after, "limit": limit})
        return [int(r.id) for r in rows]

    def lineage_stories(self, lineage: int) -> list[int]:
        """Return the public stories of *lineage*."""
        rows = self._connection.execute(_of_lineage, {"lineage": lineage})
        return [int(r.id) for r in rows]


_s = STORIES
_v = VERSIONS
_public_among = (
    select(_s.c.id)
    .join(_v, _v.c.id == _s.c.current_id)
    .where(VISIBLE, _s.c.id.in_(bindparam("stories", expanding=True)))
)
_of_lineage = select(_s.c.id).where(_s.c.lineage_id == bindparam("lineage"), is_public(_s))
_ids = (
    select(_s.c.id)
    .where(is_public(_s), _s.c.id > bindparam("after"))
    .order_by(_s.c.id)
    .limit(bindparam("limit"))
)
