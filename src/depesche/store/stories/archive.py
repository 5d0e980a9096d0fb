"""The archive: every public story in order of its time, for the archive and for sitemaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, select

from depesche.lib.clock import epoch, from_epoch
from depesche.model.story import PUBLIC
from depesche.model.take import USABLE
from depesche.store import schema


@dataclass(frozen=True, slots=True)
class Place:
    """A public story with its address and what a news sitemap says of it."""

    story: int
    slug: str
    at: datetime
    wire: str
    headline: str
    language: str
    canonical_url: str | None
    sponsored: bool


class Archive:
    """Read access to all public stories at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def span(self) -> tuple[datetime, datetime] | None:
        """Return the times of the oldest and the newest public story, None where there is none."""
        row = self._connection.execute(_span).first()
        return None if row is None or row.oldest is None else (from_epoch(row.oldest), from_epoch(row.newest))

    def count(self, since: datetime, until: datetime) -> int:
        """Return how many public stories are of *since* or later and before *until*."""
        asked = {"since": epoch(since), "until": epoch(until)}
        return int(self._connection.execute(_count, asked).scalar() or 0)

    def beside(self, since: datetime, until: datetime) -> tuple[datetime | None, datetime | None]:
        """Return the times of the last public story before *since* and of the first of *until* or later."""
        asked = {"since": epoch(since), "until": epoch(until)}
        before, after = (self._connection.execute(one, asked).scalar() for one in (_before, _after))
        return (
            None if before is None else from_epoch(before),
            None if after is None else from_epoch(after),
        )

    def between(self, since: datetime, until: datetime, limit: int, offset: int = 0) -> list[Place]:
        """Return public stories of *since* or later and before *until*, newest first."""
        asked = {"since": epoch(since), "until": epoch(until), "limit": limit, "offset": offset}
        return [
            Place(
                r.id,
                r.slug,
                from_epoch(r.at),
                r.wire,
                r.headline,
                r.language,
                r.canonical_url,
                bool(r.sponsored),
            )
            for r in self._connection.execute(_between, asked)
        ]

    def shares(self, limit: int) -> list[str]:
        """Return the ISINs of shares that public stories are about, in order."""
        return [str(r.isin) for r in self._connection.execute(_shares, {"limit": limit})]


_s = schema.stories
_v = schema.versions
_m = schema.mentions
_i = schema.instruments
_within = and_(_s.c.state == PUBLIC, _s.c.at >= bindparam("since"), _s.c.at < bindparam("until"))
_span = select(func.min(_s.c.at).label("oldest"), func.max(_s.c.at).label("newest")).where(
    _s.c.state == PUBLIC
)
_before = select(func.max(_s.c.at)).where(_s.c.state == PUBLIC, _s.c.at < bindparam("since"))
_after = select(func.min(_s.c.at)).where(_s.c.state == PUBLIC, _s.c.at >= bindparam("until"))
_count = select(func.count()).select_from(_s).where(_within)
_between = (
    select(
        _s.c.id,
        _s.c.slug,
        _s.c.at,
        _s.c.wire,
        _s.c.sponsored,
        _v.c.headline,
        _v.c.language,
        _v.c.canonical_url,
    )
    .join(_v, _v.c.id == _s.c.current_id)
    .where(_within, _v.c.status == USABLE, _v.c.released.is_not(False))
    .order_by(_s.c.at.desc(), _s.c.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_shares = (
    select(_i.c.isin)
    .where(
        select(_m.c.version_id)
        .join(_s, and_(_s.c.id == _m.c.story_id, _s.c.current_id == _m.c.version_id))
        .where(_m.c.instrument_id == _i.c.id, _m.c.published, _s.c.state == PUBLIC)
        .exists()
    )
    .order_by(_i.c.isin)
    .limit(bindparam("limit"))
)
