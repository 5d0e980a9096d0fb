"""Webhooks on a reader's own page: entering one, trying one again, removing one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from depesche.alerts.following.hookdesk import Hook
from depesche.model import paths
from depesche.model.subscription import EMAIL, Subscriber
from depesche.portal.ask import Ask, Page
from depesche.portal.i18n import words
from depesche.portal.pages.following import followed
from depesche.portal.pages.following.follow import answer, number_of, token_of
from depesche.portal.site import Site

WORDS = words(
    "By adding it you agree that news on what you choose is posted to this address from now on, and you confirm that the "
    "program there is yours or waits for it. Our privacy notice applies."
)


@dataclass(frozen=True, slots=True)
class Entered:
    """A webhook as the page shows it: its own page by `link`, how much it follows, since when it is stopped."""

    key: int
    url: str
    link: str
    count: int
    stopped_since: datetime | None


def entered(site: Site, reader: Subscriber, language: str) -> list[Entered] | None:
    """Return the webhooks of *reader*, None where there can be none."""
    hooks = site.newsroom.reader_hooks
    if not hooks.is_offered or reader.channel != EMAIL:
        return None
    return [_shown(site, one, language) for one in hooks.of(reader)]


def _shown(site: Site, hook: Hook, language: str) -> Entered:
    one = hook.subscriber
    stopped = one.failing_since if one.paused_until and one.paused_until > site.newsroom.clock.now() else None
    return Entered(
        one.key, one.address, site.newsroom.reader_hooks.page(one, language), len(hook.followed), stopped
    )


def add(site: Site, ask: Ask) -> Page | None:
    """Enter a webhook, and show its secret this once; None where it was there and only follows more now."""
    said = site.speech[ask.language].say(WORDS)
    url, only = ask.form.get("url", ""), number_of(ask)
    hook, secret = site.newsroom.reader_hooks.add(token_of(ask), ask.ip, ask.language, url, only, said)
    if not secret:
        return None
    what = {
        "hook": hook,
        "secret": secret,
        "followed": followed.every(site, hook.followed),
        "back": f"{site.href(paths.MANAGE, ask.language)}?token={token_of(ask)}",
    }
    return answer(site, ask, "hook_added.html", what)


def resume(site: Site, ask: Ask) -> None:
    """Try a stopped webhook again."""
    site.newsroom.reader_hooks.resume(token_of(ask), ask.ip, ask.language, number_of(ask, "webhook") or 0)


def remove(site: Site, ask: Ask) -> None:
    """End a webhook."""
    site.newsroom.reader_hooks.remove(token_of(ask), ask.ip, ask.language, number_of(ask, "webhook") or 0)
