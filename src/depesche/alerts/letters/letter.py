"""Letters: set once per story, kind and language, joined per reader."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from operator import is_

from depesche.alerts import naming
from depesche.alerts.letters.brief import Brief, DigestBrief, HookBrief, KillBrief, RequestBrief, StoryBrief
from depesche.alerts.letters.excerpt import excerpt as excerpt
from depesche.alerts.letters.excerpt import wrap as wrap
from depesche.alerts.letters.typeset import Letterhead as Letterhead
from depesche.alerts.letters.typeset import Typesetter, reason_slot
from depesche.alerts.letters.words import at, reasons, say
from depesche.alerts.links import EVERYTHING, Links
from depesche.lib.clock import Clock
from depesche.lib.mailing.mail import Frozen
from depesche.model.subscription import Outgoing, Reason, Target
from depesche.model.wire import Rights

_LONGEST_DIGEST = 40  # stories
_KEPT = 128


class Composer:
    """Makes the bytes of letters; *rights* gives a wire's display rights by its name, asked at the moment of sending."""

    def __init__(
        self,
        letterhead: Letterhead,
        links: Links,
        ids: naming.MessageIds,
        clock: Clock,
        rights: Callable[[str], Rights],
        confirm_life: timedelta = timedelta(hours=48),
    ) -> None:
        self._zone = letterhead.zone
        self._set = Typesetter(letterhead, links, clock, rights, confirm_life)
        self._links = links
        self.ids = ids
        self._clock = clock
        self._rights = rights
        self.confirm_life = confirm_life
        self._kept: OrderedDict[Hashable, Frozen] = OrderedDict()
        self._last: dict[str, tuple[tuple[object, ...], Frozen]] = {}
        self._reasons: dict[tuple[str, str, tuple[Target, ...]], str] = {}
        self._dated: tuple[int, str] = (0, "")

    def compose(self, letter: Outgoing, brief: Brief) -> bytes:
        """Return *letter* as it is handed over.

        Raises:
            ValueError: a value would break out of its header.
        """
        language = self._links.known(letter.subscriber.language)
        if isinstance(brief, RequestBrief):
            asked = (Reason(brief.subscription.key, brief.subscription.target),)
            frozen = self._set.request(letter.decision.kind, brief, language)  # each is another: none is kept
            return frozen.join(self._values(letter, asked))
        if isinstance(brief, HookBrief):
            # Nothing followed brought this about: to leave is to leave everything.
            leave = {"leave": self._links.leave_token(letter.subscriber.key, [EVERYTHING])}
            return self._set.hook(brief, language).join(self._values(letter, ()) | leave)
        if isinstance(brief, DigestBrief):
            return self._digest(letter, brief, language)
        if isinstance(brief, KillBrief):
            frozen = self._kill(brief, language)
            reason = "retraction_reason" if brief.is_retraction else "kill_reason"
        else:
            frozen, reason = self._story(brief, language), _reason_of(brief)
        values = self._values(letter, brief.follows)
        values["reason"] = self._reason(reason, brief.follows, language)
        if "told" in frozen.slots:
            lineage = brief.lineage if isinstance(brief, KillBrief) else brief.version.lineage
            values["told"] = "" if brief.told_at is None else say(
                language, "in_reply", when=at(brief.told_at, language, self._zone)
            )  # fmt: skip
            values["alert"] = self.ids.of(naming.alert(letter.decision.subscriber, lineage))
        return frozen.join(values)

    def _values(self, letter: Outgoing, follows: Sequence[Reason]) -> dict[str, str]:
        """Return what differs between readers; both leave addresses carry the same token."""
        subscriber = letter.subscriber
        return {
            "to": subscriber.address,
            "message_id": letter.decision.message_id[1:-1],
            "date": self._date(self._clock.now()),
            "leave": self._links.leave_token(subscriber.key, [one.key for one in follows]),
            "manage": self._links.manage_token(subscriber.key),
        }

    def _date(self, now: datetime) -> str:
        """Write *now* for the Date header; anew each second only."""
        second = int(now.timestamp())
        if second != self._dated[0]:
            self._dated = second, format_datetime(now.replace(microsecond=0))
        return self._dated[1]

    def _reason(self, key: str, follows: Sequence[Reason], language: str) -> str:
        targets = tuple(one.target for one in follows)
        known = self._reasons.get((key, language, targets))
        if known is None:
            if len(self._reasons) > 10_000:
                self._reasons.clear()
            known = wrap(say(language, key, shares=reasons(targets, language)))
            self._reasons[key, language, targets] = known
        return known

    def _digest(self, letter: Outgoing, brief: DigestBrief, language: str) -> bytes:
        """Write several stories into one letter; the subject says the first, and how many more there are."""
        items = brief.items[:_LONGEST_DIGEST]
        key = (
            "digest",
            language,
            len(brief.items),
            *((one.version.key, self._rights(one.version.wire)) for one in items),
        )
        frozen = self._keep(key, lambda: self._set.digest(items, len(brief.items), language))
        values = self._values(letter, brief.follows)
        values["reason"] = self._reason("alert_reason", brief.follows, language)
        for number, one in enumerate(items):
            values[reason_slot(number)] = self._reason("alert_reason", one.follows, language)
        return frozen.join(values)

    def _story(self, brief: StoryBrief, language: str) -> Frozen:
        version, rights = brief.version, self._rights(brief.version.wire)
        told = (version, brief.shares, brief.correction, rights)
        last = self._last.get(language)
        if last is not None and all(map(is_, told, last[0])):
            return last[1]  # the letter before was on the same story, as mostly
        key = ("story", language, version.key, version.slug, *told[1:])
        frozen = self._keep(key, lambda: self._set.story(brief, language))
        self._last[language] = told, frozen
        return frozen

    def _kill(self, brief: KillBrief, language: str) -> Frozen:
        key = (
            "kill",
            language,
            brief.story,
            brief.slug,
            brief.provider,
            brief.at,
            brief.notice,
            brief.is_retraction,
        )
        return self._keep(key, lambda: self._set.kill(brief, language))

    def _keep(self, key: Hashable, make: Callable[[], Frozen]) -> Frozen:
        frozen = self._kept.get(key)
        if frozen is None:
            frozen = self._kept[key] = make()
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return frozen


def _reason_of(brief: StoryBrief) -> str:
    if brief.correction is not None:
        return "correction_reason"
    return "update_reason" if brief.is_update else "alert_reason"
