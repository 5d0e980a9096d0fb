"""The newsstand: what the public may see, and nothing else.

Every page, feed, search result and letter reads stories here. A story is on the stand while its
state is public, and a version while it is released and usable; private notes live in takes, which
this module never touches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, and_, bindparam, exists, func, or_, select

from depesche.lib.clock import epoch, from_epoch
from depesche.model.audience import CHARTED
from depesche.model.story import PUBLIC, AlsoRead, Card, CopyRef, ShareRef, StoryPage, Version, VersionLine
from depesche.model.take import USABLE, Dateline, Link, Series, Subject
from depesche.store import schema
from depesche.store.mentions import Mentions
from depesche.store.most_read import most_read
from depesche.store.pictures import Pictures
from depesche.store.sql import of_json, when
from depesche.store.views import Views

Place = tuple[float, int]

KEYWORD = "keyword"
"""The scheme of subjects that are no vocabulary's."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a story stands: its state, whether it ever was public, and the public notice of a kill."""

    state: str
    slug: str
    was_public: bool
    provider: str
    at: datetime
    notice: str | None


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """A provider with the number of its public stories and the time of the newest."""

    provider: str
    stories: int
    latest_at: datetime


class Newsstand:
    """Read access to public stories."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def standing(self, story: int) -> Standing | None:
        """Return where *story* stands, or None where there is no such story."""
        r = self._connection.execute(_standing, {"story": story}).first()
        if r is None:
            return None
        notice = r.correction if r.state != PUBLIC else None
        return Standing(r.state, r.slug, bool(r.was_public), r.provider, from_epoch(r.at), notice)

    def version(self, story: int, number: int | None = None) -> Version | None:
        """Return a version of a public story that readers may see: the current one, or *number*."""
        if number is None:
            row = self._connection.execute(_current, {"story": story}).first()
        else:
            row = self._connection.execute(_numbered, {"story": story, "number": number}).first()
        return None if row is None else _version(row)

    def page(self, story: int, also_read: Sequence[tuple[int, str]] = ()) -> StoryPage | None:
        """Return everything the page of *story* shows; *also_read* names stories with the kind of their entry."""
        row = self._connection.execute(_current, {"story": story}).first()
        if row is None:
            return None
        version = _version(row)
        cards = {card.story: card for card in self.cards([key for key, _ in also_read])}
        return StoryPage(
            version=version,
            mentions=Mentions(self._connection).of_version(version.key),
            pictures=Pictures(self._connection).of_versions([version.key]).get(version.key, ()),
            chain=self.chain(version.lineage, version.story),
            also_read=tuple(AlsoRead(cards[key], kind) for key, kind in also_read if key in cards),
            views=int(row.views or 0),
            sponsored=bool(row.sponsored),
            copies=self.copies(version.story),
            topics=self.topic_names(version.key),
            trend=tuple(Views(self._connection).series(story, 0)) if (row.views or 0) >= CHARTED else (),
        )

    def chain(self, lineage: int, own: int = 0) -> tuple[VersionLine, ...]:
        """Return every visible version of every public story of *lineage*, newest first.

        A duplicate is left to what it duplicates, unless it is the story *own*.
        """
        rows = self._connection.execute(_chain, {"lineage": lineage, "own": own})
        return tuple(
            VersionLine(
                r.story_id,
                r.slug,
                r.number,
                r.action,
                from_epoch(r.at),
                r.headline,
                _series(r),
                r.id == r.current_id,
            )
            for r in rows
        )

    def topic_names(self, version: int) -> tuple[tuple[str, str, str], ...]:
        """Return (code, German name, English name) of a version's media topics that have names, those above another left out."""
        rows = self._connection.execute(_topic_names, {"version": version}).all()
        above = {r.broader for r in rows}
        return tuple((r.code, r.name_de, r.name_en) for r in rows if r.code not in above)

    def copies(self, story: int) -> tuple[CopyRef, ...]:
        """Return the public stories that bring the same text as *story*, the first of them first."""
        rows = self._connection.execute(_copies, {"story": story})
        return tuple(CopyRef(r.id, r.slug, r.provider, from_epoch(r.at)) for r in rows)

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

    def is_sponsored(self, story: int) -> bool:
        """Tell whether *story* is an advertisement; one that is not there is none."""
        return bool(self._connection.execute(_sponsored, {"story": story}).scalar())

    def cards(self, stories: Sequence[int]) -> list[Card]:
        """Return those of *stories* that are public, in the order asked for."""
        if not stories:
            return []
        rows = self._connection.execute(_cards_of, {"stories": list(stories)}).all()
        found = {card.story: card for card in self._complete(rows)}
        return [found[key] for key in stories if key in found]

    def public_among(self, stories: Sequence[int]) -> list[int]:
        """Return those of *stories* that are public, in the order asked for."""
        if not stories:
            return []
        rows = self._connection.execute(_public_among, {"stories": list(stories)})
        public = {int(r.id) for r in rows}
        return [key for key in stories if key in public]

    def same_share(self, story: int, limit: int = 20) -> list[int]:
        """Return the newest public stories that share an instrument with *story*, its own lineage left out."""
        # One query for each share reads its newest mentions off the index; one for all would read all of them.
        found: dict[int, float] = {}
        for own in self._connection.execute(_own_shares, {"story": story}).all():
            asked = {"instrument": own.instrument_id, "lineage": own.lineage_id, "limit": limit}
            found.update((int(r.story_id), r.at) for r in self._connection.execute(_newest_of_share, asked))
        return sorted(found, key=lambda one: (-found[one], -one))[:limit]

    def newest(self, story: int, limit: int = 20) -> list[int]:
        """Return the newest public stories in the language of *story*, its own lineage and sponsored ones left out."""
        return [int(r.id) for r in self._connection.execute(_newest, {"story": story, "limit": limit})]

    def companions(
        self,
        story: int,
        candidates: Sequence[int],
        together: Collection[int] = (),
        *,
        with_sponsored: bool = False,
    ) -> list[int]:
        """Return those of *candidates* that may stand beside *story*, in their order.

        They are public, neither of its lineage nor under its headline, of its language unless read *together*
        with it, not sponsored unless asked for; of one lineage, and under one headline, there is one.
        """
        if not candidates:
            return []
        found = {
            r.id: r
            for r in self._connection.execute(_companions, {"story": story, "candidates": list(candidates)})
        }
        fit: list[int] = []
        lineages: set[int] = set()
        headlines: set[str] = set()
        for one in candidates:
            r = found.get(one)
            if r is None or r.lineage_id in lineages or r.headline_key in headlines:
                continue
            if (r.same_language or one in together) and (with_sponsored or not r.sponsored):
                fit.append(one)
                lineages.add(r.lineage_id)
                headlines.add(r.headline_key)
        return fit

    def siblings(self, story: int) -> list[int]:
        """Return the other public stories of the lineage of *story*, the newest first."""
        return [int(r.id) for r in self._connection.execute(_siblings, {"story": story})]

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
        """Return (story, views) from *since_hour* on, the most viewed first; see `store.most_read`."""
        return most_read(
            self._connection,
            since_hour,
            limit,
            language=language,
            instrument=instrument,
            provider=provider,
            topic=topic,
            with_sponsored=with_sponsored,
        )

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

    def public_ids(self, after: int = 0, limit: int = 1000) -> list[int]:
        """Return keys of public stories above *after*, ascending: for rebuilding what is derived from them."""
        rows = self._connection.execute(_ids, {"after": after, "limit": limit})
        return [int(r.id) for r in rows]

    def lineage_stories(self, lineage: int) -> list[int]:
        """Return the public stories of *lineage*."""
        rows = self._connection.execute(_of_lineage, {"lineage": lineage})
        return [int(r.id) for r in rows]

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
                headline=r.headline, series=_series(r), teaser=r.teaser or r.lead, language=r.language, urgency=r.urgency,
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


_s = schema.stories
_v = schema.versions
_m = schema.mentions
_i = schema.instruments
_t = schema.view_totals
_newest_version = _v.alias("newest_version")
_standing = (
    select(_s.c.state, _s.c.slug, _s.c.was_public, _s.c.provider, _s.c.at, _newest_version.c.correction)
    .outerjoin(
        _newest_version, and_(_newest_version.c.story_id == _s.c.id, _newest_version.c.number == _s.c.latest)
    )
    .where(_s.c.id == bindparam("story"))
)
# `IS NOT false` keeps the planner from walking all that was ever released: nearly every version is.
_released = _v.c.released.is_not(False)
# Concatenated, the state keeps the planner off its index wherever keys lead to few stories: without statistics
# it takes ten keys to be dearer than everything public.
_is_public = _s.c.state.concat("") == PUBLIC
_visible = and_(_is_public, _released, _v.c.status == USABLE)
_listed = and_(_s.c.state == PUBLIC, _released, _v.c.status == USABLE)
_first = _s.alias("first")
# A duplicate stands under the first story that brought its text, as long as readers can see that.
_is_first = ~exists().where(_first.c.id == _s.c.duplicate_of, _first.c.state == PUBLIC)
_whole = (
    select(_v, _s.c.lineage_id, _s.c.wire, _s.c.provider, _s.c.slug, _s.c.sponsored, _t.c.n.label("views"))
    .join(_s, _s.c.id == _v.c.story_id)
    .outerjoin(_t, _t.c.story_id == _s.c.id)
    .where(_visible, _s.c.id == bindparam("story"))
)
_current = _whole.where(_v.c.id == _s.c.current_id)
_numbered = _whole.where(_v.c.number == bindparam("number"))
_chain = (
    select(
        _v.c.id, _v.c.story_id, _v.c.number, _v.c.action, _v.c.at, _v.c.headline,
        _v.c.series_kind, _v.c.series_number, _v.c.series_topic, _s.c.slug, _s.c.current_id,
    )
    .join(_s, _s.c.id == _v.c.story_id)
    .where(_visible, _s.c.lineage_id == bindparam("lineage"), or_(_is_first, _s.c.id == bindparam("own")))
    .order_by(_v.c.at.desc(), _v.c.id.desc())
)  # fmt: skip
_older = _v.alias("older")
_lines = (
    select(
        _s.c.id, _s.c.lineage_id, _s.c.slug, _s.c.wire, _s.c.provider, _s.c.at, _s.c.sponsored, _s.c.current_id,
        _v.c.headline, _v.c.series_kind, _v.c.series_number, _v.c.series_topic, _v.c.teaser, _v.c.language, _v.c.urgency, _v.c.action,
        func.substr(_v.c.body_text, 1, 400).label("lead"),
        _t.c.n.label("views"),
        select(func.count())
        .where(_older.c.story_id == _s.c.id, _older.c.released.is_not(False), _older.c.status == USABLE)
        .scalar_subquery()
        .label("versions"),
    )
    .join(_v, _v.c.id == _s.c.current_id)
    .outerjoin(_t, _t.c.story_id == _s.c.id)
)  # fmt: skip
_cards = _lines.where(_listed)
_sponsored = select(_s.c.sponsored).where(_s.c.id == bindparam("story"))
_cards_of = _lines.where(_visible, _s.c.id.in_(bindparam("stories", expanding=True)))
_public_among = (
    select(_s.c.id)
    .join(_v, _v.c.id == _s.c.current_id)
    .where(_visible, _s.c.id.in_(bindparam("stories", expanding=True)))
)
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
    _visible,
    ~exists().where(
        _first.c.id == _s.c.duplicate_of,
        _first.c.state == PUBLIC,
        _first_mention.c.version_id == _first.c.current_id,
        _first_mention.c.instrument_id == bindparam("instrument"),
        _first_mention.c.published,
    ),
)
_home = _cards.where(_is_first)
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
_names = schema.topics
_topic_names = (
    select(_names.c.code, _names.c.name_de, _names.c.name_en, _names.c.broader)
    .join(_topics, _topics.c.code == _names.c.code)
    .where(_topics.c.version_id == bindparam("version"))
    .order_by(_names.c.code.desc())
)
_of_topic = _home.join(
    _topics, and_(_topics.c.version_id == _s.c.current_id, _topics.c.code == bindparam("code"))
)
_me = _s.alias("me")
_head = func.coalesce(_me.c.duplicate_of, _me.c.id)
_copies = (
    select(_s.c.id, _s.c.slug, _s.c.provider, _s.c.at)
    .join(_me, or_(_s.c.id == _head, _s.c.duplicate_of == _head))
    .where(_me.c.id == bindparam("story"), _s.c.id != _me.c.id, _is_public)
    .order_by(_s.c.at, _s.c.id)
)
_copied_by = (
    select(_s.c.duplicate_of, _s.c.provider)
    .where(_s.c.duplicate_of.in_(bindparam("stories", expanding=True)), _is_public)
    .order_by(_s.c.at, _s.c.id)
)
_of_provider = _cards.where(_s.c.provider == bindparam("provider"))
_share_refs = (
    select(_m.c.version_id, _i.c.isin, _i.c.name, _m.c.ticker)
    .join(_i, _i.c.id == _m.c.instrument_id)
    .where(_m.c.version_id.in_(bindparam("versions", expanding=True)), _m.c.published)
    .order_by(_m.c.relevance.desc(), _i.c.isin)
)
_self = _s.alias("self")
_self_version = _v.alias("self_version")
_own_shares = (
    select(_m.c.instrument_id, _self.c.lineage_id)
    .select_from(_self)
    .join(_m, and_(_m.c.version_id == _self.c.current_id, _m.c.published))
    .where(_self.c.id == bindparam("story"))
)
_newest_of_share = (
    select(_m.c.story_id, _m.c.at)
    .join(_s, and_(_s.c.id == _m.c.story_id, _s.c.current_id == _m.c.version_id))
    .where(
        _m.c.instrument_id == bindparam("instrument"),
        _m.c.published,
        _is_public,
        _s.c.sponsored.is_(False),
        _s.c.lineage_id != bindparam("lineage"),
        _is_first,
    )
    .order_by(_m.c.at.desc(), _m.c.story_id.desc())
    .limit(bindparam("limit"))
)
_beside = and_(
    _s.c.state == PUBLIC,
    _s.c.sponsored.is_(False),
    _s.c.lineage_id != _self.c.lineage_id,
    _is_first,
    _v.c.language == _self_version.c.language,
)
_others = (
    select(_s.c.id)
    .select_from(_self)
    .join(_self_version, _self_version.c.id == _self.c.current_id)
    .join(_s, _s.c.id != _self.c.id)
    .join(_v, _v.c.id == _s.c.current_id)
    .where(_self.c.id == bindparam("story"), _beside)
)
_newest = _others.order_by(_s.c.at.desc(), _s.c.id.desc()).limit(bindparam("limit"))
_companions = (
    select(
        _s.c.id, _s.c.lineage_id, _s.c.headline_key, _s.c.sponsored,
        (_v.c.language == _self_version.c.language).label("same_language"),
    )
    .select_from(_self)
    .join(_self_version, _self_version.c.id == _self.c.current_id)
    .join(_s, _s.c.id.in_(bindparam("candidates", expanding=True)))
    .join(_v, _v.c.id == _s.c.current_id)
    .where(
        _self.c.id == bindparam("story"),
        _is_public,
        _s.c.lineage_id != _self.c.lineage_id,
        _s.c.headline_key != _self.c.headline_key,
    )
)  # fmt: skip
_siblings = (
    select(_s.c.id)
    .join(_self, _self.c.lineage_id == _s.c.lineage_id)
    .where(_self.c.id == bindparam("story"), _s.c.id != _self.c.id, _is_public)
    .order_by(_s.c.at.desc(), _s.c.id.desc())
)
_subjects_of = (
    select(_v.c.subjects_json)
    .join(_s, _s.c.current_id == _v.c.id)
    .where(_is_public, _s.c.id.in_(bindparam("stories", expanding=True)))
)
_providers = (
    select(_s.c.provider, func.count().label("n"), func.max(_s.c.at).label("latest"))
    .where(_s.c.state == PUBLIC)
    .group_by(_s.c.provider)
    .order_by(func.count().desc(), _s.c.provider)
)
_of_lineage = select(_s.c.id).where(_s.c.lineage_id == bindparam("lineage"), _is_public)
_ids = (
    select(_s.c.id)
    .where(_is_public, _s.c.id > bindparam("after"))
    .order_by(_s.c.id)
    .limit(bindparam("limit"))
)


def place_of(card: Card) -> Place:
    """Return where *card* stands in a list, to go on after it."""
    return (epoch(card.at), card.story)


def _series(row: Any) -> Series | None:
    return Series(row.series_kind, row.series_number, row.series_topic) if row.series_kind else None


def _version(r: Any) -> Version:
    return Version(
        story=r.story_id, lineage=r.lineage_id, number=r.number, key=r.id, wire=r.wire, provider=r.provider, slug=r.slug,
        action=r.action, status=r.status, at=from_epoch(r.at), filed_at=from_epoch(r.filed_at),
        first_created=from_epoch(r.first_created), embargoed=when(r.embargoed), urgency=r.urgency, language=r.language,
        series=_series(r), headline=r.headline, dateline=of_json(r.dateline_json, Dateline), byline=r.byline, teaser=r.teaser,
        body_html=r.body_html, body_text=r.body_text, credit=r.credit, copyright=r.copyright, usage_terms=r.usage_terms,
        correction=r.correction, genre=r.genre, subjects=of_json(r.subjects_json, tuple[Subject, ...]) or (),
        links=of_json(r.links_json, tuple[Link, ...]) or (), canonical_url=r.canonical_url,
    )  # fmt: skip
