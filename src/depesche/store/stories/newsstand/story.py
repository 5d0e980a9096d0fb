"""One story: where it stands, its versions, and everything its page shows, which is one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)

from depesche.lib.clock import from_epoch
from depesche.model.audience import CHARTED
from depesche.model.story import PUBLIC, AlsoRead, CopyRef, StoryPage, Version, VersionLine
from depesche.model.take import Dateline, Link, Subject
from depesche.store import schema
from depesche.store.instruments.mentions import mention, published_of
from depesche.store.prepared import Prepared
from depesche.store.sql import Rows, from_micros, micros, of_json, when
from depesche.store.stories.newsstand.public import (
    IS_FIRST,
    STORIES,
    VERSIONS,
    VISIBLE,
    is_public,
    is_released,
    series_of,
)
from depesche.store.stories.pictures import pictures, pictures_of


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a story stands: its state, whether it ever was public, and the public notice of a kill."""

    state: str
    slug: str
    was_public: bool
    provider: str
    at: datetime
    notice: str | None


class OneStory:
    """Reads one story."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def standing(self, story: int) -> Standing | None:
        """Return where *story* stands, or None where there is no such story."""
        r = _standing.first(self._connection, {"story": story})
        if r is None:
            return None
        notice = r.correction if r.state != PUBLIC else None
        return Standing(r.state, r.slug, bool(r.was_public), r.provider, from_epoch(r.at), notice)

    def version(self, story: int, number: int | None = None) -> Version | None:
        """Return a version of a public story that readers may see: the current one, or *number*."""
        if number is None:
            row = _current_version.first(self._connection, {"story": story})
        else:
            row = _numbered.first(self._connection, {"story": story, "number": number})
        return None if row is None else _version(row)

    def page(self, story: int, also_read: Iterable[AlsoRead] = ()) -> StoryPage | None:
        """Return everything the page of *story* shows, *also_read* among it; None where it is not public."""
        r = _page.first(self._connection, {"story": story})
        if r is None:
            return None
        return StoryPage(
            version=_version(r),
            mentions=tuple(map(mention, _mentions.read(r.mentions))),
            pictures=pictures(_pictures.read(r.pictures)),
            chain=tuple(map(_line, _neighbours.read(r.chain))),
            also_read=tuple(also_read),
            views=int(r.views or 0),
            sponsored=bool(r.sponsored),
            copies=tuple(
                CopyRef(one.story_id, one.slug, one.provider, from_micros(one.at))
                for one in _copies.read(r.copies)
            ),
            **_parted(_topics.read(r.topics)),
            trend=tuple((one.hour, one.n) for one in _trend.read(r.trend)),
        )

    def chain(self, lineage: int, own: int = 0) -> tuple[VersionLine, ...]:
        """Return every visible version of every public story of *lineage*, newest first.

        A duplicate is left to what it duplicates, unless it is the story *own*.
        """
        return tuple(map(_line, self._connection.execute(_chain_of, {"lineage": lineage, "own": own})))

    def is_sponsored(self, story: int) -> bool:
        """Tell whether *story* is an advertisement; one that is not there is none."""
        return bool(_sponsored.scalar(self._connection, {"story": story}))


class _ChainRow(msgspec.Struct, array_like=True):
    id: int
    story_id: int
    number: int
    action: str
    at: int
    headline: str
    series_kind: str | None
    series_number: int | None
    series_topic: str | None
    slug: str
    current_id: int | None


class _CopyRow(msgspec.Struct, array_like=True):
    story_id: int
    slug: str
    provider: str
    at: int


class _TopicRow(msgspec.Struct, array_like=True):
    code: str
    name_de: str | None
    name_en: str | None
    broader: str | None


class _HourRow(msgspec.Struct, array_like=True):
    hour: int
    n: int


def _chain(lineage: ColumnElement[int], own: ColumnElement[int]) -> Select[Any]:
    return (
        select(
            _v.c.id, _v.c.story_id, _v.c.number, _v.c.action, micros(_v.c.at).label("at"), _v.c.headline,
            _v.c.series_kind, _v.c.series_number, _v.c.series_topic, _s.c.slug, _s.c.current_id,
        )
        .join(_s, _s.c.id == _v.c.story_id)
        .where(VISIBLE, _s.c.lineage_id == lineage, or_(IS_FIRST, _s.c.id == own))
        .order_by(_v.c.at.desc(), _v.c.id.desc())
    )  # fmt: skip


def _key(name: str) -> BindParameter[int]:
    return bindparam(name, type_=schema.KEY)


_s = STORIES
_v = VERSIONS
_t = schema.view_totals
_newest = _v.alias("newest_version")
_standing = Prepared(
    select(_s.c.state, _s.c.slug, _s.c.was_public, _s.c.provider, _s.c.at, _newest.c.correction)
    .outerjoin(_newest, and_(_newest.c.story_id == _s.c.id, _newest.c.number == _s.c.latest))
    .where(_s.c.id == _key("story"))
)
_sponsored = Prepared(select(_s.c.sponsored).where(_s.c.id == _key("story")))
_chain_of = _chain(_key("lineage"), _key("own"))

# The story that a page is about; what stands beside it is found in the tables under their own names.
_own = _s.alias("own")
_shown = _v.alias("shown")
_whole = (
    select(
        _shown, _own.c.lineage_id, _own.c.wire, _own.c.provider, _own.c.slug, _own.c.sponsored, _t.c.n.label("views")
    )
    .join(_own, _own.c.id == _shown.c.story_id)
    .outerjoin(_t, _t.c.story_id == _own.c.id)
    .where(is_public(_own), is_released(_shown), _own.c.id == _key("story"))
)  # fmt: skip
_current = _whole.where(_shown.c.id == _own.c.current_id)
_current_version = Prepared(_current)
_numbered = Prepared(_whole.where(_shown.c.number == bindparam("number")))

_mentions = published_of(_shown)
_pictures = pictures_of(_shown)
_neighbours = Rows(_ChainRow, _chain(_own.c.lineage_id, _own.c.id), _own)
_head = func.coalesce(_own.c.duplicate_of, _own.c.id)
_copies = Rows(
    _CopyRow,
    select(_s.c.id, _s.c.slug, _s.c.provider, micros(_s.c.at))
    .where(or_(_s.c.id == _head, _s.c.duplicate_of == _head), _s.c.id != _own.c.id, is_public(_s))
    .order_by(_s.c.at, _s.c.id),
    _own,
)
_filed = schema.version_topics
_named = schema.topics
_topics = Rows(
    _TopicRow,
    select(_filed.c.code, _named.c.name_de, _named.c.name_en, _named.c.broader)
    .outerjoin(_named, _named.c.code == _filed.c.code)
    .where(_filed.c.version_id == _shown.c.id)
    .order_by(_filed.c.code.desc()),
    _shown,
)
_hours = schema.views
_trend = Rows(
    _HourRow,
    select(_hours.c.hour, _hours.c.n)
    .where(
        _hours.c.story_id == _own.c.id,
        _hours.c.n != literal_column("0"),
        _t.c.n >= literal_column(str(CHARTED)),
    )
    .order_by(_hours.c.hour),
    _own,
    _t,
)
_page = Prepared(
    _current.add_columns(
        _mentions.column.label("mentions"),
        _pictures.column.label("pictures"),
        _neighbours.column.label("chain"),
        _copies.column.label("copies"),
        _topics.column.label("topics"),
        _trend.column.label("trend"),
    )
)


def _version(r: Any) -> Version:
    return Version(
        story=r.story_id, lineage=r.lineage_id, number=r.number, key=r.id, wire=r.wire, provider=r.provider, slug=r.slug,
        action=r.action, status=r.status, at=from_epoch(r.at), filed_at=from_epoch(r.filed_at),
        first_created=from_epoch(r.first_created), embargoed=when(r.embargoed), urgency=r.urgency, language=r.language,
        series=series_of(r), headline=r.headline, dateline=of_json(r.dateline_json, Dateline), byline=r.byline, teaser=r.teaser,
        body_html=r.body_html, body_text=r.body_text, credit=r.credit, copyright=r.copyright, usage_terms=r.usage_terms,
        correction=r.correction, genre=r.genre, subjects=of_json(r.subjects_json, tuple[Subject, ...]) or (),
        links=of_json(r.links_json, tuple[Link, ...]) or (), canonical_url=r.canonical_url,
    )  # fmt: skip


def _line(r: Any) -> VersionLine:
    return VersionLine(
        r.story_id,
        r.slug,
        r.number,
        r.action,
        from_micros(r.at),
        r.headline,
        series_of(r),
        r.id == r.current_id,
    )


def _parted(topics: list[_TopicRow]) -> dict[str, tuple[tuple[str, str, str], ...]]:
    """Return *topics* as (code, German name, English name): those to show, and the rest, above others or without a name."""
    above = {one.broader for one in topics}
    parted: dict[str, list[tuple[str, str, str]]] = {"topics": [], "more_topics": []}
    for one in topics:
        is_shown = one.name_de is not None and one.code not in above
        parted["topics" if is_shown else "more_topics"].append(
            (one.code, one.name_de or "", one.name_en or "")
        )
    return {name: tuple(part) for name, part in parted.items()}
