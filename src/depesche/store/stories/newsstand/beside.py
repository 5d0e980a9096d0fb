"""What may stand beside a story: candidates of every kind, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Integer, Select, bindparam, select

from depesche.model.story import AlsoRead
from depesche.store import schema
from depesche.store.prepared import Prepared
from depesche.store.sql import Rows, among, from_micros, micros, to_json
from depesche.store.stories.newsstand.public import (
    IS_FIRST,
    ON_SHOW,
    STORIES,
    VERSIONS,
    VISIBLE,
    is_public,
    series_of,
)


class Candidate(msgspec.Struct, array_like=True, frozen=True):
    """A public story of another lineage, with what decides whether it fits and what its line shows."""

    story: int
    lineage: int
    headline_key: str
    sponsored: bool
    language: str
    slug: str
    provider: str
    at: int
    named_at: int
    headline: str
    series_kind: str | None
    series_number: int | None
    series_topic: str | None
    urgency: int | None

    def line(self, kind: str) -> AlsoRead:
        """Return the candidate as an entry of a list, there for the reason *kind*."""
        return AlsoRead(
            self.story, self.slug, self.provider, from_micros(self.at), self.headline, series_of(self),
            self.language, self.urgency, self.sponsored, kind,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Beside:
    """What is around a story of that `headline_key` and `language`.

    `asked` are those asked for by key, in any order; `siblings` the other stories of its lineage; `share` the newest about one of
    its shares, `newest` those of its language, both without sponsored stories and duplicates. The newest come first.
    """

    headline_key: str
    language: str
    asked: tuple[Candidate, ...]
    siblings: tuple[int, ...]
    share: tuple[Candidate, ...]
    newest: tuple[Candidate, ...]


class Neighbourhood:
    """Reads what is around a story."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def beside(self, story: int, asked: Sequence[int] = (), limit: int = 0) -> Beside | None:
        """Return the public ones of the stories *asked*, and the newest *limit* of each other kind; None where *story* is not public."""
        given = {"story": story, "asked": to_json(list(asked)), "limit": limit}
        r = _beside.first(self._connection, given)
        if r is None:
            return None
        share = {one.story: one for found in _shares.read(r.share) for one in _each_share.read(found.stories)}
        return Beside(
            r.headline_key,
            r.language,
            tuple(_asked.read(r.asked)),
            tuple(one.story for one in _siblings.read(r.siblings)),
            tuple(sorted(share.values(), key=lambda one: (-one.named_at, -one.story))[:limit]),
            tuple(_newest.read(r.newest)),
        )


class _Sibling(msgspec.Struct, array_like=True):
    story: int


class _Share(msgspec.Struct, array_like=True):
    stories: str


_s = STORIES
_v = VERSIONS
_m = schema.mentions
_own = _s.alias("own")
_shown = _v.alias("shown")
_limit = bindparam("limit", type_=Integer)


def _candidates(named_at: Any) -> Select[Any]:
    return (
        select(
            _s.c.id, _s.c.lineage_id, _s.c.headline_key, _s.c.sponsored, _v.c.language, _s.c.slug, _s.c.provider,
            micros(_s.c.at).label("at"), micros(named_at).label("named_at"), _v.c.headline,
            _v.c.series_kind, _v.c.series_number, _v.c.series_topic, _v.c.urgency,
        )
        .select_from(_s)
        .join(_v, _v.c.id == _s.c.current_id)
        .where(_s.c.lineage_id != _own.c.lineage_id)
    )  # fmt: skip


_asked = Rows(
    Candidate,
    _candidates(_s.c.at).where(VISIBLE, among(_s.c.id, bindparam("asked"))),
    _own,
)
_siblings = Rows(
    _Sibling,
    select(_s.c.id)
    .where(_s.c.lineage_id == _own.c.lineage_id, _s.c.id != _own.c.id, is_public(_s))
    .order_by(_s.c.at.desc(), _s.c.id.desc()),
    _own,
)
# Each share of the story for itself: that reads its newest mentions off the index; one list for all would read all of them.
_own_share = _m.alias("own_share")
_each_share = Rows(
    Candidate,
    _candidates(_m.c.at)
    .join(_m, (_m.c.story_id == _s.c.id) & (_m.c.version_id == _s.c.current_id))
    .where(
        _m.c.instrument_id == _own_share.c.instrument_id,
        _m.c.published,
        is_public(_s),
        _s.c.sponsored.is_(False),
        IS_FIRST,
    )
    .order_by(_m.c.at.desc(), _m.c.story_id.desc())
    .limit(_limit),
    _own,
    _own_share,
)
_shares = Rows(
    _Share,
    select(_each_share.column.label("stories")).where(
        _own_share.c.version_id == _own.c.current_id, _own_share.c.published, _limit > 0
    ),
    _own,
)
_newest = Rows(
    Candidate,
    _candidates(_s.c.at)
    .where(_s.c.state == ON_SHOW, _s.c.sponsored.is_(False), IS_FIRST, _v.c.language == _shown.c.language)
    .order_by(_s.c.at.desc(), _s.c.id.desc())
    .limit(_limit),
    _own,
    _shown,
)
_beside = Prepared(
    select(
        _own.c.headline_key,
        _shown.c.language,
        _asked.column.label("asked"),
        _siblings.column.label("siblings"),
        _shares.column.label("share"),
        _newest.column.label("newest"),
    )
    .select_from(_own)
    .join(_shown, _shown.c.id == _own.c.current_id)
    .where(_own.c.id == bindparam("story", type_=schema.KEY))
)
