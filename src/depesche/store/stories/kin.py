"""What ties stories together: series, links, shared text; lineages and duplicates; and what people decided about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from depesche.lib.clock import epoch
from depesche.model.story import KILLED
from depesche.model.take import Link
from depesche.store import schema
from depesche.store.prepared import Prepared, new_rows
from depesche.store.sql import among, to_json

APART = "apart"
TOGETHER = "together"
CROWD = 32  # stories with the same piece of text: a phrase of everyone, which tells nothing


@dataclass(frozen=True, slots=True)
class Copy:
    """A story with the text of its newest version, for comparing; `instruments` are those it is published under."""

    story: int
    lineage: int
    provider: str
    slug: str
    language: str
    at: float
    series_kind: str | None
    series_topic: str | None
    headline: str
    text: str
    instruments: frozenset[int]


@dataclass(frozen=True, slots=True)
class Member:
    """A story of a cluster of duplicates; `at` is the time of its first version."""

    story: int
    lineage: int
    at: float
    duplicate_of: int | None


@dataclass(frozen=True, slots=True)
class Moved:
    """A story that changed its lineage or what it duplicates, with its newest version for the journal."""

    story: int
    lineage: int
    version: int
    action: str


class Kin:
    """The tables of what ties stories together."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # -- signs ---------------------------------------------------------------------------------

    def mark(self, series_key: str, at: float, story: int) -> None:
        """Note that an item of a running series was about *story* at that time."""
        row = {"series_key": series_key, "at": at, "story_id": story}
        _mark.run(self._connection, row)

    def link(self, story: int, provider: str, links: Iterable[Link]) -> None:
        """Note to which items of *provider* those of *story* lead."""
        wanted = {(one.rel, one.guid) for one in links if one.guid}
        if not wanted:
            return
        known = self._connection.execute(select(_k.c.rel, _k.c.guid).where(_k.c.story_id == story))
        new = sorted(wanted - {(r.rel, r.guid) for r in known})
        if new:
            rows = [{"story_id": story, "provider": provider, "rel": rel, "guid": guid} for rel, guid in new]
            self._connection.execute(_k.insert(), rows)

    def by_series(self, series_key: str, low: float, high: float) -> set[int]:
        """Return the lineages that the series was part of between those times."""
        found = {"key": series_key, "low": low, "high": high}
        return {int(r.lineage_id) for r in _by_series.all(self._connection, found)}

    def by_links(self, provider: str, guid: str, linked: Sequence[str]) -> set[int]:
        """Return the lineages of the stories that link to *guid*, and of those that *linked* names."""
        rows = _linking.all(self._connection, {"provider": provider, "guid": guid})
        if linked:
            rows = [*rows, *self._connection.execute(_linked, {"provider": provider, "guids": list(linked)})]
        return {int(r.lineage_id) for r in rows}

    # -- text ----------------------------------------------------------------------------------

    def alike(self, bands: Sequence[int], shingles: Sequence[int]) -> tuple[list[int], set[int]]:
        """Return the stories that share a band at any time or two shingles of late, the most alike first, and those of
        the *bands* and *shingles* that are everyone's: they tell nothing.

        At most 16 *bands* and 24 *shingles* are looked at.
        """
        any_time = _by_band.all(self._connection, _filled(bands, _BANDS))
        recent = _by_shingle.all(self._connection, _filled(shingles, _SHINGLES)) if shingles else []
        crowds = Counter(key for key, _ in any_time) + Counter(key for key, _, _ in recent)
        common = {int(key) for key, n in crowds.items() if n >= CROWD}
        likely = Counter(story for band, story in any_time if band not in common)
        shared = Counter(story for key, story, _ in recent if key not in common)
        sizes = {story: size for _, story, size in recent}
        for story, n in shared.items():
            # Of two texts one of which contains most of the other, the shorter one's sample is in the longer one's.
            if n >= _FEWEST and n >= _MOST_OF * min(sizes[story], len(shingles)):
                likely[story] += 0
        likely.update({story: shared[story] for story in likely})
        return [int(story) for story, _ in likely.most_common()], common

    def sketch(self, story: int, bands: Iterable[int], shingles: Iterable[int], *, is_new: bool) -> None:
        """Keep what a story's newest text is found by, in the place of what its former text was found by."""
        if not is_new:
            self.forget(story)
        rows = [{"band": one, "story_id": story} for one in set(bands)]
        _new_bands.run_all(self._connection, rows)
        sample = set(shingles)
        rows = [{"shingle": one, "story_id": story, "size": len(sample)} for one in sample]
        _new_shingles.run_all(self._connection, rows)

    def forget(self, story: int) -> None:
        """Let nothing be found to resemble a story any more."""
        _forget_bands.run(self._connection, {"story": story})
        _forget_shingles.run(self._connection, {"story": story})

    def prune(self, before: datetime) -> int:
        """Delete the shingles of stories older than *before*; returns how many rows."""
        old = select(_s.c.id).where(_s.c.at < epoch(before))
        gone = _recent.delete().where(_recent.c.story_id.in_(old))
        return int(self._connection.execute(gone).rowcount)

    def copies(self, stories: Sequence[int]) -> list[Copy]:
        """Return those of *stories* whose newest version has a text."""
        if not stories:
            return []
        rows = _copies.all(self._connection, {"stories": to_json(list(stories))})
        shares: dict[int, set[int]] = {}
        if rows:
            for r in _shares.all(self._connection, {"versions": to_json([r.version for r in rows])}):
                shares.setdefault(r.version_id, set()).add(r.instrument_id)
        return [
            Copy(
                r.id, r.lineage_id, r.provider, r.slug, r.language, r.at, r.series_kind, r.series_topic, r.headline,
                r.body_text, frozenset(shares.get(r.version, ())),
            )
            for r in rows
        ]  # fmt: skip

    # -- lineages ------------------------------------------------------------------------------

    def are_apart(self, one: int, other: int) -> bool:
        """Tell whether somebody has decided that stories of these lineages do not belong together."""
        return _apart.first(self._connection, {"one": one, "other": other}) is not None

    def merge(self, into: int, lineage: int) -> list[Moved]:
        """Make *lineage* a part of *into*; returns the stories that moved."""
        moved = self._moved(_s.c.lineage_id == lineage, into)
        self._connection.execute(update(_s).where(_s.c.lineage_id == lineage).values(lineage_id=into))
        former = or_(_l.c.id == lineage, _l.c.merged_into == lineage)
        self._connection.execute(update(_l).where(former).values(merged_into=into))
        return moved

    def move(self, stories: Sequence[int], lineage: int) -> list[Moved]:
        """Put *stories* into *lineage*; returns those that moved."""
        here = _s.c.id.in_(list(stories))
        moved = self._moved(here, lineage)
        self._connection.execute(update(_s).where(here).values(lineage_id=lineage))
        return moved

    def former(self, lineage: int) -> tuple[int, ...]:
        """Return the lineages that have become parts of *lineage*."""
        return tuple(int(r.id) for r in _former.all(self._connection, {"lineage": lineage}))

    def stories_of(self, lineage: int) -> list[int]:
        """Return every story of *lineage*, whatever its state."""
        rows = self._connection.execute(select(_s.c.id).where(_s.c.lineage_id == lineage).order_by(_s.c.id))
        return [int(r.id) for r in rows]

    def decide(self, kind: str, one: int, other: int, at: datetime) -> None:
        """Remember that somebody put two stories together or apart."""
        low, high = sorted((one, other))
        here = and_(_d.c.story_a == low, _d.c.story_b == high)
        self._connection.execute(_d.delete().where(here))
        row = {"story_a": low, "story_b": high, "kind": kind, "at": epoch(at)}
        self._connection.execute(_d.insert(), row)

    # -- duplicates ----------------------------------------------------------------------------

    def cluster(self, stories: Iterable[int]) -> list[Member]:
        """Return *stories* and all that duplicate, or are duplicated by, one of them; killed ones left out."""
        keys = list(stories)
        heads = select(func.coalesce(_s.c.duplicate_of, _s.c.id)).where(_s.c.id.in_(keys))
        found = select(_s.c.id, _s.c.lineage_id, _s.c.duplicate_of, _first_at.label("at")).where(
            or_(_s.c.id.in_(heads), _s.c.duplicate_of.in_(heads)),
            or_(_s.c.state != KILLED, _s.c.id.in_(keys)),
        )
        rows = self._connection.execute(found)
        return [Member(int(r.id), int(r.lineage_id), float(r.at or 0), r.duplicate_of) for r in rows]

    def fold(self, first: int, others: Iterable[Member]) -> list[int]:
        """Let *others* stand under *first*; returns the stories for which that is new."""
        changed = [one.story for one in others if one.story != first and one.duplicate_of != first]
        if changed:
            self._connection.execute(update(_s).where(_s.c.id.in_(changed)).values(duplicate_of=first))
        head = update(_s).where(_s.c.id == first, _s.c.duplicate_of.is_not(None)).values(duplicate_of=None)
        if self._connection.execute(head).rowcount:
            changed.append(first)
        return changed

    def unfold(self, story: int) -> None:
        """Let a story stand for itself, with nothing under it."""
        self._connection.execute(
            update(_s).where(or_(_s.c.id == story, _s.c.duplicate_of == story)).values(duplicate_of=None)
        )

    def moved(self, stories: Sequence[int]) -> list[Moved]:
        """Return *stories* as the journal tells of them, in the lineages they have."""
        return self._moved(_s.c.id.in_(list(stories)), None)

    def _moved(self, where: Any, into: int | None) -> list[Moved]:
        statement = (
            select(_s.c.id, _s.c.lineage_id, _v.c.id.label("version"), _v.c.action)
            .join(_v, and_(_v.c.story_id == _s.c.id, _v.c.number == _s.c.latest))
            .where(where)
            .order_by(_s.c.id)
        )
        rows = self._connection.execute(statement).all()
        return [Moved(int(r.id), into or int(r.lineage_id), int(r.version), r.action) for r in rows]


_s = schema.stories
_v = schema.versions
_l = schema.lineages
_g = schema.guids
_k = schema.story_links
_m = schema.mentions
_d = schema.lineage_decisions
_marks = schema.series_marks
_bands = schema.bands
_recent = schema.recent_shingles
_mark, _new_bands, _new_shingles = (new_rows(one) for one in (_marks, _bands, _recent))
_other = _s.alias("other")
_first_at = select(func.min(_v.c.at)).where(_v.c.story_id == _s.c.id).correlate(_s).scalar_subquery()
_by_series = Prepared(
    select(_s.c.lineage_id)
    .join(_marks, _marks.c.story_id == _s.c.id)
    .where(_marks.c.series_key == bindparam("key"), _marks.c.at.between(bindparam("low"), bindparam("high")))
    .distinct()
)
_linked = (
    select(_s.c.lineage_id)
    .join(_g, _g.c.story_id == _s.c.id)
    .where(_g.c.provider == bindparam("provider"), _g.c.guid.in_(bindparam("guids", expanding=True)))
)
_linking = Prepared(
    select(_s.c.lineage_id)
    .join(_k, _k.c.story_id == _s.c.id)
    .where(_k.c.provider == bindparam("provider"), _k.c.guid == bindparam("guid"))
)
# As many places as there can be, so that the statements are always the same: making them costs more than running them.
_BANDS = tuple(f"b{n}" for n in range(16))
_SHINGLES = tuple(f"s{n}" for n in range(24))
_FEWEST = 2
_MOST_OF = 0.4
_by_band = Prepared(
    select(_bands.c.band, _bands.c.story_id).where(_bands.c.band.in_([bindparam(name) for name in _BANDS]))
)
_by_shingle = Prepared(
    select(_recent.c.shingle, _recent.c.story_id, _recent.c.size).where(
        _recent.c.shingle.in_([bindparam(name) for name in _SHINGLES])
    )
)
_forget_bands = Prepared(_bands.delete().where(_bands.c.story_id == bindparam("story")))
_forget_shingles = Prepared(_recent.delete().where(_recent.c.story_id == bindparam("story")))
_copies = Prepared(

    select(
        _s.c.id, _s.c.lineage_id, _s.c.provider, _s.c.slug, _s.c.at, _v.c.id.label("version"), _v.c.language,
        _v.c.series_kind, _v.c.series_topic, _v.c.headline, _v.c.body_text,
    )
    .join(_v, and_(_v.c.story_id == _s.c.id, _v.c.number == _s.c.latest))
    .where(among(_s.c.id, bindparam("stories")), _v.c.body_text != "", _s.c.state != KILLED)

)  # fmt: skip
_shares = Prepared(
    select(_m.c.version_id, _m.c.instrument_id).where(
        among(_m.c.version_id, bindparam("versions")), _m.c.published
    )
)
_apart = Prepared(
    select(_d.c.story_a)
    .join(_s, _s.c.id == _d.c.story_a)
    .join(_other, _other.c.id == _d.c.story_b)
    .where(
        _d.c.kind == APART,
        or_(
            and_(_s.c.lineage_id == bindparam("one"), _other.c.lineage_id == bindparam("other")),
            and_(_s.c.lineage_id == bindparam("other"), _other.c.lineage_id == bindparam("one")),
        ),
    )
    .limit(1)
)
_former = Prepared(select(_l.c.id).where(_l.c.merged_into == bindparam("lineage")).order_by(_l.c.id))


def _filled(values: Sequence[int], names: Sequence[str]) -> dict[str, int]:
    """Return a value for every name; the last is repeated where there are too few."""
    return {name: values[min(place, len(values) - 1)] for place, name in enumerate(names)}
