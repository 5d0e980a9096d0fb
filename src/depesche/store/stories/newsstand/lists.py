"""Lists of public stories as cards: newest first, one a lineage where that is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, and_, bindparam, exists, func, or_, select

from depesche.lib.clock import epoch, from_epoch
from depesche.model.story import PUBLIC, Card, ShareRef
from depesche.model.take import Subject
from depesche.store import schema
from depesche.store.sql import of_json
from depesche.store.stories.newsstand.public import (
    FIRST,
    IS_FIRST,
    LISTED,
    STORIES,
    VERSIONS,
    VISIBLE,
    is_public,
    is_released,
    series_of,
)
from depesche.store.stories.pictures import Pictures

Place = tuple[float, int]

KEYWORD = "keyword"
"""The scheme of subjects that are no vocabulary's."""


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """A provider with the number of its public stories and the time of the newest."""

    provider: str
    stories: int
    latest_at: datetime


class Lists:
    """Reads lists."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def home(self, limit: int = 50, before: Place | None = None, language: str | None = None) -> list[Card]:
        """Return the newest stories, one a lineage; *before* is the (seconds, story) after which to go on."""
        return self._folded(_home, {}, limit, before, language)

    def of_instrument(self, instrument: int, limit: int = 50, before: Place | None = None) -> list[Card]:
        """Return the newest stories about the instrument in row *instrument*, one a lineage."""
        # A mention of the version on show has the time of its story, and an index by instrument and time.
        return self._folded(_of_instrument, {"instrument": instrument}, limit, before, at=_m.c.at)

    def ad_hoc_of(self, instrument: int, limit: int = 5) -> list[Card]:
        """Return the newest releases about an instrument that its issuer had to make at once (MAR Article 17)."""
        return self._folded(
            _of_instrument.where(_is_ad_hoc), {"instrument": instrument}, limit, None, at=_m.c.at
        )

    def related(self, instrument: int, limit: int = 8) -> list[tuple[ShareRef, int]]:
        """Return the instruments most often published together with that in row *instrument* of late, with how often."""
        rows = self._connection.execute(_related, {"instrument": instrument, "limit": limit})
        return [(ShareRef(r.isin, r.name), int(r.n)) for r in rows]

    def of_topic(self, code: str, limit: int = 50, before: Place | None = None) -> list[Card]:
        """Return the newest stories on the media topic *code*, one a lineage."""
        return self._folded(_of_topic, {"code": code}, limit, before)

    def of_provider(self, provider: str, limit: int = 50, before: Place | None = None) -> list[Card]:
        """Return the newest stories of *provider*, one a lineage."""
        return self._folded(_of_provider, {"provider": provider}, limit, before)

    def of_span(
        self, since: datetime, until: datetime, limit: int = 50, before: Place | None = None
    ) -> list[Card]:
        """Return the newest stories of *since* or later and before *until*, every part of a chain for itself."""
        query = _of_span
        if before:
            query = query.where(_s.c.at <= before[0], or_(_s.c.at < before[0], _s.c.id < before[1]))
        asked = {"since": epoch(since), "until": epoch(until), "limit": limit}
        return self._complete(self._connection.execute(query, asked))

    def cards(self, stories: Sequence[int]) -> list[Card]:
        """Return those of *stories* that are public, in the order asked for."""
        if not stories:
            return []
        rows = self._connection.execute(_cards_of, {"stories": list(stories)}).all()
        found = {card.story: card for card in self._complete(rows)}
        return [found[key] for key in stories if key in found]

    def topics(self, stories: Sequence[int]) -> list[tuple[str, str]]:
        """Return (code, name) of the subjects of public ones among *stories*, the most frequent first, nameless ones left out."""
        if not stories:
            return []
        counted: dict[tuple[str, str], int] = {}
        for r in self._connection.execute(_subjects_of, {"stories": list(stories)}):
            for one in of_json(r.subjects_json, tuple[Subject, ...]) or ():
                if one.name and one.scheme != KEYWORD:
                    counted[one.code, one.name] = counted.get((one.code, one.name), 0) + 1
        return sorted(counted, key=lambda topic: (-counted[topic], topic))

    def providers(self) -> list[ProviderLine]:
        """Return every provider with public stories, the busiest first."""
        return [
            ProviderLine(r.provider, r.n, from_epoch(r.latest)) for r in self._connection.execute(_providers)
        ]

    def _folded(
        self,
        statement: Any,
        found: dict[str, object],
        limit: int,
        before: Place | None,
        language: str | None = None,
        at: Column[float] = schema.stories.c.at,
    ) -> list[Card]:
        """Fill a list, ordered by *at*, lineage by lineage; the newest story of each stands for it."""
        rows: list[Any] = []
        seen: set[int] = set()
        place = before
        while len(rows) < limit:
            query = statement
            if language:
                query = query.where(_v.c.language.startswith(language))
            if place:
                query = query.where(at <= place[0], or_(at < place[0], _s.c.id < place[1]))
            batch = self._connection.execute(
                query.order_by(at.desc(), _s.c.id.desc()).limit(limit * 2), found
            ).all()
            for row in batch:
                if row.lineage_id not in seen and len(rows) < limit:
                    seen.add(row.lineage_id)
                    rows.append(row)
            if len(batch) < limit * 2:
                break
            place = (batch[-1].at, batch[-1].id)
        return self._complete(rows)

    def _complete(self, rows: Iterable[Any]) -> list[Card]:
        rows = list(rows)
        keys = [row.current_id for row in rows]
        shares = self._shares(keys)
        pictures = Pictures(self._connection).of_versions(keys)
        copies = self._copied_by([row.id for row in rows])
        return [
            Card(
                story=r.id, lineage=r.lineage_id, slug=r.slug, wire=r.wire, provider=r.provider, at=from_epoch(r.at),
                headline=r.headline, series=series_of(r), teaser=r.teaser or r.lead, language=r.language, urgency=r.urgency,
                action=r.action, versions=int(r.versions), views=int(r.views or 0), sponsored=bool(r.sponsored),
                shares=tuple(shares.get(r.current_id, ())),
                picture=next(iter(pictures.get(r.current_id, ())), None),
                copies=tuple(one for one in copies.get(r.id, ()) if one != r.provider),
            )
            for r in rows
        ]  # fmt: skip

    def _copied_by(self, stories: Sequence[int]) -> dict[int, list[str]]:
        """Return the providers of the public duplicates of *stories*, each once."""
        found: dict[int, list[str]] = {}
        if stories:
            for r in self._connection.execute(_copied_by, {"stories": list(stories)}):
                providers = found.setdefault(r.duplicate_of, [])
                if r.provider not in providers:
                    providers.append(r.provider)
        return found

    def _shares(self, versions: Sequence[int]) -> dict[int, list[ShareRef]]:
        found: dict[int, list[ShareRef]] = {}
        if versions:
            for r in self._connection.execute(_share_refs, {"versions": list(versions)}):
                found.setdefault(r.version_id, []).append(ShareRef(r.isin, r.name, r.ticker))
        return found


_s = STORIES
_v = VERSIONS
_m = schema.mentions
_i = schema.instruments
_t = schema.view_totals
_older = _v.alias("older")
_lines = (
    select(
        _s.c.id, _s.c.lineage_id, _s.c.slug, _s.c.wire, _s.c.provider, _s.c.at, _s.c.sponsored, _s.c.current_id,
        _v.c.headline, _v.c.series_kind, _v.c.series_number, _v.c.series_topic, _v.c.teaser, _v.c.language, _v.c.urgency, _v.c.action,
        func.substr(_v.c.body_text, 1, 400).label("lead"),
        _t.c.n.label("views"),
        select(func.count())
        .where(_older.c.story_id == _s.c.id, is_released(_older))
        .scalar_subquery()
        .label("versions"),
    )
    .join(_v, _v.c.id == _s.c.current_id)
    .outerjoin(_t, _t.c.story_id == _s.c.id)
)  # fmt: skip
_cards = _lines.where(LISTED)
_cards_of = _lines.where(VISIBLE, _s.c.id.in_(bindparam("stories", expanding=True)))
_of_span = (
    _cards.where(_s.c.at >= bindparam("since"), _s.c.at < bindparam("until"))
    .order_by(_s.c.at.desc(), _s.c.id.desc())
    .limit(bindparam("limit"))
)
_first_mention = _m.alias("first_mention")
_of_instrument = _lines.join(
    _m,
    and_(
        _m.c.story_id == _s.c.id,
        _m.c.version_id == _s.c.current_id,
        _m.c.instrument_id == bindparam("instrument"),
        _m.c.published,
    ),
).where(
    VISIBLE,
    ~exists().where(
        FIRST.c.id == _s.c.duplicate_of,
        FIRST.c.state == PUBLIC,
        _first_mention.c.version_id == FIRST.c.current_id,
        _first_mention.c.instrument_id == bindparam("instrument"),
        _first_mention.c.published,
    ),
)
_home = _cards.where(IS_FIRST)
_shout = func.upper(func.coalesce(_v.c.series_kind, ""))
_is_ad_hoc = or_(_shout.contains("ADHOC"), _shout.contains("AD-HOC"), _shout.contains("AD HOC"))
_together = _m.alias("together")
_of_late = (
    select(_m.c.version_id)
    .where(_m.c.instrument_id == bindparam("instrument"), _m.c.published)
    .order_by(_m.c.at.desc())
    .limit(300)
)
_related = (
    select(_i.c.isin, _i.c.name, func.count().label("n"))
    .join(_together, _together.c.instrument_id == _i.c.id)
    .where(
        _together.c.version_id.in_(_of_late),
        _together.c.instrument_id != bindparam("instrument"),
        _together.c.published,
    )
    .group_by(_i.c.isin, _i.c.name)
    .order_by(func.count().desc(), _i.c.name)
    .limit(bindparam("limit"))
)
_topics = schema.version_topics
_of_topic = _home.join(
    _topics, and_(_topics.c.version_id == _s.c.current_id, _topics.c.code == bindparam("code"))
)
_copied_by = (
    select(_s.c.duplicate_of, _s.c.provider)
    .where(_s.c.duplicate_of.in_(bindparam("stories", expanding=True)), is_public(_s))
    .order_by(_s.c.at, _s.c.id)
)
_of_provider = _cards.where(_s.c.provider == bindparam("provider"))
_share_refs = (
    select(_m.c.version_id, _i.c.isin, _i.c.name, _m.c.ticker)
    .join(_i, _i.c.id == _m.c.instrument_id)
    .where(_m.c.version_id.in_(bindparam("versions", expanding=True)), _m.c.published)
    .order_by(_m.c.relevance.desc(), _i.c.isin)
)
_subjects_of = (
    select(_v.c.subjects_json)
    .join(_s, _s.c.current_id == _v.c.id)
    .where(is_public(_s), _s.c.id.in_(bindparam("stories", expanding=True)))
)
_providers = (
    select(_s.c.provider, func.count().label("n"), func.max(_s.c.at).label("latest"))
    .where(_s.c.state == PUBLIC)
    .group_by(_s.c.provider)
    .order_by(func.count().desc(), _s.c.provider)
)


def place_of(card: Card) -> Place:
    """Return where *card* stands in a list, to go on after it."""
    return (epoch(card.at), card.story)
