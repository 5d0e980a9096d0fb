"""Show editors the letters that a story makes, as they would leave now, without sending any."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from html import escape
from pathlib import Path

from depesche.alerts.letters.brief import Brief, DigestBrief, HookBrief, KillBrief, RequestBrief, StoryBrief
from depesche.alerts.letters.words import LANGUAGES
from depesche.model.errors import SettingsError
from depesche.model.story import ShareRef, Version
from depesche.model.subscription import (
    ALERT,
    CONFIRMATION,
    CORRECTION_LETTER,
    DIGEST_LETTER,
    HOOK_LETTER,
    INTENT,
    KILL_LETTER,
    MANAGE_LETTER,
    PROVIDER,
    REQUESTED,
    RETRACTION_LETTER,
    UPDATE_LETTER,
    Consent,
    Decision,
    Outgoing,
    Reason,
    Subscriber,
    Subscription,
    Target,
)
from depesche.newsroom import Newsroom
from depesche.ops.commands import output
from depesche.ops.commands.trace import key_of
from depesche.portal.pages.following import consent
from depesche.portal.site import Site

KINDS = (
    ALERT, UPDATE_LETTER, CORRECTION_LETTER, KILL_LETTER, RETRACTION_LETTER, DIGEST_LETTER, CONFIRMATION, MANAGE_LETTER, HOOK_LETTER,
)  # fmt: skip
_READER = "reader@example.org"
_ASKED_FROM = "192.0.2.7"
_ALERTED = timedelta(minutes=20)  # before now: when the invented reader's alert went
_IN_DIGEST = 5


@dataclass(frozen=True, slots=True)
class _Subject:
    """The story that letters are shown of, and others for a digest; nobody follows it, so a reader is invented."""

    version: Version
    shares: tuple[ShareRef, ...]
    others: tuple[tuple[Version, tuple[ShareRef, ...]], ...]

    @property
    def targets(self) -> tuple[Target, ...]:
        """What the invented reader follows: every share, or else the provider."""
        shares = tuple(Target.share(one.isin, one.name) for one in self.shares)
        return shares or (Target(PROVIDER, self.version.provider, self.version.provider),)


def preview(
    room: Newsroom, story: str, kinds: Sequence[str], languages: Sequence[str], folder: Path, *, as_json: bool
) -> int:
    """Write the letters on *story* into *folder*: each as HTML, text and eml, and a page that shows all; returns 1 without a story.

    Their links are signed like real ones, for a reader that does not exist.

    Raises:
        SettingsError: a kind or language is none of ours, or the folder cannot be written.
    """
    for wanted, known, what in ((kinds, KINDS, "kind"), (languages, LANGUAGES, "language")):
        if unknown := [one for one in wanted if one not in known]:
            raise SettingsError(f"there is no {what} {unknown[0]!r}; there are {', '.join(known)}")
    subject = _find(room, story)
    if subject is None:
        output.complain(story, "there is no such story on show")
        return 1
    made = []
    for language in languages or LANGUAGES:
        for kind in kinds or KINDS:
            data = room.composer().compose(
                _letter(room, subject, kind, language), _brief(room, subject, kind, language)
            )
            made.append((f"{kind}.{language}", data))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in made:
            _write(folder / name, data)
        (folder / "index.html").write_text(_page(made))
    except OSError as error:
        raise SettingsError(f"{folder}: {error}") from error
    for name, data in made:
        line = {"letter": name, "bytes": len(data), "subject": str(_parsed(data)["Subject"])}
        output.record(as_json, line, f"{name:16} {line['subject']}")
    output.record(as_json, {"page": str(folder / "index.html")}, f"See {folder / 'index.html'}")
    return 0


def _find(room: Newsroom, story: str) -> _Subject | None:
    key = key_of(story)
    with room.database.reading() as tx:
        version = None if key is None else tx.newsstand.version(key)
        if version is None:
            return None
        around = tx.newsstand.beside(version.story, limit=_IN_DIGEST)
        newest = around.newest if around else ()
        others = [found for one in newest if (found := tx.newsstand.version(one.story))]
        shares = {
            one.key: tuple(ShareRef(m.isin, m.name, m.ticker) for m in tx.mentions.of_version(one.key))
            for one in (version, *others)
        }
    return _Subject(version, shares[version.key], tuple((one, shares[one.key]) for one in others))


def _reasons(targets: Sequence[Target]) -> tuple[Reason, ...]:
    return tuple(Reason(number, one) for number, one in enumerate(targets, 1))


def _brief(room: Newsroom, subject: _Subject, kind: str, language: str) -> Brief:
    version, follows = subject.version, _reasons(subject.targets)
    now = room.clock.now()
    told = now - _ALERTED
    if kind in (KILL_LETTER, RETRACTION_LETTER):
        return KillBrief(
            version.story, version.lineage, version.slug, version.provider, now, None, follows, told,
            is_retraction=kind == RETRACTION_LETTER,
        )  # fmt: skip
    if kind == HOOK_LETTER:
        return HookBrief("https://program.example/news", now - timedelta(days=1))
    if kind in (CONFIRMATION, MANAGE_LETTER):
        wanted = Subscription(1, 0, subject.targets[0], now, None, None)
        form = consent.Consent.of(Site(room), language, wanted.target).text
        asked = Consent(
            REQUESTED, now, _READER, wanted.isin or None, _ASKED_FROM, form, None, None, wanted.target
        )
        return RequestBrief(wanted, asked)
    story = StoryBrief(version, subject.shares, follows)
    if kind == CORRECTION_LETTER:
        return StoryBrief(version, subject.shares, follows, version.correction or "", told)
    if kind == DIGEST_LETTER:
        others = (StoryBrief(one, shares, follows[:1]) for one, shares in subject.others)
        return DigestBrief((story, *others))
    return StoryBrief(version, subject.shares, follows, is_update=kind == UPDATE_LETTER)


def _letter(room: Newsroom, subject: _Subject, kind: str, language: str) -> Outgoing:
    now, version = room.clock.now(), subject.version
    decision = Decision(
        f"preview:{kind}", kind, 0, room.composer().ids.of(f"preview:{kind}"), now, now + timedelta(hours=1),
        version.story, version.lineage, version.key,
    )  # fmt: skip
    return Outgoing(1, decision, Subscriber(0, _READER, _READER, language), INTENT, 1, now)


def _parsed(data: bytes) -> EmailMessage:
    found = email.message_from_bytes(data, policy=email.policy.default)
    if not isinstance(found, EmailMessage):
        raise TypeError("the parser does not keep to its policy")
    return found


def _parts(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield the ending of a file and the text of each part."""
    for ending, subtype in (("txt", "plain"), ("html", "html")):
        if (part := _parsed(data).get_body((subtype,))) is not None:
            yield ending, part.get_content()


def _write(file: Path, data: bytes) -> None:
    file.with_name(f"{file.name}.eml").write_bytes(data)
    for ending, text in _parts(data):
        file.with_name(f"{file.name}.{ending}").write_text(text)


def _page(made: Sequence[tuple[str, bytes]]) -> str:
    """Return a page with every letter: its heads, and its HTML and text side by side."""
    blocks = []
    for name, data in made:
        heads = "\n".join(f"{head}: {value}" for head, value in _parsed(data).items())
        text = dict(_parts(data)).get("txt", "")
        title = escape(f"{name}: {_parsed(data)['Subject']}")
        blocks.append(
            f"<section><h2>{title}</h2><details><summary>{len(data)} bytes</summary><pre>{escape(heads)}</pre></details>"
            f'<div><iframe sandbox src="{name}.html" title="{title}"></iframe><pre>{escape(text)}</pre></div></section>'
        )
    return _PAGE.replace("LETTERS", "\n".join(blocks))


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Letters</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 84rem; padding: 0 1rem; }
h2 { font-size: 1.1rem; }
section { border-top: 1px solid; padding-bottom: 2rem; }
div { display: flex; flex-wrap: wrap; gap: 1rem; }
iframe { border: 1px solid; flex: 1 1 22rem; height: 46rem; max-width: 100%; }
pre { overflow: auto; font-size: 0.85rem; max-width: 100%; }
</style></head><body>
<h1>Letters, as they would leave now</h1>
LETTERS
</body></html>
"""
