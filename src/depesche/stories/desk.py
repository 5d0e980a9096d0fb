"""The desk: files a take as a new story, a version of one, a kill, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from depesche.lib.clock import epoch
from depesche.lib.text import slugify
from depesche.model import journal
from depesche.model.instrument import Mention
from depesche.model.story import CORRECTION, EXPIRED, HELD, IGNORED, KILL, KILLED, NEW, PUBLIC, REPEAT, UPDATE
from depesche.model.take import CANCELED, USABLE, WITHHELD, Take
from depesche.store.database import Transaction
from depesche.store.stories import StoryRow
from depesche.store.takes import Read, fingerprint
from depesche.stories import kinship, lineage, topics
from depesche.stories.kinship import Kin

REPEAT_WINDOW = timedelta(hours=72)
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)
_LARGEST_VERSION = 10**15
REREAD = "read anew"
_UNCHANGED = "nothing that readers see has changed"
_FOLLOWED = "a newer version is here already"


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a take came in: over which wire, when, and from which item of the spool.

    `embargo` holds back what brings no embargo of its own, counted from receipt.
    """

    wire: str
    received_at: datetime
    spool: int | None = None
    language: str | None = None
    sponsored: bool = False
    embargo: timedelta = timedelta(0)

    def held(self, take: Take) -> Take:
        """Return *take* as it is to be shown, with the wire's embargo where it has none."""
        if not self.embargo or take.embargoed is not None or take.status != USABLE:
            return take
        return replace(take, embargoed=self.received_at + self.embargo)


@dataclass(frozen=True, slots=True)
class Filing:
    """What the desk did with a take; `story` and `version` are None where it belongs to no story."""

    story: int | None
    version: int | None
    action: str
    state: str
    headline: str
    slug: str = ""
    reason: str | None = None


class Desk:
    """Files takes; it is handed one transaction a take and touches nothing else."""

    def __init__(self, lineage_hours: int = 72) -> None:
        self._hours = lineage_hours

    def file(
        self, take: Take, mentions: Iterable[Mention], receipt: Receipt, tx: Transaction, now: datetime
    ) -> Filing:
        """File an edited *take* with its *mentions*: version, mentions, pictures and journal entry in one transaction.

        A take already here changes nothing. A version older than the newest one of its story is
        kept as a take and changes nothing else, whatever the order of arrival; a kill always counts.
        """
        take = replace(take, language=take.language or receipt.language or "")
        print_ = fingerprint(take)
        known = tx.takes.known(take.provider, print_)
        if known:
            return Filing(*known, IGNORED, "", take.headline, reason="this very item is here already")
        story = self._story_of(take, tx)
        order = _order(take, receipt, story)
        objection = self._objection(take, story, order, tx)
        if objection and story:
            if objection == _UNCHANGED:
                tx.stories.reorder(story.id, order)
            return self._ignore(take, print_, story, objection, receipt, tx, now)
        action = _action(take, story)
        named = list(mentions)
        kin = self._kin_of(take, named, receipt, story, tx)
        begun = story or self._begin(take, receipt, order, kin, tx)
        return self._append(take, print_, begun, action, order, named, receipt, tx, now, kin=kin)

    def reread(
        self,
        takes: Sequence[tuple[Take, Iterable[Mention]]],
        receipt: Receipt,
        tx: Transaction,
        now: datetime,
    ) -> list[Filing]:
        """File *takes*, all that an item of the spool holds, read anew by a parser that has got better.

        What the item made before says which story each belongs to, even where its guid is read otherwise
        now. The take that made the newest version of a story is followed by its new reading, at the same place in the
        provider's order, exactly where readers would see something else than now: a reading that was here before comes back
        like that, too. Nobody is told, and the time readers see stays. Versions that were followed already, and killed
        stories, stay as they are. What was overlooked before is filed as quietly.
        """
        before = tx.takes.of_item(receipt.spool) if receipt.spool is not None else []
        edited = [replace(one, language=one.language or receipt.language or "") for one, _ in takes]
        last = _last_of_each(edited, receipt)
        return [
            self._reread(take, mentions, _Past.of(take, place, len(takes), before, last), receipt, tx, now)
            for place, (take, (_, mentions)) in enumerate(zip(edited, takes, strict=True))
        ]

    def _reread(
        self, take: Take, mentions: Iterable[Mention], past: _Past, receipt: Receipt, tx: Transaction, now: datetime
    ) -> Filing:  # fmt: skip
        print_ = fingerprint(take)
        known = tx.takes.known(take.provider, print_)
        story = tx.stories.get(past.story) if past.story else self._story_of(take, tx)
        order = _order(take, receipt, story)
        if story is None:
            named = list(mentions)
            kin = self._kin_of(take, named, receipt, None, tx)
            begun, action = self._begin(take, receipt, order, kin, tx), _action(take, None)
            return self._append(
                take, print_, begun, action, order, named, receipt, tx, now, reason=REREAD, kin=kin
            )
        objection = self._objection_again(take, story, order, past, tx)
        if known and (objection or known[0] != story.id):
            return Filing(*known, IGNORED, "", take.headline, reason="it reads as before")
        if objection:
            return self._ignore(take, print_, story, objection, receipt, tx, now)
        action = KILL if take.status == CANCELED else UPDATE
        return self._append(
            take, print_, story, action, max(order, story.order), mentions, receipt, tx, now, reason=REREAD
        )

    def _objection_again(
        self, take: Take, story: StoryRow, order: tuple[int, float], past: _Past, tx: Transaction
    ) -> str | None:
        """Return why *take*, read before, must not become a version, or None."""
        if story.state in _FINAL:
            return _FINAL[story.state]
        newest = tx.stories.newest_take(story.id)
        was = None if newest is None else tx.takes.read(newest)
        if was is not None and _seen(was) == _seen(take):
            return _UNCHANGED
        if past.is_followed:
            return _FOLLOWED
        if newest in past.keys:
            return None
        if past.said_the_same and newest is not None and was is not None:
            came = Receipt("", tx.takes.received_at(newest))
            return None if order > _order(was, came, story) else _FOLLOWED
        return _FOLLOWED if past.story or order < story.order else None

    def release(self, tx: Transaction, now: datetime) -> int:
        """Show every version whose embargo has lifted by *now*; returns how many."""
        due = tx.stories.releases(now)
        for one in due:
            tx.stories.release(one)
            tx.journal.append(
                journal.RELEASED,
                story=one.story,
                lineage=one.lineage,
                version=one.version,
                action=one.action,
                at=now,
            )
        return len(due)

    def _ignore(
        self,
        take: Take,
        print_: str,
        story: StoryRow,
        reason: str,
        receipt: Receipt,
        tx: Transaction,
        now: datetime,
    ) -> Filing:
        """Keep *take* and make no version of it; what it says of the story's kin counts all the same."""
        if take.status == USABLE:
            at = _shown_at(receipt.held(take), receipt)
            kinship.note(take, at, story.id, tx)
            kin = Kin(frozenset(kinship.signalled(take, at, tx, self._hours)))
            kinship.settle(kin, story.id, story.lineage, tx, now, is_new=False)
        tx.stories.name(story.id, take.provider, take.guid)
        tx.takes.add(
            take,
            print_,
            receipt.received_at,
            spool=receipt.spool,
            story=story.id,
            number=None,
            action=IGNORED,
            reason=reason,
        )
        return Filing(story.id, None, IGNORED, story.state, take.headline, story.slug, reason)

    def _story_of(self, take: Take, tx: Transaction) -> StoryRow | None:
        """Find the story that *take* is a version of: by guid, by the item a kill names, or as a repeat by its headline."""
        found = tx.stories.by_guid(take.provider, take.guid)
        if found is None and take.status == CANCELED:
            named = (tx.stories.by_guid(take.provider, guid) for guid in lineage.continued(take))
            found = next((one for one in named if one), None)
        if found is None and take.headline:
            when = take.version_created
            since = max(when, _EARLIEST + REPEAT_WINDOW) - REPEAT_WINDOW if when else _EARLIEST
            until = min(when, _LATEST) + REPEAT_WINDOW if when else _LATEST
            twin = tx.stories.by_headline(take.provider, lineage.headline_key(take), since, until)
            # Either this take repeats a story, or the story here is a repeat that arrived before what it repeats.
            if twin and (lineage.is_repeat(take) or lineage.repeats(tx.stories.first_series(twin.id))):
                found = twin
        return found

    def _objection(
        self, take: Take, story: StoryRow | None, order: tuple[int, float], tx: Transaction
    ) -> str | None:
        """Return why *take* must not become a version, or None."""
        if story is None or take.status == CANCELED:
            return "the story was withdrawn before" if story and story.state == KILLED else None
        if story.state in _FINAL:
            return _FINAL[story.state]
        if order < story.order:
            return _FOLLOWED
        if order == story.order and take.version is not None:
            return "this version is here already, with other bytes"
        newest = tx.stories.newest_take(story.id)
        before = None if newest is None else tx.takes.read(newest)
        if before is not None and _seen(before) == _seen(take):
            return _UNCHANGED
        return None

    def _kin_of(
        self,
        take: Take,
        mentions: Sequence[Mention],
        receipt: Receipt,
        story: StoryRow | None,
        tx: Transaction,
    ) -> Kin:
        """Return what *take* belongs to besides its own *story*; one that takes a story back belongs to nothing more."""
        if take.status != USABLE:
            return Kin()
        published = _keys([one for one in mentions if one.published], tx)
        at = _shown_at(receipt.held(take), receipt)
        return kinship.kin_of(
            take, at, frozenset(published.values()), story.id if story else None, tx, self._hours
        )

    def _begin(
        self, take: Take, receipt: Receipt, order: tuple[int, float], kin: Kin, tx: Transaction
    ) -> StoryRow:
        at = _shown_at(take, receipt)
        chain = kin.oldest or tx.stories.begin_lineage(at)
        return tx.stories.begin(
            lineage=chain,
            wire=receipt.wire,
            take=take,
            slug="",
            headline_key=lineage.headline_key(take),
            order=order,
            at=at,
            sponsored=receipt.sponsored,
        )

    def _append(
        self,
        take: Take,
        print_: str,
        story: StoryRow,
        action: str,
        order: tuple[int, float],
        mentions: Iterable[Mention],
        receipt: Receipt,
        tx: Transaction,
        now: datetime,
        reason: str | None = None,
        kin: Kin | None = None,
    ) -> Filing:
        shown = receipt.held(take)
        number, at = story.latest + 1, _shown_at(shown, receipt)
        is_held_back = shown.embargoed is not None and shown.embargoed > now
        shows = take.status == USABLE and not is_held_back
        again = (
            tx.takes.key(take.provider, print_) if reason else None
        )  # a reading that was here before comes back
        take_key = again or tx.takes.add(
            take,
            print_,
            receipt.received_at,
            spool=receipt.spool,
            story=story.id,
            number=number,
            action=action,
            reason=reason,
        )
        if story.latest:  # one that has just begun has its name
            tx.stories.name(story.id, take.provider, take.guid)
        version = tx.stories.append(
            story,
            shown,
            take_key=take_key,
            action=action,
            at=at,
            filed_at=now if reason is None else receipt.received_at,
            released=shows,
            correction=lineage.public_correction(take),
        )
        named = list(mentions)
        kin = kin or self._kin_of(take, named, receipt, story, tx)
        if take.status == USABLE:
            tx.mentions.add(version, story.id, at, named, _keys(named, tx))
            tx.pictures.refer(version, take.pictures, like=story.current if reason else None)
            tx.topics.file(version, at, topics.codes_of(take.subjects))
        state, current = _standing(take, story, version, shows=shows)
        # An address once public stays; before that the newest headline names the story, so that no held one leaks.
        slug = (
            story.slug
            if story.was_public or take.status != USABLE
            else slugify(take.headline, language=take.language)
        )
        stamp = at if current == version or not story.was_public else None
        tx.stories.advance(
            story,
            number=number,
            order=order,
            state=state,
            current=current,
            at=stamp,
            slug=slug,
            headline_key=lineage.headline_key(take) if take.headline else None,
        )
        chain = self._relate(take, at, story, kin, tx, now)
        kind = journal.REREAD if reason and shows else _KINDS[take.status]
        tx.journal.append(kind, story=story.id, lineage=chain, version=version, action=action, at=now)
        return Filing(story.id, number, action, state, take.headline, slug, reason)

    def _relate(
        self, take: Take, at: datetime, story: StoryRow, kin: Kin, tx: Transaction, now: datetime
    ) -> int:
        """Note what *take* says of its kin, and join what turns out to belong together; returns the story's lineage."""
        if take.status == CANCELED:
            kinship.withdraw(story.id, tx)
            return story.lineage
        kinship.note(take, at, story.id, tx)
        return kinship.settle(kin, story.id, story.lineage, tx, now, is_new=not story.latest)


_FINAL = {
    KILLED: "the story was withdrawn and stays so",
    EXPIRED: "the story's text was deleted when its licence ended",
}
_KINDS = {USABLE: journal.FILED, CANCELED: journal.KILLED, WITHHELD: journal.WITHHELD}


@dataclass(frozen=True, slots=True)
class _Past:
    """What became of a take when its item was read before.

    `keys` are those of its takes, of every reading. `said_the_same` tells that one came after the version on
    show and changed nothing in it. `is_followed` tells that the item itself holds a later one under the guid.
    """

    story: int | None
    keys: frozenset[int]
    said_the_same: bool
    is_followed: bool

    @classmethod
    def of(cls, take: Take, place: int, count: int, before: Sequence[Read], last: Mapping[str, int]) -> _Past:
        """Find it by guid, else by its place; all that an item of one take ever was is that take."""
        mine = [one for one in before if one.guid == take.guid]
        if not mine and len(before) == count:
            mine = [before[place]]
        made = [one for one in mine if one.story is not None]
        story = max(made, key=lambda one: (one.number or 0, -one.key)).story if made else None
        keys = frozenset(one.key for one in (before if count == 1 else mine))
        return cls(story, keys, any(one.reason == _UNCHANGED for one in mine), last[take.guid] != place)


def _keys(mentions: Sequence[Mention], tx: Transaction) -> dict[str, int]:
    """Return the row of each share in the register, by ISIN; a linker that knows it has said so."""
    unsaid = [one.isin for one in mentions if not one.key]
    return {one.isin: one.key for one in mentions if one.key} | tx.instruments.keys(unsaid)


def _last_of_each(takes: Sequence[Take], receipt: Receipt) -> dict[str, int]:
    """Return by guid the place of the newest take, the last of several alike."""
    ordered = sorted(range(len(takes)), key=lambda place: (_order(takes[place], receipt, None), place))
    return {takes[place].guid: place for place in ordered}


def _order(take: Take, receipt: Receipt, story: StoryRow | None) -> tuple[int, float]:
    """Return where *take* stands among the versions of its story: the provider's number first, then its time."""
    # A repeat comes under an own guid, whose numbers start afresh.
    number = story.order[0] if story and lineage.is_repeat(take) else _number(take)
    return number, epoch(take.version_created or receipt.received_at)


def _number(take: Take) -> int:
    """Return the provider's number of *take*, 0 where it has none that counts."""
    version = take.version or ""
    counts = version.isascii() and version.isdigit() and len(version) <= len(str(_LARGEST_VERSION))
    return int(version) if counts else 0


def _action(take: Take, story: StoryRow | None) -> str:
    """Return what *take* does; to those who never saw an earlier version even a correction is new."""
    if take.status == CANCELED:
        return KILL
    if story is None:
        return NEW
    if take.status == USABLE and lineage.is_correction(take):
        return CORRECTION
    if take.status == USABLE and lineage.is_repeat(take):
        return REPEAT
    return UPDATE


def _shown_at(take: Take, receipt: Receipt) -> datetime:
    """Return the time readers are told: the provider's, but never later than receipt or earlier than the embargo."""
    at = min(take.version_created or receipt.received_at, receipt.received_at)
    return max(at, take.embargoed) if take.embargoed else at


def _standing(take: Take, story: StoryRow, version: int, *, shows: bool) -> tuple[str, int | None]:
    """Return the story's new state and the version readers see: an embargoed one leaves its forerunner on show."""
    if take.status == CANCELED:
        return KILLED, None
    if take.status == WITHHELD:
        return HELD, None
    if shows:
        return PUBLIC, version
    return story.state, story.current


def _seen(take: Take) -> tuple[object, ...]:
    """Return all of *take* that can change what readers see or where they find it."""
    return (
        take.status, take.embargoed, take.urgency, take.language, take.series, take.headline, take.dateline, take.byline, take.teaser,
        take.body_html, take.credit, take.copyright, take.usage_terms, take.pictures, take.subjects, take.genre, take.identifiers,
        tuple(note for note in take.notes if note.public), take.canonical_url,
    )  # fmt: skip
