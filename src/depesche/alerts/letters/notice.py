"""What pushes and webhooks say: rendered once per story and language, completed per reader."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from depesche.alerts.letters.brief import Brief, DigestBrief, KillBrief, StoryBrief
from depesche.alerts.letters.letter import excerpt
from depesche.alerts.letters.words import at, reasons, say
from depesche.alerts.links import Links
from depesche.alerts.naming import MessageIds
from depesche.lib.clock import Clock, rfc3339
from depesche.lib.web.webpush import LONGEST
from depesche.model import paths
from depesche.model.rights import Shown, cut, shown
from depesche.model.story import ShareRef, Version
from depesche.model.subscription import (
    ALERT,
    CORRECTION_LETTER,
    DIGEST_LETTER,
    KILL_LETTER,
    RETRACTION_LETTER,
    UPDATE_LETTER,
    Outgoing,
    Reason,
)
from depesche.model.wire import Rights

_TITLE, _TEASER, _REASON = 160, 240, 200  # characters; a phone shows fewer
_LONGEST_DIGEST = 5  # headlines of a notice
_KEPT = 128

Facts = dict[str, Any]


class _Writer(ABC):
    """What both kinds of notices need; *rights* gives a wire's display rights by its name, asked at the moment of sending."""

    def __init__(
        self,
        links: Links,
        ids: MessageIds,
        clock: Clock,
        rights: Callable[[str], Rights],
        zone: ZoneInfo,
        confirm_life: timedelta = timedelta(hours=48),
    ) -> None:
        self.ids = ids
        self.confirm_life = confirm_life
        self._links = links
        self._clock = clock
        self._rights = rights
        self._zone = zone
        self._kept: OrderedDict[Hashable, Facts] = OrderedDict()

    def _keep(self, key: Hashable, make: Callable[[], Facts]) -> Facts:
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = make()
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    def _once(self, brief: StoryBrief | KillBrief, language: str) -> Facts:
        """Return what is the same for all who are told of *brief* in *language*."""
        if isinstance(brief, KillBrief):
            key: Hashable = (
                "kill", language, brief.story, brief.slug, brief.provider, brief.at, brief.notice, brief.is_retraction,
            )  # fmt: skip
            return self._keep(key, lambda: self._of_kill(brief, language))
        version = brief.version
        key = (
            "story", language, version.key, version.slug, brief.shares, brief.correction, brief.is_update,
            self._rights(version.wire),
        )  # fmt: skip
        return self._keep(key, lambda: self._of_story(brief, language))

    @abstractmethod
    def _of_story(self, brief: StoryBrief, language: str) -> Facts: ...

    @abstractmethod
    def _of_kill(self, brief: KillBrief, language: str) -> Facts: ...

    def _url(self, story: int, slug: str, language: str) -> str:
        return self._links.page(paths.story(story, slug), language)

    def _teaser(self, version: Version) -> tuple[Shown, str]:
        """Return what may be shown of a version, and the words that stand under its headline."""
        may = shown(version, self._rights(version.wire))
        first = excerpt(may.teaser or (may.body_text if may.is_whole else "") or "", _TEASER)
        return may, first[0] if first else ""

    def _own(self, letter: Outgoing, follows: Sequence[Reason], language: str) -> dict[str, str]:
        """Return the links that are one reader's own."""
        reader = letter.subscriber.key
        return {
            "manage": self._links.manage(reader, language),
            "leave": self._links.leave(reader, [one.key for one in follows], language),
        }


class PushWriter(_Writer):
    """Writes what a service worker shows: title, body, where a click leads, and which notice it takes the place of."""

    def compose(self, letter: Outgoing, brief: Brief) -> bytes:
        """Return a notice in JSON.

        Raises:
            ValueError: it answers a request, or is too long even without its body.
        """
        language = self._links.known(letter.subscriber.language)
        if isinstance(brief, DigestBrief):
            facts = self._digest(brief, language)
        elif isinstance(brief, StoryBrief | KillBrief):
            facts = self._once(brief, language)
        else:
            raise ValueError("browsers are not asked by push")  # noqa: TRY004
        why = say(language, "alert_reason", shares=reasons([one.target for one in brief.follows], language))
        own = self._own(letter, brief.follows, language)
        made = {
            **facts,
            "body": "\n".join(one for one in (facts["body"], cut(why, _REASON)) if one),
            "lang": language,
            **own,
            "words": {
                "manage": say(language, "push_manage"),
                "leave": say(language, "leave_short"),
                "left": say(language, "push_left"),
            },
        }
        data = msgspec.json.encode(made)
        return data if len(data) <= LONGEST else msgspec.json.encode({**made, "body": ""})

    def _of_story(self, brief: StoryBrief, language: str) -> Facts:
        version = brief.version
        headline = cut(_headline(version), _TITLE)
        _, teaser = self._teaser(version)
        is_correction = brief.correction is not None
        if is_correction:
            headline = say(language, "correction_subject", headline=headline)
            teaser = cut(brief.correction or say(language, "correction_plain"), _TEASER)
        return {
            "title": headline,
            "body": f"{version.provider}: {teaser}" if teaser else version.provider,
            "url": self._url(version.story, version.slug, language),
            "tag": _tag(version.lineage),
            "at": rfc3339(version.at),
            "again": is_correction or brief.is_update,
        }

    def _of_kill(self, brief: KillBrief, language: str) -> Facts:
        kind = "retraction" if brief.is_retraction else "kill"
        when = at(brief.at, language, self._zone)
        return {
            "title": say(language, f"{kind}_subject", provider=brief.provider),
            "body": say(language, f"{kind}_body", provider=brief.provider, when=when),
            "url": self._url(brief.story, brief.slug, language),
            "tag": _tag(brief.lineage),
            "at": rfc3339(brief.at),
            "again": True,
        }

    def _digest(self, brief: DigestBrief, language: str) -> Facts:
        versions = [one.version for one in brief.items]
        first, count = versions[0], len(versions)
        lines = [cut(_headline(one), _TITLE) for one in versions[:_LONGEST_DIGEST]]
        if count > len(lines):
            lines.append(say(language, "digest_left", n=str(count - len(lines))))
        return {
            "title": say(language, "digest_one" if count == 1 else "digest_intro", n=str(count)),
            "body": "\n".join(lines),
            "url": self._url(first.story, first.slug, language)
            if count == 1
            else self._links.page(paths.HOME, language),
            "tag": "digest",
            "at": rfc3339(first.at),
            "again": False,
        }


class HookWriter(_Writer):
    """Writes the JSON of webhooks, as docs/reference/webhook.schema.json has it."""

    def compose(self, letter: Outgoing, brief: Brief) -> bytes:
        """Return an event in JSON; a digest has several stories.

        Raises:
            ValueError: it answers a request.
        """
        language = self._links.known(letter.subscriber.language)
        if isinstance(brief, DigestBrief):
            stories = [self._told(one, language) for one in brief.items]
            event = DIGEST_LETTER
        elif isinstance(brief, StoryBrief | KillBrief):
            stories, event = [self._told(brief, language)], _event(brief)
        else:
            raise ValueError("webhooks are asked by a challenge")  # noqa: TRY004
        return _event_bytes(
            letter.decision.message_id,
            event,
            letter.created_at,
            stories,
            self._own(letter, brief.follows, language),
        )

    def _told(self, brief: StoryBrief | KillBrief, language: str) -> Facts:
        return {**self._once(brief, language), "reasons": [_reason(one) for one in brief.follows]}

    def _of_story(self, brief: StoryBrief, language: str) -> Facts:
        version = brief.version
        may, teaser = self._teaser(version)
        return {
            "id": version.story,
            "lineage": version.lineage,
            "version": version.number,
            "headline": version.headline,
            "series": _label(version) or None,
            "teaser": teaser or None,
            "url": self._url(version.story, version.slug, language),
            "provider": version.provider,
            "language": version.language,
            "published_at": rfc3339(version.first_created),
            "updated_at": rfc3339(version.at),
            "shares": [self._share(one, language) for one in brief.shares],
            "correction": brief.correction,
            "notice": may.notice,
            "copyright": may.copyright,
        }

    def _of_kill(self, brief: KillBrief, language: str) -> Facts:
        return {
            "id": brief.story,
            "lineage": brief.lineage,
            "url": self._url(brief.story, brief.slug, language),
            "provider": brief.provider,
            "updated_at": rfc3339(brief.at),
            "notice": brief.notice,
        }

    def _share(self, one: ShareRef, language: str) -> Facts:
        url = self._links.page(paths.share(one.isin), language)
        return {"isin": one.isin, "name": one.name, "ticker": one.ticker, "url": url}


def _event_bytes(
    identifier: str, event: str, decided_at: datetime, stories: Sequence[Facts], own: Mapping[str, str]
) -> bytes:
    told: Facts = {"id": identifier, "event": event, "decided_at": rfc3339(decided_at)}
    told |= {"stories": stories} if event == DIGEST_LETTER else {"story": stories[0]}
    return msgspec.json.encode({**told, **own})


def _event(brief: StoryBrief | KillBrief) -> str:
    if isinstance(brief, KillBrief):
        return RETRACTION_LETTER if brief.is_retraction else KILL_LETTER
    if brief.correction is not None:
        return CORRECTION_LETTER
    return UPDATE_LETTER if brief.is_update else ALERT


def _reason(one: Reason) -> Facts:
    return {"kind": one.target.kind, "value": one.target.value, "name": one.target.name}


def _tag(lineage: int) -> str:
    return f"story-{lineage}"


def _label(version: Version) -> str:
    if version.series is None:
        return ""
    return f"{version.series.kind} {version.series.number}" if version.series.number else version.series.kind


def _headline(version: Version) -> str:
    label = _label(version)
    return f"{label}: {version.headline}" if label else version.headline
