"""Mentions: which instruments a version is about, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from depesche.lib.clock import epoch
from depesche.model.instrument import Evidence, Mention
from depesche.store import schema
from depesche.store.sql import of_json, to_json


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
        if rows:
            self._connection.execute(_t.insert(), rows)

    def of_version(self, version: int, *, published: bool | None = True) -> tuple[Mention, ...]:
        """Return a version's mentions, the most relevant first; with `published=None` the editors' queue too."""
        statement = _of_version if published is None else _of_version.where(_t.c.published == published)
        rows = self._connection.execute(statement, {"version": version})
        return tuple(
            Mention(
                isin=r.isin, name=r.name, identity=r.identity, relevance=r.relevance, published=bool(r.published),
                evidence=of_json(r.evidence_json, tuple[Evidence, ...]) or (), ticker=r.ticker, mic=r.mic, key=r.id,
            )
            for r in rows
        )  # fmt: skip

    def retime(self, version: int, at: datetime) -> None:
        """Move a version's mentions to the moment its embargo lifted."""
        self._connection.execute(update(_t).where(_t.c.version_id == version).values(at=epoch(at)))


_t = schema.mentions
_i = schema.instruments
_of_version = (
    select(_t, _i.c.isin, _i.c.name, _i.c.id)
    .join(_i, _i.c.id == _t.c.instrument_id)
    .where(_t.c.version_id == bindparam("version"))
    .order_by(_t.c.relevance.desc(), _t.c.identity.desc(), _i.c.isin)
)
