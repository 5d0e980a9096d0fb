"""What was read most: of the last hour, day or week; of all, a share, a topic or a language."""

from __future__ import annotations

from urllib.parse import urlencode

from depesche.model import paths
from depesche.portal.ask import Ask, Page
from depesche.portal.i18n import words
from depesche.portal.pages import lines
from depesche.portal.ranking import LANGUAGES, PERIODS, Wish, ranked
from depesche.portal.site import Site

LENGTH = 30
TOPICS = 8
_NAMES = {"hour": words("Hour"), "day": words("Day"), "week": words("Week")}
_TONGUES = {"de": words("German"), "en": words("English")}


def show(site: Site, ask: Ask) -> Page:
    """Return the list; its tabs change one wish and keep the others.

    Raises:
        NotFound: there is no such share.
    """
    wish = Wish.of(site, ask.query)
    with site.newsroom.database.reading() as tx:
        found = ranked(site, tx, wish, LENGTH)
        everything = (
            found
            if wish.topic is None
            else ranked(site, tx, Wish(wish.period, wish.language, wish.share), LENGTH)
        )
        topics = tx.newsstand.topics([card.story for card, _ in everything])[:TOPICS]
    now = {
        "period": wish.period,
        "lang": wish.language,
        "share": wish.share.isin if wish.share else None,
        "provider": wish.provider,
        "topic": wish.topic,
    }
    say = site.speech[ask.language].say
    what = {
        "share": wish.share,
        "with_sponsored": site.settings.also_read_sponsored,
        "rows": [(lines.line(site, card), n) for card, n in found],
        "periods": [(say(_NAMES[one]), _path(now, period=one), one == wish.period) for one in PERIODS],
        "tongues": [
            (say("All"), _path(now, lang=None), wish.language is None),
            *((say(_TONGUES[one]), _path(now, lang=one), one == wish.language) for one in LANGUAGES),
        ],
        "topics": [(name, _path(now, topic=code), code == wish.topic) for code, name in topics],
        "all_topics": _path(now, topic=None) if wish.topic else None,
    }
    body = site.print("most_read.html", ask.language, what, path=paths.MOST_READ)
    return Page(body, tags=lines.tags([card for card, _ in found], "most"))


def _path(now: dict[str, str | None], **other: str | None) -> str:
    asked = {
        name: value
        for name, value in {**now, **other}.items()
        if value and (name, value) != ("period", "day")
    }
    return f"{paths.MOST_READ}?{urlencode(asked)}" if asked else paths.MOST_READ
