"""The typesetter: what is the same for all readers of a letter, rendered once, with gaps for what is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import formataddr, parseaddr
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from depesche.alerts.letters.brief import HookBrief, KillBrief, RequestBrief, StoryBrief
from depesche.alerts.letters.excerpt import excerpt, wrap
from depesche.alerts.letters.words import about, at, reasons, say, words
from depesche.alerts.links import Links
from depesche.lib.clock import Clock
from depesche.lib.mailing.mail import Frozen, Template, slot, standard_headers
from depesche.model import paths
from depesche.model.rights import cut, shown
from depesche.model.story import ShareRef, Version
from depesche.model.subscription import CONFIRMATION
from depesche.model.wire import Rights

_LONGEST_SUBJECT = 160
_TEASER = 280


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


class Typesetter:
    """Sets letters in one language each; *rights* gives a wire's display rights by its name, *confirm_life* is how long a request may be confirmed."""

    def __init__(
        self,
        letterhead: Letterhead,
        links: Links,
        clock: Clock,
        rights: Callable[[str], Rights],
        confirm_life: timedelta,
    ) -> None:
        self._head = letterhead
        self._links = links
        self._clock = clock
        self._rights = rights
        self.confirm_life = confirm_life
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._templates.filters["wrap"] = wrap

    def story(self, brief: StoryBrief, language: str) -> Frozen:
        """Set an alert, an update or a correction."""
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

    def digest(self, items: Sequence[StoryBrief], count: int, language: str) -> Frozen:
        """Set a letter with several stories, of *count* that there are; the subject says the first."""
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
            "reason": reason_slot(number),
            "notice": may.notice,
            "sponsored": rights.sponsored,
        }

    def kill(self, brief: KillBrief, language: str) -> Frozen:
        """Set what says that a story, or its link to a share, was withdrawn."""
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

    def request(self, kind: str, brief: RequestBrief, language: str) -> Frozen:
        """Set the answer to a request."""
        zone = self._head.zone
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

    def hook(self, brief: HookBrief, language: str) -> Frozen:
        """Tell a reader that a webhook was stopped."""
        since = at(brief.since, language, self._head.zone)
        values = {
            "subject": words(language)["hook_subject"],
            "title": words(language)["hook_title"],
            "reason": words(language)["hook_reason"],
            "url": brief.url,
            "how": say(language, "hook_how", since=since),
            "button_label": words(language)["hook_button"],
        }
        return self._freeze("hook", values, language, "0:webhook:0:depesche")

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

    def _share(self, share: ShareRef, language: str) -> str:
        return self._links.page(paths.share(share.isin), language)


def reason_slot(number: int) -> str:
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
