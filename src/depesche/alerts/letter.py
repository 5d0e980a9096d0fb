"""Letters: rendered once per story, kind and language, joined per reader."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime, formataddr, parseaddr
from operator import is_
from pathlib import Path
from textwrap import TextWrapper
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from depesche.alerts import naming
from depesche.alerts.brief import Brief, DigestBrief, HookBrief, KillBrief, RequestBrief, StoryBrief
from depesche.alerts.links import EVERYTHING, Links
from depesche.alerts.words import about, at, reasons, say, words
from depesche.lib.clock import Clock
from depesche.lib.mail import Frozen, Template, slot, standard_headers
from depesche.model import paths
from depesche.model.rights import cut, shown
from depesche.model.story import ShareRef, Version
from depesche.model.subscription import CONFIRMATION, Outgoing, Reason, Target
from depesche.model.wire import Rights

_WIDTH = 72
_LONGEST_SUBJECT = 160
_EXCERPT = 900  # characters: enough to know what happened, short enough for a phone
_TEASER = 280
_LONGEST_DIGEST = 40  # stories
_KEPT = 128
_WRAP = TextWrapper(_WIDTH, break_long_words=False, break_on_hyphens=False)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes: the portal's name, who runs it, the sender's address, and the zone of the times told.

    `mail_from` is a bare address, or a name and an address in angle brackets.
    """

    title: str
    operator: str
    mail_from: str
    zone: ZoneInfo

    @property
    def sender(self) -> str:
        """The From header: the name in `mail_from`, else the title, with the address."""
        name, address = parseaddr(self.mail_from)
        return formataddr((name or self.title, address))

    @property
    def domain(self) -> str:
        """The domain of the sender's address."""
        return parseaddr(self.mail_from)[1].rpartition("@")[2]


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
        self._head = letterhead
        self._links = links
        self.ids = ids
        self._clock = clock
        self._rights = rights
        self.confirm_life = confirm_life
        self._kept: OrderedDict[Hashable, Frozen] = OrderedDict()
        self._last: dict[str, tuple[tuple[object, ...], Frozen]] = {}
        self._reasons: dict[tuple[str, str, tuple[Target, ...]], str] = {}
        self._dated: tuple[int, str] = (0, "")
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._templates.filters["wrap"] = wrap

    def compose(self, letter: Outgoing, brief: Brief) -> bytes:
        """Return *letter* as it is handed over.

        Raises:
            ValueError: a value would break out of its header.
        """
        language = self._links.known(letter.subscriber.language)
        if isinstance(brief, RequestBrief):
            return self._request(letter, brief, language).join(
                self._values(letter, (Reason(brief.subscription.key, brief.subscription.target),))
            )
        if isinstance(brief, HookBrief):
            return self._hook(letter, brief, language)
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
                language, "in_reply", when=at(brief.told_at, language, self._head.zone)
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
        frozen = self._keep(key, lambda: self._freeze_digest(items, len(brief.items), language))
        values = self._values(letter, brief.follows)
        values["reason"] = self._reason("alert_reason", brief.follows, language)
        for number, one in enumerate(items):
            values[_reason_slot(number)] = self._reason("alert_reason", one.follows, language)
        return frozen.join(values)

    def _freeze_digest(self, items: Sequence[StoryBrief], count: int, language: str) -> Frozen:
        lines = [self._line(one, number, language) for number, one in enumerate(items)]
        first = str(items[0].version.headline)
        more = say(language, "digest_more", headline=cut(first, _LONGEST_SUBJECT), n=str(count - 1))
        values = {
            "subject": cut(first, _LONGEST_SUBJECT) if count == 1 else more,
            "intro": say(language, "digest_one" if count == 1 else "digest_intro", n=str(count)),
            "items": lines,
            "more": say(language, "digest_left", n=str(count - len(items))) if count > len(items) else "",
        }
        story = items[0].version
        return self._freeze("digest", values, language, f"{story.story}:digest:{story.lineage}:depesche")

    def _line(self, brief: StoryBrief, number: int, language: str) -> dict[str, object]:
        version, rights = brief.version, self._rights(brief.version.wire)
        may = shown(version, rights)
        said = excerpt(may.teaser or (may.body_text if may.is_whole else "") or "", _TEASER)
        return {
            "version": version,
            "label": _label(version),
            "when": at(version.at, language, self._head.zone),
            "teaser": said[0] if said else "",
            "link": self._links.page(paths.story(version.story, version.slug), language),
            "reason": _reason_slot(number),
            "notice": may.notice,
            "sponsored": rights.sponsored,
        }

    def _story(self, brief: StoryBrief, language: str) -> Frozen:
        version, rights = brief.version, self._rights(brief.version.wire)
        told = (version, brief.shares, brief.correction, rights)
        last = self._last.get(language)
        if last is not None and all(map(is_, told, last[0])):
            return last[1]  # the letter before was on the same story, as mostly
        key = ("story", language, version.key, version.slug, *told[1:])
        frozen = self._keep(key, lambda: self._freeze_story(brief, language))
        self._last[language] = told, frozen
        return frozen

    def _freeze_story(self, brief: StoryBrief, language: str) -> Frozen:
        version, rights = brief.version, self._rights(brief.version.wire)
        may = shown(version, rights)
        body = excerpt(may.body_text if may.is_whole else may.teaser or "")
        is_correction = brief.correction is not None
        label = "" if is_correction else _label(version)  # a correction's own label would say it twice
        subject = cut(f"{label}: {version.headline}" if label else version.headline, _LONGEST_SUBJECT)
        if is_correction:
            subject = say(language, "correction_subject", headline=subject)
        values = {
            "subject": subject,
            "version": replace(version, copyright=may.copyright),
            "label": label,
            "when": at(version.at, language, self._head.zone),
            "body": body,
            "correction": brief.correction or (words(language)["correction_plain"] if is_correction else ""),
            "is_correction": is_correction,
            "shares": [(one.name, self._share(one, language)) for one in brief.shares],
            "link": self._links.page(paths.story(version.story, version.slug), language),
            "source": None if may.is_whole else _web(may.canonical_url),
            "notice": may.notice,
            "sponsored": rights.sponsored,
        }
        feedback = f"{version.story}:{'correction' if is_correction else 'alert'}:{version.lineage}:depesche"
        return self._freeze("story", values, language, feedback, follows_up=is_correction)

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
        return self._keep(key, lambda: self._freeze_kill(brief, language))

    def _freeze_kill(self, brief: KillBrief, language: str) -> Frozen:
        when = at(brief.at, language, self._head.zone)
        kind = "retraction" if brief.is_retraction else "kill"
        values = {
            "subject": say(language, f"{kind}_subject", provider=brief.provider),
            "title": words(language)[f"{kind}_title"],
            "message": say(language, f"{kind}_body", provider=brief.provider, when=when),
            "link_label": words(language)["read_story" if brief.is_retraction else "kill_link"],
            "notice": brief.notice,
            "link": self._links.page(paths.story(brief.story, brief.slug), language),
        }
        return self._freeze(
            "kill", values, language, f"{brief.story}:{kind}:{brief.lineage}:depesche", follows_up=True
        )

    def _request(self, letter: Outgoing, brief: RequestBrief, language: str) -> Frozen:
        """Render the answer to a request; each is another, so none is kept."""
        kind, zone = letter.decision.kind, self._head.zone
        wanted, asked = brief.subscription, brief.consent
        prefix = "follow" if kind == CONFIRMATION else "manage"
        topic = about(wanted.target, language)
        followed = wanted.name if wanted.isin else reasons([wanted.target], language)
        circumstances = say(language, "follow_when", when=at(asked.at, language, zone))
        if asked.ip:
            circumstances += " " + say(language, "follow_from", ip=asked.ip)
        values = {
            "subject": cut(
                say(language, f"{prefix}_subject", about=topic, followed=followed), _LONGEST_SUBJECT
            ),
            "title": say(language, f"{prefix}_title", about=topic, followed=followed),
            "reason": say(
                language, f"{prefix}_reason", about=f"{topic} ({wanted.isin})" if wanted.isin else topic
            ),
            "circumstances": circumstances + ".",
            "form_text": asked.form_text or "",
            "how": say(
                language, f"{prefix}_how", until=at(wanted.created_at + self.confirm_life, language, zone)
            ),
            "button_label": words(language)[f"{prefix}_button"],
            "link": self._links.confirm(wanted.key, language)
            if kind == CONFIRMATION
            else self._link("manage", language),
            "is_confirmation": kind == CONFIRMATION,
        }
        return self._freeze("request", values, language, f"0:{kind}:0:depesche")

    def _hook(self, letter: Outgoing, brief: HookBrief, language: str) -> bytes:
        """Tell a reader that a webhook was stopped; to leave is to leave everything, since nothing followed brought this about."""
        since = at(brief.since, language, self._head.zone)
        values = {
            "subject": words(language)["hook_subject"],
            "title": words(language)["hook_title"],
            "reason": words(language)["hook_reason"],
            "url": brief.url,
            "how": say(language, "hook_how", since=since),
            "button_label": words(language)["hook_button"],
        }
        values_own = self._values(letter, ())
        values_own["leave"] = self._links.leave_token(letter.subscriber.key, [EVERYTHING])
        return self._freeze("hook", values, language, "0:webhook:0:depesche").join(values_own)

    def _freeze(
        self,
        name: str,
        values: Mapping[str, object],
        language: str,
        feedback: str,
        *,
        follows_up: bool = False,
    ) -> Frozen:
        context = {
            "say": words(language), "language": language, "slot": slot, "head": self._head,
            "leave": self._link("leave", language), "manage": self._link("manage", language),
            "imprint": self._links.page(paths.IMPRINT, language), "privacy": self._links.page(paths.PRIVACY, language),
            **values,
        }  # fmt: skip
        headers = standard_headers(
            sender=self._head.sender, to=slot("to"), date=self._clock.now(), message_id=f"<{slot('message_id')}>",
            list_id=f"alerts.{self._head.domain}", feedback_id=feedback,
        )  # fmt: skip
        headers["Date"] = slot("date")  # a letter may go long after the first of its kind was rendered
        headers["List-Unsubscribe"] = f"<{self._link('leave', language)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        headers["Content-Language"] = language
        if follows_up:
            headers["In-Reply-To"] = headers["References"] = slot("alert")
        text = self._templates.get_template(f"{name}.txt").render(context)
        html = self._templates.get_template(f"{name}.html").render(context)
        return Template(str(values["subject"]), text, html, headers).freeze()

    def _link(self, name: str, language: str) -> str:
        """Return a link of which only the token differs between readers."""
        return self._links.with_token(paths.LEAVE if name == "leave" else paths.MANAGE, slot(name), language)

    def _keep(self, key: Hashable, make: Callable[[], Frozen]) -> Frozen:
        frozen = self._kept.get(key)
        if frozen is None:
            frozen = self._kept[key] = make()
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return frozen

    def _share(self, share: ShareRef, language: str) -> str:
        return self._links.page(paths.share(share.isin), language)


def _reason_of(brief: StoryBrief) -> str:
    if brief.correction is not None:
        return "correction_reason"
    return "update_reason" if brief.is_update else "alert_reason"


def _reason_slot(number: int) -> str:
    """Name the slot for the reader's reasons for a digest's story; slots have letters only."""
    return f"reason_{chr(97 + number // 26)}{chr(97 + number % 26)}"


def _label(version: Version) -> str:
    """Write the series as it stands over a headline."""
    if version.series is None:
        return ""
    number = f" {version.series.number}" if version.series.number else ""
    topic = f" · {version.series.topic}" if version.series.topic else ""
    return f"{version.series.kind}{number}{topic}"


def _web(url: str | None) -> str | None:
    """Return *url* where a letter may link to it."""
    return url if url and url.startswith(("https://", "http://")) else None


def excerpt(text: str, length: int = _EXCERPT) -> list[str]:
    """Return the first paragraphs of *text*, at most *length* characters; a first one that is longer is cut at a word."""
    kept: list[str] = []
    left = length
    for paragraph in (" ".join(one.split()) for one in text.splitlines()):
        if not paragraph:
            continue
        if len(paragraph) > left:
            return kept or [cut(paragraph, length)]
        kept.append(paragraph)
        left -= len(paragraph)
    return kept


def wrap(text: str) -> str:
    """Break *text* into lines of at most 72 characters between words; addresses stay whole."""
    return "\n".join(_WRAP.fill(line) for line in text.splitlines())
