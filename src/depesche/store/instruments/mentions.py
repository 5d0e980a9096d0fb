"""Mentions: which instruments a version is about, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, FromClause, Select, bindparam, func, or_, select

from depesche.lib.clock import epoch
from depesche.model.instrument import Evidence, Mention
from depesche.model.story import EXPIRED, PUBLIC
from depesche.model.take import USABLE, Take
from depesche.store import schema
from depesche.store.prepared import Prepared
from depesche.store.sql import Rows, of_json, to_json

Row = tuple[object, ...]
"""A mention as it is stored: identity, relevance, published, mic, ticker, evidence as JSON."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A version with its take and its mentions as they are stored, by the row of their instrument.

    `is_on_show` tells whether it is the version that readers see.
    """

    story: int
    lineage: int
    version: int
    action: str
    at: float
    is_on_show: bool
    take: Take
    rows: dict[int, Row]


@dataclass(frozen=True, slots=True)
class Batch:
    """Stories of the archive, descending, and those of their versions whose mentions count."""

    stories: tuple[int, ...]
    versions: tuple[Linked, ...] = field(default=())


class MentionRow(msgspec.Struct, array_like=True):
    """A mention as its table and the register have it."""

    isin: str
    name: str
    identity: float
    relevance: float
    published: bool
    evidence_json: str
    ticker: str | None
    mic: str | None
    id: int


_TAKES = msgspec.json.Decoder(Take)


class Mentions:
    """The table of mentions; a row belongs to one version and one instrument."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, version: int, story: int, at: datetime, mentions: Iterable[Mention], keys: Mapping[str, int]
    ) -> None:
        """Keep the *mentions* of a version; *keys* gives each ISIN's row in the register."""
        rows = [
            {
                "version_id": version, "instrument_id": keys[one.isin], "story_id": story, "at": epoch(at),
                "identity": one.identity, "relevance": one.relevance, "published": one.published, "mic": one.mic,
                "ticker": one.ticker, "evidence_json": to_json(one.evidence),
            }
            for one in mentions
            if one.isin in keys
        ]  # fmt: skip
        _new.run_all(self._connection, rows)

    def of_version(self, version: int, *, published: bool | None = True) -> tuple[Mention, ...]:
        """Return a version's mentions, the most relevant first; with `published=None` the editors' queue too."""
        return tuple(map(mention, _of_version[published].all(self._connection, {"version": version})))

    def last_story(self) -> int:
        """Return the key of the newest story of the archive, 0 in an empty one."""
        return int(self._connection.execute(select(func.max(_s.c.id))).scalar() or 0)

    def before_story(self, story: int, limit: int) -> Batch:
        """Return the *limit* stories before *story*, with the versions readers see or are about to see.

        Versions whose text is gone are left out.
        """
        keys = [int(r.id) for r in self._connection.execute(_before, {"story": story, "limit": limit})]
        if not keys:
            return Batch(())
        found = self._connection.execute(_linked, {"stories": keys}).all()
        rows: dict[int, dict[int, Row]] = {r.id: {} for r in found}
        if rows:
            for r in self._connection.execute(_rows, {"versions": list(rows)}):
                rows[r.version_id][r.instrument_id] = (
                    r.identity, r.relevance, bool(r.published), r.mic, r.ticker, r.evidence_json,
                )  # fmt: skip
        return Batch(
            tuple(keys),
            tuple(
                Linked(
                    r.story_id, r.lineage_id, r.id, r.action, r.at, r.id == r.current_id and r.state == PUBLIC,
                    _TAKES.decode(r.fields_json), rows[r.id],
                )
                for r in found
            ),
        )  # fmt: skip

    def rewrite(self, one: Linked, found: Mapping[int, Row]) -> bool:
        """Put *found* in the place of a version's mentions, touching only what differs; False where its text has expired."""
        state = self._connection.execute(select(_s.c.state).where(_s.c.id == one.story)).scalar()
        if state == EXPIRED:
            return False
        gone = [key for key, row in one.rows.items() if found.get(key) != row]
        if gone:
            here = (_t.c.version_id == one.version) & _t.c.instrument_id.in_(gone)
            self._connection.execute(_t.delete().where(here))
        new = [
            {
                "version_id": one.version, "instrument_id": key, "story_id": one.story, "at": one.at,
                **dict(zip(_COLUMNS, row, strict=True)),
            }
            for key, row in found.items()
            if one.rows.get(key) != row
        ]  # fmt: skip
        if new:
            self._connection.execute(_t.insert(), new)
        return True


def rows_of(mentions: Iterable[Mention]) -> dict[int, Row]:
    """Return *mentions* as they are stored, by the row of their instrument; those of strangers are left out."""
    return {
        one.key: (one.identity, one.relevance, one.published, one.mic, one.ticker, to_json(one.evidence))
        for one in mentions
        if one.key
    }


_COLUMNS = ("identity", "relevance", "published", "mic", "ticker", "evidence_json")
_s = schema.stories
_v = schema.versions
_k = schema.takes
_t = schema.mentions
_new = Prepared(_t.insert())
_before = (
    select(_s.c.id).where(_s.c.id < bindparam("story")).order_by(_s.c.id.desc()).limit(bindparam("limit"))
)
_linked = (
    select(
        _v.c.id, _v.c.story_id, _v.c.action, _v.c.at, _s.c.lineage_id, _s.c.current_id, _s.c.state, _k.c.fields_json
    )
    .join(_s, _s.c.id == _v.c.story_id)
    .join(_k, _k.c.id == _v.c.take_id)
    .where(
        _v.c.story_id.in_(bindparam("stories", expanding=True)),
        or_(_v.c.id == _s.c.current_id, _v.c.number == _s.c.latest),
        _v.c.status == USABLE,
        _s.c.state != EXPIRED,
        _k.c.fields_json != "",
    )
    .order_by(_v.c.id.desc())
)  # fmt: skip
_rows = select(_t).where(_t.c.version_id.in_(bindparam("versions", expanding=True)))
_i = schema.instruments


def mention(r: Any) -> Mention:
    """Return a row as the mention it holds."""
    return Mention(
        isin=r.isin, name=r.name, identity=r.identity, relevance=r.relevance, published=bool(r.published),
        evidence=of_json(r.evidence_json, tuple[Evidence, ...]) or (), ticker=r.ticker, mic=r.mic, key=r.id,
    )  # fmt: skip


def published_of(versions: FromClause) -> Rows[MentionRow]:
    """Return the published mentions of a row of *versions*, beside it."""
    return Rows(MentionRow, _of(versions.c.id).where(_t.c.published), versions)


def _of(version: ColumnElement[int]) -> Select[Any]:
    return (
        select(
            _i.c.isin, _i.c.name, _t.c.identity, _t.c.relevance, _t.c.published, _t.c.evidence_json,
            _t.c.ticker, _t.c.mic, _i.c.id,
        )
        .join(_i, _i.c.id == _t.c.instrument_id)
        .where(_t.c.version_id == version)
        .order_by(_t.c.relevance.desc(), _t.c.identity.desc(), _i.c.isin)
    )  # fmt: skip


_any_of_version = _of(bindparam("version", type_=schema.KEY))
_of_version = {
    None: Prepared(_any_of_version),
    True: Prepared(_any_of_version.where(_t.c.published)),
    False: Prepared(_any_of_version.where(_t.c.published.is_(False))),
}
