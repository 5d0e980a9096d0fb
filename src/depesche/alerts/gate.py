"""The last look at a letter before it leaves: may it still go, and what does it tell now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from depesche.alerts import naming
from depesche.alerts.brief import Brief, KillBrief, RequestBrief, StoryBrief
from depesche.model.story import CORRECTION, KILLED, ShareRef, Version
from depesche.model.subscription import (
    ALERT,
    CONFIRMATION,
    CORRECTION_LETTER,
    DROPPED,
    EXPIRED,
    INTENT,
    KILL_LETTER,
    SENT,
    UNCERTAIN,
    Outgoing,
    Subscription,
)
from depesche.store.database import Transaction
from depesche.store.outbox import Fate

_REACHED = (SENT, INTENT, UNCERTAIN)
_OnShow = tuple[Version, tuple[ShareRef, ...], frozenset[str]]


class Gate:
    """Judges the letters claimed in one transaction; reads each story, reader and earlier alert once."""

    def __init__(
        self, tx: Transaction, letters: Sequence[Outgoing], now: datetime, confirm_life: timedelta
    ) -> None:
        self._tx = tx
        self._now = now
        self._confirm_life = confirm_life
        self._following = tx.subscriptions.following([one.decision.subscriber for one in letters])
        self._former: dict[int, tuple[int, ...]] = {}
        afterwards = [one for one in letters if _is_afterwards(one)]
        self._earlier = tx.outbox.alerts([name for one in afterwards for name in self._alerts_of(one)])
        self._on_show: dict[int, _OnShow | None] = {}

    def judge(self, letter: Outgoing) -> Brief | Fate:
        """Return what *letter* is to tell, or what becomes of it instead."""
        if letter.decision.expires_at <= self._now:
            return self._stop(letter, "not sent in time", EXPIRED)
        if letter.subscriber.suppressed:
            return self._stop(letter, "the address is suppressed")
        kind = letter.decision.kind
        if kind in (ALERT, CORRECTION_LETTER, KILL_LETTER):
            follows = self._follows(letter)
            if not follows:
                return self._stop(letter, "the reader has left")
            if kind == KILL_LETTER:
                return self._judge_kill(letter, follows)
            return self._judge_story(letter, follows)
        return self._judge_request(letter)

    def _judge_story(self, letter: Outgoing, follows: tuple[Subscription, ...]) -> Brief | Fate:
        shown = self._shown(letter.decision.story or 0)
        if shown is None:
            return self._stop(letter, "the story is not on show")
        version, shares, isins = shown
        follows = tuple(one for one in follows if one.isin in isins)
        if letter.decision.kind == ALERT:
            if not follows:
                return self._stop(letter, "the story is no longer linked to the share")
            return StoryBrief(version, shares, follows)
        state, told_at = self._told(letter)
        if state not in _REACHED:
            return self._stop(letter, "the reader gets the corrected story as the alert")
        correction = self._newest_correction(version)
        if correction is None or correction.key != letter.decision.version:
            return self._stop(letter, "a newer correction has taken its place")
        return StoryBrief(version, shares, self._follows(letter), correction.correction or "", told_at)

    def _judge_kill(self, letter: Outgoing, follows: tuple[Subscription, ...]) -> Brief | Fate:
        story = letter.decision.story or 0
        standing = self._tx.newsstand.standing(story)
        if standing is None or standing.state != KILLED:
            return self._stop(letter, "the story was not withdrawn")
        state, told_at = self._told(letter)
        if state not in _REACHED:
            return self._stop(letter, "the reader was never told of the story")
        return KillBrief(
            story, letter.decision.lineage or 0, standing.slug, standing.provider, standing.at, standing.notice,
            follows, told_at,
        )  # fmt: skip

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

    def _told(self, letter: Outgoing) -> tuple[str, datetime | None]:
        """Return what became of the alert before *letter*, under whichever lineage it was decided, and when it was sent."""
        found = [self._earlier[name] for name in self._alerts_of(letter) if name in self._earlier]
        return next((one for one in found if one[0] in _REACHED), found[0] if found else ("", None))

    def _alerts_of(self, letter: Outgoing) -> list[str]:
        """Return the names of the alert that *letter* may follow: on its lineage, and on those that became parts of it."""
        lineage = letter.decision.lineage or 0
        if lineage not in self._former:
            self._former[lineage] = self._tx.kin.former(lineage)
        subscriber = letter.decision.subscriber
        return [naming.alert(subscriber, one) for one in (lineage, *self._former[lineage])]

    def _follows(self, letter: Outgoing) -> tuple[Subscription, ...]:
        """Return the reasons of *letter* that the reader still follows."""
        following = self._following.get(letter.decision.subscriber, {})
        active = {one.isin: one for one in following.values()}
        return tuple(active[isin] for isin in letter.decision.reasons if isin in active)

    def _shown(self, story: int) -> _OnShow | None:
        if story not in self._on_show:
            version = self._tx.newsstand.version(story)
            if version is None:
                self._on_show[story] = None
            else:
                mentions = self._tx.mentions.of_version(version.key)
                shares = tuple(ShareRef(one.isin, one.name, one.ticker) for one in mentions)
                self._on_show[story] = (version, shares, frozenset(one.isin for one in mentions))
        return self._on_show[story]

    def _newest_correction(self, version: Version) -> Version | None:
        for line in self._tx.newsstand.chain(version.lineage):
            if line.story == version.story and line.action == CORRECTION:
                return self._tx.newsstand.version(version.story, line.number)
        return None

    def _stop(self, letter: Outgoing, reason: str, state: str = DROPPED) -> Fate:
        """Stop *letter*; one that may have arrived already stays uncertain and is not sent again."""
        if letter.state == UNCERTAIN:
            return Fate(letter.key, UNCERTAIN, f"not sent again: {reason}")
        return Fate(letter.key, state, reason)


def _is_afterwards(letter: Outgoing) -> bool:
    return letter.decision.kind in (CORRECTION_LETTER, KILL_LETTER)
