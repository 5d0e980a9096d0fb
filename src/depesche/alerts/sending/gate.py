"""The last look at a letter before it leaves: may it still go, and what does it tell now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from depesche.alerts import hours
from depesche.alerts.letters.brief import Brief, DigestBrief, HookBrief, KillBrief, RequestBrief, StoryBrief
from depesche.alerts.matching.met import Meeting
from depesche.alerts.matching.reach import Reach
from depesche.model.story import CORRECTION, KILLED, ShareRef, Version
from depesche.model.subscription import (
    CONFIRMATION,
    CORRECTION_LETTER,
    DIGEST_LETTER,
    DROPPED,
    EXPIRED,
    HOOK_LETTER,
    INTENT,
    KILL_LETTER,
    PENDING,
    RETRACTION_LETTER,
    SENT,
    SUPPRESSED,
    UNCERTAIN,
    UPDATE_LETTER,
    Dispatch,
    Outgoing,
    Reason,
    Target,
)
from depesche.store.database import Transaction
from depesche.store.letters.outbox import Fate

_AFTERWARDS = (CORRECTION_LETTER, KILL_LETTER, RETRACTION_LETTER)
_REACHED = (SENT, UNCERTAIN)
_UTC = ZoneInfo("UTC")
_LOOK_LATER = timedelta(seconds=1)  # while the alert is on its way with another courier


@dataclass(frozen=True, slots=True)
class _OnShow:
    """What is on show of a story, and which targets of a dispatch it still meets."""

    version: Version
    shares: tuple[ShareRef, ...]
    met: frozenset[int]


class Gate:
    """Judges the letters claimed in one transaction; reads each story, reader and earlier alert once.

    *dispatches* are those the letters belong to, *zone* is the portal's. `also` is filled with the fates of letters that were to go in a digest.
    """

    def __init__(
        self,
        tx: Transaction,
        letters: Sequence[Outgoing],
        dispatches: Mapping[int, Dispatch],
        now: datetime,
        confirm_life: timedelta,
        meeting: Meeting,
        zone: ZoneInfo = _UTC,
    ) -> None:
        self._tx = tx
        self._zone = zone
        self._now = now
        self._confirm_life = confirm_life
        self._meeting = meeting
        self.also: list[Fate] = []
        carriers = [one.key for one in letters if one.decision.kind == DIGEST_LETTER]
        self._carried = tx.outbox.carried(carriers)
        items = [item.decision.dispatch or 0 for found in self._carried.values() for item in found]
        self._dispatches = {**dispatches, **tx.dispatches.get(items)}
        keys = {target for one in self._dispatches.values() for target in one.targets}
        self._targets: dict[int, Target] = {one.key: one for one in tx.targets.get(sorted(keys))}
        readers = sorted({one.decision.subscriber for one in letters})
        self._following = tx.subscriptions.following(readers, self._targets) if self._targets else {}
        self._reach = Reach(tx, readers)
        self._on_show: dict[int, _OnShow | None] = {}

    def judge(self, letter: Outgoing) -> Brief | Fate:
        """Return what *letter* is to tell, or what becomes of it instead.

        News that quiet hours meet on its way, after a mail server was down, waits for their end.
        """
        verdict = self._judge(letter)
        if isinstance(verdict, Fate | RequestBrief):
            return verdict
        until = hours.waiting_until(self._now, letter.subscriber, self._zone)
        if until <= self._now:
            return verdict
        told = self._dispatches.get(letter.decision.dispatch or 0)
        began = letter.created_at if told is None else told.due_at
        expires_at = until + ((letter.decision.expires_at if told is None else told.expires_at) - began)
        state = letter.state if letter.state == UNCERTAIN else PENDING
        return Fate(letter.key, state, "the reader's quiet hours", until, expires_at=expires_at)

    def _judge(self, letter: Outgoing) -> Brief | Fate:
        kind = letter.decision.kind
        if letter.decision.expires_at <= self._now:
            return self._stop(letter, "not sent in time", EXPIRED)
        if letter.subscriber.suppressed:
            return self._stop(letter, "the address is suppressed", SUPPRESSED)
        if kind == DIGEST_LETTER:
            return self._judge_digest(letter)
        if kind == HOOK_LETTER:
            return self._judge_hook(letter)
        dispatch = self._dispatches.get(letter.decision.dispatch or 0)
        if dispatch is None:
            return self._judge_request(letter)
        if hours.is_paused(self._now, letter.subscriber):
            return self._stop(letter, "the reader has paused")
        follows = self._follows(letter, dispatch)
        if not follows:
            return self._stop(letter, "the reader has left")
        if kind in _AFTERWARDS:
            return self._judge_afterwards(letter, dispatch, follows)
        return self._judge_story(letter, dispatch, follows)

    # -- news ----------------------------------------------------------------------------------

    def _judge_story(
        self, letter: Outgoing, dispatch: Dispatch, follows: tuple[Reason, ...]
    ) -> StoryBrief | Fate:
        shown = self._shown(dispatch)
        if shown is None:
            return self._stop(letter, "the story is not on show")
        follows = tuple(one for one in follows if one.target.key in shown.met)
        if not follows:
            return self._stop(letter, "the story is no longer linked to the share")
        version, is_update = shown.version, dispatch.kind == UPDATE_LETTER
        if is_update and version.key != dispatch.version and version.action != CORRECTION:
            return self._stop(letter, "a newer version has taken its place")
        return StoryBrief(version, shown.shares, follows, is_update=is_update)

    def _judge_digest(self, letter: Outgoing) -> DigestBrief | Fate:
        """Keep what can still be told; of several letters on one lineage, the newest."""
        kept: dict[int, tuple[Outgoing, StoryBrief]] = {}
        for item in self._carried.get(letter.key, ()):
            verdict = self._judge(item)
            if isinstance(verdict, Fate):
                self.also.append(verdict)
            elif isinstance(verdict, StoryBrief):
                if (former := kept.pop(verdict.version.lineage, None)) is not None:
                    self.also.append(self._stop(former[0], "a newer version has taken its place"))
                kept[verdict.version.lineage] = (item, verdict)
        if not kept:
            return self._stop(letter, "nothing is left to tell")
        return DigestBrief(tuple(brief for _, brief in kept.values()))

    # -- what comes after news -----------------------------------------------------------------

    def _judge_afterwards(
        self, letter: Outgoing, dispatch: Dispatch, follows: tuple[Reason, ...]
    ) -> Brief | Fate:
        state, told_at = self._reach.of(dispatch.story, letter.decision.subscriber)
        if state == INTENT:
            return Fate(letter.key, PENDING, "the alert is on its way", self._now + _LOOK_LATER)
        if dispatch.kind == KILL_LETTER:
            return self._judge_kill(letter, dispatch, follows, state, told_at)
        shown = self._shown(dispatch)
        if shown is None:
            return self._stop(letter, "the story is not on show")
        if dispatch.kind == RETRACTION_LETTER:
            return self._judge_retraction(letter, shown, follows, state, told_at)
        if state not in _REACHED:
            return self._stop(letter, "the reader gets the corrected story as the alert")
        correction = self._newest_correction(shown.version)
        if correction is None or correction.key != dispatch.version:
            return self._stop(letter, "a newer correction has taken its place")
        return StoryBrief(shown.version, shown.shares, follows, correction.correction or "", told_at)

    def _judge_kill(
        self,
        letter: Outgoing,
        dispatch: Dispatch,
        follows: tuple[Reason, ...],
        state: str,
        told_at: datetime | None,
    ) -> Brief | Fate:
        standing = self._tx.newsstand.standing(dispatch.story)
        if standing is None or standing.state != KILLED:
            return self._stop(letter, "the story was not withdrawn")
        if state not in _REACHED:
            return self._stop(letter, "the reader was never told of the story")
        return KillBrief(
            dispatch.story, dispatch.lineage, standing.slug, standing.provider, standing.at, standing.notice, follows,
            told_at,
        )  # fmt: skip

    def _judge_retraction(
        self,
        letter: Outgoing,
        shown: _OnShow,
        follows: tuple[Reason, ...],
        state: str,
        told_at: datetime | None,
    ) -> Brief | Fate:
        if state not in _REACHED:
            return self._stop(letter, "the reader was never told of the story")
        if any(one.target.key in shown.met for one in follows):
            return self._stop(letter, "the story is linked to the share again")
        version = shown.version
        return KillBrief(
            version.story, version.lineage, version.slug, version.provider, version.at, None, follows, told_at,
            is_retraction=True,
        )  # fmt: skip

    # -- requests ------------------------------------------------------------------------------

    def _judge_request(self, letter: Outgoing) -> Brief | Fate:
        found = self._tx.subscriptions.get(letter.decision.subscription or 0)
        asked = None if found is None else self._tx.subscriptions.last_request(found.key)
        if found is None or asked is None or found.ended_at is not None:
            return self._stop(letter, "the request has lapsed or was taken back")
        if letter.decision.kind == CONFIRMATION:
            if found.confirmed_at is not None:
                return self._stop(letter, "the request is confirmed already")
            if self._now >= found.created_at + self._confirm_life:
                return self._stop(letter, "the request has lapsed", EXPIRED)
        elif found.confirmed_at is None:
            return self._stop(letter, "the subscription is not confirmed")
        return RequestBrief(found, asked)

    def _judge_hook(self, letter: Outgoing) -> HookBrief | Fate:
        hook = next(
            (one for key in letter.decision.reasons if (one := self._tx.subscriptions.by_key(int(key)))), None
        )
        if hook is None or hook.paused_until is None or hook.failing_since is None:
            return self._stop(letter, "the webhook is posted to again, or gone")
        if not any(one.is_active for one in self._tx.subscriptions.of_subscriber(letter.decision.subscriber)):
            return self._stop(letter, "the reader has left")
        return HookBrief(hook.address, hook.failing_since)

    # -- what is looked up once ----------------------------------------------------------------

    def _follows(self, letter: Outgoing, dispatch: Dispatch) -> tuple[Reason, ...]:
        """Return the reasons of *letter* that the reader still follows."""
        active = self._following.get(letter.decision.subscriber, ())
        if len(self._dispatches) == 1:
            return active
        return tuple(one for one in active if one.target.key in dispatch.targets)

    def _shown(self, dispatch: Dispatch) -> _OnShow | None:
        if dispatch.key not in self._on_show:
            version = self._tx.newsstand.version(dispatch.story)
            if version is None:
                self._on_show[dispatch.key] = None
            else:
                mentions = self._tx.mentions.of_version(version.key)
                shares = tuple(ShareRef(one.isin, one.name, one.ticker) for one in mentions)
                targets = [self._targets[one] for one in dispatch.targets if one in self._targets]
                is_same = version.key == dispatch.version
                met = self._meeting.still(targets, version, mentions, self._tx, is_same=is_same)
                self._on_show[dispatch.key] = _OnShow(version, shares, met)
        return self._on_show[dispatch.key]

    def _newest_correction(self, version: Version) -> Version | None:
        for line in self._tx.newsstand.chain(version.lineage):
            if line.story == version.story and line.action == CORRECTION:
                return self._tx.newsstand.version(line.story, line.number)
        return None

    def _stop(self, letter: Outgoing, reason: str, state: str = DROPPED) -> Fate:
        """Stop *letter*; one that may have arrived already stays uncertain and is not sent again."""
        if letter.state == UNCERTAIN:
            return Fate(letter.key, UNCERTAIN, f"not sent again: {reason}")
        return Fate(letter.key, state, reason)
