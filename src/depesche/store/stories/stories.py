"""Stories, versions and lineages as the desk writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select, update

from depesche.lib.clock import epoch
from depesche.model.story import HELD, KILLED, PUBLIC
from depesche.model.take import USABLE, Take
from depesche.store import schema
from depesche.store.prepared import Prepared, new_rows
from depesche.store.sql import to_json


@dataclass(frozen=True, slots=True)
class StoryRow:
    """What the desk must know of a story to file the next take on it."""

    id: int
    lineage: int
    slug: str
    state: str
    was_public: bool
    current: int | None
    latest: int
    order: tuple[int, float]


@dataclass(frozen=True, slots=True)
class Release:
    """A version whose embargo has lifted."""

    story: int
    lineage: int
    version: int
    number: int
    action: str


class Stories:
    """The tables of stories, versions, lineages and the guids that name them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_guid(self, provider: str, guid: str) -> StoryRow | None:
        """Return the story that *provider* calls *guid*."""
        return _story(_by_guid.first(self._connection, {"provider": provider, "guid": guid}))

    def get(self, story: int) -> StoryRow | None:
        """Return the story with that key."""
        return _story(_by_id.first(self._connection, {"story": story}))

    def by_headline(
        self, provider: str, headline_key: str, since: datetime, until: datetime
    ) -> StoryRow | None:
        """Return *provider*'s newest story between those times whose headline folds to *headline_key*."""
        found = {"provider": provider, "key": headline_key, "since": epoch(since), "until": epoch(until)}
        return _story(_by_headline.first(self._connection, found))

    def begin_lineage(self, at: datetime) -> int:
        """Open a lineage and return its key."""
        return _new_lineage.insert(self._connection, {"latest_at": epoch(at)})

    def begin(
        self,
        *,
        lineage: int,
        wire: str,
        take: Take,
        slug: str,
        headline_key: str,
        order: tuple[int, float],
        at: datetime,
        sponsored: bool,
    ) -> StoryRow:
        """Open a story, held and without a version yet, known by the guid of its *take*."""
        row = {
            "lineage_id": lineage, "wire": wire, "provider": take.provider, "slug": slug, "headline_key": headline_key,
            "state": HELD, "was_public": False, "current_id": None, "latest": 0, "order_number": order[0],
            "order_at": order[1], "at": epoch(at), "sponsored": sponsored,
        }  # fmt: skip
        key = _new_story.insert(self._connection, row)
        self.name(key, take.provider, take.guid)
        return StoryRow(key, lineage, slug, HELD, False, None, 0, order)

    def name(self, story: int, provider: str, guid: str) -> None:
        """Let *story* be known by one more guid; a guid that names a story keeps naming it."""
        row = {"provider": provider, "guid": guid, "story_id": story}
        _name.run(self._connection, row)

    def append(
        self,
        story: StoryRow,
        take: Take,
        *,
        take_key: int,
        action: str,
        at: datetime,
        filed_at: datetime,
        released: bool,
        correction: str | None,
    ) -> int:
        """Append a version to *story* and return its key; a version that is not usable carries no copy."""
        shown = take.status == USABLE
        row = {
            "story_id": story.id, "take_id": take_key, "number": story.latest + 1, "action": action, "status": take.status,
            "at": epoch(at), "filed_at": epoch(filed_at), "first_created": epoch(take.first_created or at),
            "embargoed": None if take.embargoed is None else epoch(take.embargoed), "released": released,
            "language": take.language or "", "correction": correction,
            "headline": take.headline if shown else "", "body_html": take.body_html if shown else "",
            "body_text": take.body_text if shown else "", "urgency": take.urgency,
        }  # fmt: skip
        copy = {
            "series_kind": take.series.kind if take.series else None,
            "series_number": take.series.number if take.series else None,
            "series_topic": take.series.topic if take.series else None,
            "dateline_json": to_json(take.dateline) if take.dateline else None,
            "byline": take.byline, "teaser": take.teaser, "credit": take.credit, "copyright": take.copyright,
            "usage_terms": take.usage_terms, "genre": take.genre, "subjects_json": to_json(take.subjects),
            "links_json": to_json(take.links), "canonical_url": take.canonical_url,
        }  # fmt: skip
        if not shown:
            copy = dict.fromkeys(copy) | {"subjects_json": "[]", "links_json": "[]"}
        return _new_version.insert(self._connection, row | copy)

    def advance(
        self,
        story: StoryRow,
        *,
        number: int,
        order: tuple[int, float],
        state: str,
        current: int | None,
        at: datetime | None,
        slug: str,
        headline_key: str | None,
    ) -> None:
        """Make version *number* the newest of *story* and say what readers see now; None keeps what was."""
        found = {
            "key": story.id, "new_latest": number, "new_order_number": order[0], "new_order_at": order[1], "new_state": state,
            "new_current": current, "new_at": None if at is None else epoch(at), "new_slug": slug, "new_headline_key": headline_key,
            "new_was_public": story.was_public or state == PUBLIC,
        }  # fmt: skip
        _advance.run(self._connection, found)

    def reorder(self, story: int, order: tuple[int, float]) -> None:
        """Remember that a take at *order* was seen, though it made no version."""
        self._connection.execute(
            update(_s).where(_s.c.id == story).values(order_number=order[0], order_at=order[1])
        )

    def first_series(self, story: int) -> str | None:
        """Return the kind of the series that the first version of *story* belonged to."""
        first = select(_v.c.series_kind).where(_v.c.story_id == story, _v.c.number == 1)
        return self._connection.execute(first).scalar()

    def newest_take(self, story: int) -> int | None:
        """Return the take of the newest version of *story*, public or not."""
        return _newest_take.scalar(self._connection, {"story": story})

    def releases(self, now: datetime) -> list[Release]:
        """Return the versions whose embargo has lifted by *now*, at most the newest of each story.

        A version followed by a withhold or a kill stays in.
        """
        rows = self._connection.execute(_due, {"now": epoch(now)}).all()
        newest: dict[int, Release] = {}
        for r in rows:
            if r.barred is None or r.number > r.barred:
                newest[r.story_id] = Release(r.story_id, r.lineage_id, r.id, r.number, r.action)
        return list(newest.values())

    def release(self, release: Release) -> None:
        """Show a version whose embargo has lifted, and mark its forerunners as released with it."""
        key = release.version
        at = select(_v.c.at).where(_v.c.id == key).scalar_subquery()
        self._connection.execute(
            update(_v)
            .where(_v.c.story_id == release.story, _v.c.number <= release.number, _v.c.status == USABLE)
            .values(released=True)
        )
        self._connection.execute(
            update(_s)
            .where(_s.c.id == release.story, _s.c.state != KILLED)
            .values(state=PUBLIC, was_public=True, current_id=key, at=at)
        )


_s = schema.stories
_v = schema.versions
_l = schema.lineages
_g = schema.guids
_new_story, _new_version, _new_lineage = Prepared(_s.insert()), Prepared(_v.insert()), Prepared(_l.insert())
_name = new_rows(_g)
_row = select(
    _s.c.id,
    _s.c.lineage_id,
    _s.c.slug,
    _s.c.state,
    _s.c.was_public,
    _s.c.current_id,
    _s.c.latest,
    _s.c.order_number,
    _s.c.order_at,
)
_by_id = Prepared(_row.where(_s.c.id == bindparam("story")))
_by_guid = Prepared(
    _row.join(_g, _g.c.story_id == _s.c.id).where(
        _g.c.provider == bindparam("provider"), _g.c.guid == bindparam("guid")
    )
)
_by_headline = Prepared(
    _row.where(
        _s.c.provider == bindparam("provider"),
        _s.c.headline_key == bindparam("key"),
        _s.c.order_at.between(bindparam("since"), bindparam("until")),
    )
    .order_by(_s.c.id.desc())
    .limit(1)
)
_newest_take = Prepared(
    select(_v.c.take_id).where(_v.c.story_id == bindparam("story")).order_by(_v.c.number.desc()).limit(1)
)
_advance = Prepared(
    update(_s)
    .where(_s.c.id == bindparam("key"))
    .values(
        latest=bindparam("new_latest"),
        order_number=bindparam("new_order_number"),
        order_at=bindparam("new_order_at"),
        state=bindparam("new_state"),
        current_id=bindparam("new_current"),
        at=func.coalesce(bindparam("new_at"), _s.c.at),
        slug=bindparam("new_slug"),
        headline_key=func.coalesce(bindparam("new_headline_key"), _s.c.headline_key),
        was_public=bindparam("new_was_public"),
    )
)
_barred = _v.alias("barred")
_due = (
    select(
        _v.c.id,
        _v.c.story_id,
        _v.c.number,
        _v.c.action,
        _s.c.lineage_id,
        select(func.max(_barred.c.number))
        .where(_barred.c.story_id == _v.c.story_id, _barred.c.status != USABLE)
        .scalar_subquery()
        .label("barred"),
    )
    .join(_s, _s.c.id == _v.c.story_id)
    .where(
        _v.c.released.is_(False),
        _v.c.status == USABLE,
        _v.c.embargoed <= bindparam("now"),
        _s.c.state != KILLED,
        or_(_s.c.current_id.is_(None), _v.c.id > _s.c.current_id),  # readers see a newer version already
    )
    .order_by(_v.c.story_id, _v.c.number)
)


def _story(r: Any) -> StoryRow | None:
    if r is None:
        return None
    return StoryRow(
        r.id, r.lineage_id, r.slug, r.state, bool(r.was_public), r.current_id, r.latest,
        (r.order_number, r.order_at),
    )  # fmt: skip
