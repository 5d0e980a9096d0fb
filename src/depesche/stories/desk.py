"""The desk: files a take as a new story, a version of one, a kill, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from depesche.lib.text import slugify
from depesche.model import journal
from depesche.model.instrument import Mention
from depesche.model.story import CORRECTION, EXPIRED, HELD, IGNORED, KILL, KILLED, NEW, PUBLIC, REPEAT, UPDATE
from depesche.model.take import CANCELED, USABLE, WITHHELD, Take
from depesche.store.database import Transaction
from depesche.store.stories.stories import StoryRow
from depesche.stories import kinship, lineage, topics
from depesche.stories.history import UNCHANGED, Past, last_of_each
from depesche.stories.incoming import Incoming, Receipt, order_of, shown_at
from depesche.stories.kinship import Kin

REPEAT_WINDOW = timedelta(hours=72)
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)
REREAD = "read anew"
_FOLLOWED = "a newer version is here already"


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
        one = Incoming.of(take, mentions, receipt, now)
        known = tx.takes.known(one.take.provider, one.print_)
        if known:
            return Filing(*known, IGNORED, "", take.headline, reason="this very item is here already")
        story = self._story_of(one.take, tx)
        order = order_of(one.take, receipt, story)
        objection = self._objection(one.take, story, order, tx)
        if objection and story:
            if objection == UNCHANGED:
                tx.stories.reorder(story.id, order)
            return self._ignore(one, story, objection, tx)
        return self._append(one, story, _action(one.take, story), order, tx)

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
        read = [Incoming.of(take, mentions, receipt, now, REREAD) for take, mentions in takes]
        last = last_of_each([one.take for one in read], receipt)
        return [
            self._reread(one, Past.of(one.take, place, len(read), before, last), tx)
            for place, one in enumerate(read)
        ]

    def _reread(self, one: Incoming, past: Past, tx: Transaction) -> Filing:
        take = one.take
        known = tx.takes.known(take.provider, one.print_)
        story = tx.stories.get(past.story) if past.story else self._story_of(take, tx)
        order = order_of(take, one.receipt, story)
        if story is None:
            return self._append(one, None, _action(take, None), order, tx)
        objection = self._objection_again(take, story, order, past, tx)
        if known and (objection or known[0] != story.id):
            return Filing(*known, IGNORED, "", take.headline, reason="it reads as before")
        if objection:
            return self._ignore(one, story, objection, tx)
        action = KILL if take.status == CANCELED else UPDATE
        return self._append(one, story, action, max(order, story.order), tx)

    def _objection_again(
        self, take: Take, story: StoryRow, order: tuple[int, float], past: Past, tx: Transaction
    ) -> str | None:
        """Return why *take*, read before, must not become a version, or None."""
        if story.state in _FINAL:
            return _FINAL[story.state]
        newest = tx.stories.newest_take(story.id)
        was = None if newest is None else tx.takes.read(newest)
        if was is not None and _seen(was) == _seen(take):
            return UNCHANGED
        if past.is_followed:
            return _FOLLOWED
        if newest in past.keys:
            return None
        if past.said_the_same and newest is not None and was is not None:
            came = Receipt("", tx.takes.received_at(newest))
            return None if order > order_of(was, came, story) else _FOLLOWED
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

    def _ignore(self, one: Incoming, story: StoryRow, reason: str, tx: Transaction) -> Filing:
        """Keep a take and make no version of it; what it says of the story's kin counts all the same."""
        take = one.take
        if take.status == USABLE:
            kinship.note(take, one.at, story.id, tx)
            kin = Kin(frozenset(kinship.signalled(take, one.at, tx, self._hours)))
            kinship.settle(kin, story.id, story.lineage, tx, one.now, is_new=False)
        tx.stories.name(story.id, take.provider, take.guid)
        one.keep(story.id, None, IGNORED, reason, tx)
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
            return UNCHANGED
        return None

    def _append(
        self, one: Incoming, story: StoryRow | None, action: str, order: tuple[int, float], tx: Transaction
    ) -> Filing:
        """Make a take the newest version of *story*, or of one that begins with it, and tell the journal."""
        take = one.take
        keys = _keys(one.mentions, tx)
        kin = self._kin_of(one, keys, story, tx)
        if story is None:
            story = self._begin(one, order, kin, tx)
        else:
            tx.stories.name(story.id, take.provider, take.guid)
        version = self._version(one, story, action, keys, tx)
        state, current = _standing(take, story, version, shows=one.shows)
        # An address once public stays; before that the newest headline names the story, so that no held one leaks.
        is_named = story.was_public or take.status != USABLE
        slug = story.slug if is_named else slugify(take.headline, language=take.language)
        tx.stories.advance(
            story,
            number=story.latest + 1,
            order=order,
            state=state,
            current=current,
            at=one.at if current == version or not story.was_public else None,
            slug=slug,
            headline_key=lineage.headline_key(take) if take.headline else None,
        )
        chain = self._relate(one, story, kin, tx)
        kind = journal.REREAD if one.reason and one.shows else _KINDS[take.status]
        tx.journal.append(kind, story=story.id, lineage=chain, version=version, action=action, at=one.now)
        return Filing(story.id, story.latest + 1, action, state, take.headline, slug, one.reason)

    def _kin_of(self, one: Incoming, keys: Mapping[str, int], story: StoryRow | None, tx: Transaction) -> Kin:
        """Return what a take belongs to besides its own *story*; one that takes a story back belongs to nothing more."""
        if one.take.status != USABLE:
            return Kin()
        published = frozenset(keys[it.isin] for it in one.mentions if it.published and it.isin in keys)
        return kinship.kin_of(one.take, one.at, published, story.id if story else None, tx, self._hours)

    def _begin(self, one: Incoming, order: tuple[int, float], kin: Kin, tx: Transaction) -> StoryRow:
        at = shown_at(one.take, one.receipt)
        return tx.stories.begin(
            lineage=kin.oldest or tx.stories.begin_lineage(at),
            wire=one.receipt.wire,
            take=one.take,
            slug="",
            headline_key=lineage.headline_key(one.take),
            order=order,
            at=at,
            sponsored=one.receipt.sponsored,
        )

    def _version(
        self, one: Incoming, story: StoryRow, action: str, keys: Mapping[str, int], tx: Transaction
    ) -> int:
        """Append a version to *story*, with its mentions, pictures and topics; returns its key."""
        take = one.take
        # A reading that was here before comes back.
        again = tx.takes.key(take.provider, one.print_) if one.reason else None
        version = tx.stories.append(
            story,
            one.shown,
            take_key=again or one.keep(story.id, story.latest + 1, action, one.reason, tx),
            action=action,
            at=one.at,
            filed_at=one.receipt.received_at if one.reason else one.now,
            released=one.shows,
            correction=lineage.public_correction(take),
        )
        if take.status == USABLE:
            tx.mentions.add(version, story.id, one.at, one.mentions, keys)
            tx.pictures.refer(version, take.pictures, like=story.current if one.reason else None)
            tx.topics.file(version, one.at, topics.codes_of(take.subjects))
        return version

    def _relate(self, one: Incoming, story: StoryRow, kin: Kin, tx: Transaction) -> int:
        """Note what a take says of its kin, and join what turns out to belong together; returns the story's lineage."""
        if one.take.status == CANCELED:
            kinship.withdraw(story.id, tx)
            return story.lineage
        kinship.note(one.take, one.at, story.id, tx)
        return kinship.settle(kin, story.id, story.lineage, tx, one.now, is_new=not story.latest)


_FINAL = {
    KILLED: "the story was withdrawn and stays so",
    EXPIRED: "the story's text was deleted when its licence ended",
}
_KINDS = {USABLE: journal.FILED, CANCELED: journal.KILLED, WITHHELD: journal.WITHHELD}


def _keys(mentions: Sequence[Mention], tx: Transaction) -> dict[str, int]:
    """Return the row of each share in the register, by ISIN; a linker that knows it has said so."""
    unsaid = [one.isin for one in mentions if not one.key]
    return {one.isin: one.key for one in mentions if one.key} | tx.instruments.keys(unsaid)


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
