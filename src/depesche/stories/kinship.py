"""Tell which stories a take belongs to: a running series, explicit links, the text of others; join and part lineages.

Version-of is the desk's; here are the two other relations: a story *continues* others of its
lineage, and *duplicates* the first story that brought the same text from another provider.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from depesche.lib.clock import epoch
from depesche.lib.text import slugify
from depesche.model import journal
from depesche.model.errors import NotFound, Refused
from depesche.model.take import USABLE, Take
from depesche.store.database import Transaction
from depesche.store.stories.kin import APART, TOGETHER, Copy, Moved
from depesche.stories import lineage
from depesche.stories.sketch import Likeness, Sketch, likeness

_CANDIDATES = 4  # stories found one way or the other that are compared word by word
_SAME = 0.5  # of all shingles: the same text, reworded
_CUT = 0.8  # of the shorter text's: the same text, cut
_UPDATED = 0.7  # of the shorter text's: a continuation
_FIGURES = 0.8
_HEADLINES = 0.3
# Releases and reports that are written to a form: they resemble each other and do not continue each other.
_FORMS = re.compile(
    r"EQS|DGAP|EANS|PTA|IRW|GNW|OTS|ORIGINAL-RESEARCH|AKTIEN|DEVISEN|TAGES|WOCHEN|BRIEF", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Kin:
    """What a take belongs to: lineages, and stories of which it is a duplicate; `sketch` is its text, if that tells anything.

    `common` holds pieces of the text that are everyone's.
    """

    lineages: frozenset[int] = frozenset()
    duplicates: tuple[int, ...] = ()
    sketch: Sketch | None = None
    common: frozenset[int] = field(default=frozenset())

    @property
    def oldest(self) -> int | None:
        """The lineage in which everything is to meet."""
        return min(self.lineages, default=None)


def kin_of(
    take: Take, at: datetime, instruments: frozenset[int], own: int | None, tx: Transaction, hours: int
) -> Kin:
    """Return what *take*, shown at *at* and about *instruments*, belongs to, besides the story *own*."""
    lineages = signalled(take, at, tx, hours)
    sketch = Sketch(take.body_text) if take.status == USABLE and take.body_text else None
    if sketch is None or not sketch.is_telling:
        return Kin(frozenset(lineages))
    likely, common = tx.kin.alike(sketch.bands, sketch.sample)
    wanted = [key for key in likely if key != own][:_CANDIDATES]
    when, span = epoch(at), hours * 3600.0
    duplicates = []
    for copy in tx.kin.copies(wanted):
        alikeness = likeness(sketch, Sketch(copy.text))
        if _duplicates(take, instruments, copy, alikeness):
            duplicates.append(copy.story)
            lineages.add(copy.lineage)
        elif abs(copy.at - when) <= span and _continues(take, instruments, copy, alikeness):
            lineages.add(copy.lineage)
    return Kin(frozenset(lineages), tuple(duplicates), sketch, frozenset(common))


def signalled(take: Take, at: datetime, tx: Transaction, hours: int) -> set[int]:
    """Return the lineages that *take* says it belongs to: by its links, and by a series within *hours* before or after."""
    found = tx.kin.by_links(take.provider, take.guid, lineage.continued(take))
    key = lineage.series_key(take)
    if key:
        when, span = epoch(at), hours * 3600.0
        found |= tx.kin.by_series(key, when - span, when + span)
    return found


def note(take: Take, at: datetime, story: int, tx: Transaction) -> None:
    """Remember the signs of *take* for those to come, whether it made a version or not."""
    key = lineage.series_key(take)
    if key:
        tx.kin.mark(key, epoch(at), story)
    if take.links:
        tx.kin.link(story, take.provider, take.links)


def settle(kin: Kin, story: int, own: int, tx: Transaction, now: datetime, *, is_new: bool) -> int:
    """Join the lineages of *kin* to that of *story*, fold duplicates and remember the text; returns its lineage then.

    Lineages that somebody has put apart stay so.
    """
    meeting, moved = _join({own, *kin.lineages}, tx)
    if kin.sketch is not None:
        bands = (one for one in kin.sketch.bands if one not in kin.common)
        sample = (one for one in kin.sketch.sample if one not in kin.common)
        tx.kin.sketch(story, bands, sample, is_new=is_new)
    others = list(moved)
    if kin.duplicates:
        others += _fold((story, *kin.duplicates), tx)
    tell(tx, [one for one in others if one.story != story], now)
    return meeting.get(own, own)


def _join(lineages: set[int], tx: Transaction) -> tuple[dict[int, int], list[Moved]]:
    """Merge *lineages* into the oldest, as far as nobody has put them apart; returns where each is now, and what moved."""
    into: list[int] = []
    place: dict[int, int] = {}
    moved: list[Moved] = []
    for one in sorted(lineages):
        target = next((other for other in into if not tx.kin.are_apart(other, one)), None)
        if target is None:
            into.append(one)
            place[one] = one
        else:
            place[one] = target
            moved += tx.kin.merge(target, one)
    return place, moved


def _fold(stories: Sequence[int], tx: Transaction) -> list[Moved]:
    """Let *stories* and what duplicates them stand under the first of them, within one lineage."""
    members = tx.kin.cluster(stories)
    home = next((one.lineage for one in members if one.story == stories[0]), None)
    members = [one for one in members if one.lineage == home]
    if len(members) < 2:
        return []
    first = min(members, key=lambda one: (one.at, one.story))
    return tx.kin.moved(tx.kin.fold(first.story, members))


def withdraw(story: int, tx: Transaction) -> None:
    """Let nothing resemble a story that was withdrawn, and let the next stand in its place for its duplicates."""
    tx.kin.forget(story)
    members = [one for one in tx.kin.cluster([story]) if one.story != story]
    tx.kin.unfold(story)
    if len(members) > 1:
        first = min(members, key=lambda one: (one.at, one.story))
        tx.kin.fold(first.story, members)


def tell(tx: Transaction, moved: Iterable[Moved], now: datetime) -> None:
    """Write into the journal that stories are grouped otherwise."""
    for one in {each.story: each for each in moved}.values():
        tx.journal.append(
            journal.REGROUPED,
            story=one.story,
            lineage=one.lineage,
            version=one.version,
            action=one.action,
            at=now,
        )


# -- text --------------------------------------------------------------------------------------


def _duplicates(take: Take, instruments: frozenset[int], copy: Copy, alike: Likeness) -> bool:
    """Tell whether *take* brings the text of *copy* from another provider: cut, reworded or dated anew, with the same figures."""
    if copy.provider == take.provider or not _agree(take, instruments, copy):
        return False
    if alike.jaccard < _SAME and alike.contained < _CUT:
        return False
    is_told_alike = alike.jaccard >= _CUT or _share_of_words(take.headline, copy.headline) >= _HEADLINES
    return is_told_alike and alike.figures >= _FIGURES


def _continues(take: Take, instruments: frozenset[int], copy: Copy, alike: Likeness) -> bool:
    """Tell whether one text takes up the other: most of the shorter is in the longer, of one provider or about one share."""
    if alike.contained < _UPDATED or not _agree(take, instruments, copy):
        return False
    kind = take.series.kind if take.series else ""
    if _FORMS.match(kind) or _FORMS.match(copy.series_kind or ""):
        return False
    if take.provider != copy.provider and not instruments & copy.instruments:
        return False
    return (
        _share_of_words(take.headline, copy.headline) >= _HEADLINES
        or slugify(take.headline, language=take.language) == copy.slug
        or alike.jaccard >= _CUT
    )


def _agree(take: Take, instruments: frozenset[int], copy: Copy) -> bool:
    """Tell whether nothing that providers said keeps two texts apart: language, topic, shares."""
    if take.language and copy.language and take.language[:2] != copy.language[:2]:
        return False
    ours, theirs = (
        lineage.fold(topic or "") for topic in (take.series.topic if take.series else None, copy.series_topic)
    )
    if ours and theirs and ours != theirs:
        return False
    return not (instruments and copy.instruments and not instruments & copy.instruments)


def _share_of_words(one: str, other: str) -> float:
    ours, theirs = (set(lineage.fold(text).split()) for text in (one, other))
    return len(ours & theirs) / max(min(len(ours), len(theirs)), 1)


# -- decisions ---------------------------------------------------------------------------------


def join(tx: Transaction, one: int, other: int, now: datetime) -> int:
    """Join the lineages of two stories because somebody says so; returns the lineage they have then.

    Raises:
        NotFound: there is no such story.
        Refused: they are in one lineage already.
    """
    left, right = (_story(tx, key) for key in (one, other))
    if left == right:
        raise Refused(f"stories {one} and {other} are in lineage {left} already")
    for a in tx.kin.stories_of(left):
        for b in tx.kin.stories_of(right):
            if tx.kin.are_apart(left, right):
                tx.kin.decide(TOGETHER, a, b, now)
    tx.kin.decide(TOGETHER, one, other, now)
    into, gone = sorted((left, right))
    tell(tx, tx.kin.merge(into, gone), now)
    return into


def split(tx: Transaction, story: int, now: datetime) -> int:
    """Give a story, with its duplicates, a lineage of its own because somebody says so; returns that lineage.

    A story that stands under another as its duplicate stands for itself then.

    Raises:
        NotFound: there is no such story.
        Refused: it is alone in its lineage already.
    """
    former = _story(tx, story)
    members = {one.story: one for one in tx.kin.cluster([story])}
    own = [story] if members[story].duplicate_of is not None else list(members)
    rest = [one for one in tx.kin.stories_of(former) if one not in own]
    if not rest:
        raise Refused(f"story {story} is alone in lineage {former} already")
    if members[story].duplicate_of is not None:
        tx.kin.unfold(story)
    for one in own:
        for other in rest:
            tx.kin.decide(APART, one, other, now)
    made = tx.stories.begin_lineage(now)
    tell(tx, [*tx.kin.move(own, made), *tx.kin.moved(rest)], now)
    return made


def _story(tx: Transaction, key: int) -> int:
    found = tx.stories.get(key)
    if found is None:
        raise NotFound(f"there is no story {key}")
    return found.lineage
