"""The vocabularies by which compounds are taken apart, each a list of nouns; the newest is in force."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select

from depesche.lib.clock import epoch
from depesche.store import schema
from depesche.store.prepared import Prepared
from depesche.store.sql import among, to_json
from depesche.store.stories.newsstand.public import STORIES, VERSIONS, VISIBLE

_AT_ONCE = 500
_KEPT = 2


class Vocabularies:
    """The table of vocabularies."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def current(self) -> int:
        """Return the number of the vocabulary in force, 0 where there is none."""
        return int(_current.scalar(self._connection) or 0)

    def nouns(self, number: int) -> list[str]:
        """Return the nouns of a vocabulary; none where there is no such number."""
        found = self._connection.execute(select(_v.c.nouns).where(_v.c.id == number)).scalar()
        return str(found).split() if found else []

    def stories(self) -> int:
        """Return how many stories had come when the vocabulary in force was made, 0 where there is none."""
        return int(_stories.scalar(self._connection) or 0)

    def arrived(self) -> int:
        """Return how many stories have come until now, whatever became of them."""
        return int(_arrived.scalar(self._connection) or 0)

    def put(self, nouns: Sequence[str], at: datetime) -> int:
        """Put a vocabulary in force, and return its number."""
        row = {"made_at": epoch(at), "stories": self.arrived(), "nouns": "\n".join(nouns)}
        self._connection.execute(_v.insert(), row)
        number = self.current()
        self._connection.execute(delete(_v).where(_v.c.id <= number - _KEPT))
        return number

    def texts(self, language: str, most: int) -> Iterator[str]:
        """Yield headline and text of the newest public stories in *language*, its regions included, at *most* so many."""
        newest = (
            select(_s.c.id)
            .join(_x, _x.c.id == _s.c.current_id)
            .where(VISIBLE, _x.c.language.like(f"{language}%"))
            .order_by(_s.c.at.desc(), _s.c.id.desc())
            .limit(most)
        )
        stories = list(self._connection.execute(newest).scalars())
        for first in range(0, len(stories), _AT_ONCE):
            given = {"stories": to_json(stories[first : first + _AT_ONCE])}
            for r in _texts.all(self._connection, given):
                yield f"{r.headline}\n{r.body_text}"


_v = schema.vocabularies
_s = STORIES
_x = VERSIONS
_newest = select(_v).order_by(_v.c.id.desc()).limit(1).subquery()
_current = Prepared(select(func.max(_v.c.id)))
_stories = Prepared(select(_newest.c.stories))
_arrived = Prepared(select(func.max(_s.c.id)))
_texts = Prepared(
    select(_x.c.headline, _x.c.body_text)
    .join(_s, _x.c.id == _s.c.current_id)
    .where(among(_s.c.id, bindparam("stories")))
)
