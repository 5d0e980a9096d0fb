"""The catalogue: public stories by what they are, and what became of them, for programs that keep up with us."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, or_, select, true

from depesche.lib.clock import epoch, from_epoch
from depesche.model import journal
from depesche.model.story import EXPIRED, PUBLIC
from depesche.model.take import USABLE
from depesche.store import schema

Place = tuple[float, int]
"""The time of a story in seconds, and its key: lists are ordered by both, newest first."""

LOOKED_AT = 3_000
"""Stories that are looked at for one part of a list of few."""

TOLD = (
    journal.FILED, journal.RELEASED, journal.KILLED, journal.WITHHELD, journal.EXPIRED, journal.REREAD,
    journal.PICTURED, journal.RELINKED, journal.REGROUPED,
)  # fmt: skip
"""The kinds of entries that are told; that a neighbour changed says nothing of a story itself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What stories are wanted; `instrument` is a row of the register, `since` and `until` bound their time."""

    provider: str | None = None
    instrument: int | None = None
    topic: str | None = None
    language: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a story, as anybody may know it; `slug` is None while it is not public.

    `number` is the version it is about, `withdrawn` names the shares that the story is not linked to any more.
    """

    seq: int
    at: datetime
    kind: str
    action: str
    story: int
    number: int
    slug: str | None
    withdrawn: tuple[str, ...]


class Catalogue:
    """Read access to public stories in the order of their time, and to the public part of the journal."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def stories(
        self, wanted: Wanted, limit: int, before: Place | None = None
    ) -> tuple[list[Place], Place | None]:
        """Return the places of public stories, newest first, and where to go on, None at the end.

        *before* is the place after which to begin. Every story counts for itself: none is folded under another, so that nothing
        is missed from page to page. Where few stories fit, there may be less than *limit* of them though it goes on: it is
        better to be asked again than to look through everything at once.
        """
        statement, at, looks = _listed(wanted)
        found: list[Place] = []
        place = before
        for window in (limit * 4, LOOKED_AT) if looks else (limit + 1,):
            query = statement
            if place is not None:
                query = query.where(at <= place[0], or_(at < place[0], _s.c.id < place[1]))
            rows = self._connection.execute(
                query.order_by(at.desc(), _s.c.id.desc()).limit(bindparam("window", window))
            ).all()
            for r in rows:
                place = (float(r.at), int(r.id))
                if r.fits:
                    found.append(place)
                if len(found) > limit:
                    return found[:limit], found[limit - 1]
            if len(rows) < window:
                return found, None
        return found, place

    def changes(
        self, after: int, limit: int, kinds: Collection[str] = TOLD, *, story: int | None = None
    ) -> tuple[list[Change], int | None]:
        """Return what became of stories after entry *after* of the journal, in order.

        At most *limit* entries are looked at; the number of the last one is returned where there may be more.

        What is told of a version is told once it is public: its filing where it was not embargoed then, otherwise its
        release; the end of a story that never was public is not told.
        """
        query = _entries if story is None else _entries.where(_j.c.story_id == story)
        rows = self._connection.execute(query, {"after": after, "limit": limit}).all()
        shown = self._shown_before([r for r in rows if r.kind in _ENDS])
        found = [_change(r) for r in rows if r.kind in kinds and _is_told(r, r.seq in shown)]
        return found, int(rows[-1].seq) if len(rows) == limit else None

    def _shown_before(self, ends: Sequence[Any]) -> set[int]:
        """Return the numbers of those entries of *ends* before which readers could see a version of the story."""
        return {r.seq for r in ends if self._connection.execute(_earlier, {"story": r.story_id, "number": r.number, "at": r.at}).first()}  # fmt: skip


_s = schema.stories
_v = schema.versions
_m = schema.mentions
_t = schema.version_topics
_j = schema.journal
_ENDS = frozenset({journal.KILLED, journal.WITHHELD, journal.EXPIRED})
_BEGINNINGS = frozenset({journal.FILED, journal.RELEASED})
_released = _v.c.released.is_not(False)
# Where a mention or a topic leads, no index by state may be chosen: hence its concatenation.
_seen = (_released, _v.c.status == USABLE)
_entries = (
    select(
        _j, _v.c.number, _v.c.status, _v.c.released, _v.c.embargoed, _s.c.slug, _s.c.state, _s.c.was_public
    )
    .join(_s, _s.c.id == _j.c.story_id)
    .join(_v, _v.c.id == _j.c.version_id)
    .where(_j.c.seq > bindparam("after"))
    .order_by(_j.c.seq)
    .limit(bindparam("limit"))
)
_earlier = select(_v.c.id).where(
    _v.c.story_id == bindparam("story"),
    _v.c.number <= bindparam("number"),
    _v.c.status == USABLE,
    _released,
    or_(_v.c.embargoed.is_(None), _v.c.embargoed <= bindparam("at")),
)


def _listed(wanted: Wanted) -> tuple[Any, Any, bool]:
    """Return the statement for *wanted*, the column that orders it, and whether its rows must be looked at to see which fit.

    One of share, topic, provider or time leads, by an index in the order of time; what else is wanted is looked at.
    A mention or topic of the version on show has the time of its story.
    """
    # Said twice, for by its story a version leads to it from either side.
    joined: Any = _s.join(_v, and_(_v.c.id == _s.c.current_id, _v.c.story_id == _s.c.id))
    at: Any = _s.c.at
    conditions: list[Any] = []
    looked: list[Any] = []
    topic = _t.c.code == bindparam("topic", wanted.topic)
    provider = _s.c.provider == bindparam("provider", wanted.provider)
    if wanted.instrument is not None:
        here = and_(
            _m.c.story_id == _s.c.id, _m.c.version_id == _s.c.current_id, _m.c.published,
            _m.c.instrument_id == bindparam("instrument", wanted.instrument),
        )  # fmt: skip
        joined, at = joined.join(_m, here), _m.c.at
        if wanted.topic is not None:
            looked.append(exists().where(_t.c.version_id == _s.c.current_id, topic))
    elif wanted.topic is not None:
        joined, at = joined.join(_t, and_(_t.c.version_id == _s.c.current_id, topic)), _t.c.at
    if wanted.provider is not None:
        (conditions if at is _s.c.at else looked).append(provider)
    if wanted.language is not None:
        looked.append(_v.c.language.startswith(bindparam("language", wanted.language)))
    if wanted.since is not None:
        conditions.append(at >= bindparam("since", epoch(wanted.since)))
    if wanted.until is not None:
        conditions.append(at < bindparam("until", epoch(wanted.until)))
    public = (
        and_(_s.c.state == PUBLIC, *_seen) if at is _s.c.at else and_(_s.c.state.concat("") == PUBLIC, *_seen)
    )
    fits = (and_(*looked) if looked else true()).label("fits")
    statement = select(_s.c.id, at.label("at"), fits).select_from(joined).where(public, *conditions)
    return statement, at, bool(looked)


def _is_told(r: Any, was_shown: bool) -> bool:
    if r.kind in _ENDS:  # of an expired story nothing is left to see which versions were shown
        return was_shown or (r.state == EXPIRED and bool(r.was_public))
    if r.status != USABLE or not r.released:
        return False
    if r.kind not in _BEGINNINGS and r.state != PUBLIC:  # else who drops what ended would take it in again
        return False
    return r.kind != journal.FILED or r.embargoed is None or r.embargoed <= r.at


def _change(r: Any) -> Change:
    slug = r.slug if r.state == PUBLIC else None
    return Change(
        r.seq, from_epoch(r.at), r.kind, r.action, r.story_id, r.number, slug, tuple(r.withdrawn.split())
    )
