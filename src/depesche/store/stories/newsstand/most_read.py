"""What was read most: of a portal, a share, a topic, a language or a provider."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from depesche.model.story import PUBLIC
from depesche.model.take import USABLE
from depesche.store import schema
from depesche.store.sql import to_json


class MostRead:
    """Reads what was read most."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def most_read(
        self,
        since_hour: int,
        limit: int,
        *,
        language: str | None = None,
        instrument: int | None = None,
        provider: str | None = None,
        topic: str | None = None,
        with_sponsored: bool = False,
    ) -> list[tuple[int, int]]:
        """Return (story, views) of public stories from *since_hour* on, the most viewed first, of equal ones the newer first.

        *instrument* is a row of the register, *topic* the code of a subject; advertisements are left out unless asked for.
        """
        n = func.sum(_views.c.n)
        query = (
            select(_views.c.story_id, n)
            .join(_s, _s.c.id == _views.c.story_id)
            .where(_views.c.hour >= since_hour, _s.c.state == PUBLIC)
            .group_by(_views.c.story_id)
            .having(n > 0)
            .order_by(n.desc(), _views.c.story_id.desc())
            .limit(limit)
        )
        if not with_sponsored:
            query = query.where(_s.c.sponsored.is_(False))
        if provider is not None:
            query = query.where(_s.c.provider == provider)
        if language is not None or topic is not None:
            query = query.join(_v, _v.c.id == _s.c.current_id).where(_v.c.status == USABLE)
        if language is not None:
            query = query.where(_v.c.language.startswith(language, autoescape=True))
        if topic is not None:
            query = query.where(_v.c.subjects_json.contains(f'"code":{to_json(topic)}', autoescape=True))
        if instrument is not None:
            query = query.join(_m, (_m.c.story_id == _s.c.id) & (_m.c.version_id == _s.c.current_id)).where(
                _m.c.instrument_id == instrument, _m.c.published
            )
        return [(story, int(views)) for story, views in self._connection.execute(query)]


_views = schema.views
_s = schema.stories
_v = schema.versions
_m = schema.mentions
