"""The style guide: type, colours, components and states as they are, for whoever themes or extends the portal."""

from __future__ import annotations

from datetime import timedelta

from depesche.model import paths
from depesche.model.identifiers import isin_with_check_digit
from depesche.model.story import CORRECTION, NEW, Card, ShareRef
from depesche.model.subscription import Target
from depesche.model.take import Series
from depesche.portal.ask import Ask, Page
from depesche.portal.pages import lines
from depesche.portal.pages.following.consent import Consent
from depesche.portal.site import Site

_ISIN = isin_with_check_digit("ZZMUSTER001")
_COLOURS = ("paper", "ink", "accent", "alarm", "note", "muted", "rule", "came", "went")
_SIZES = ("xl", "l", "text", "m", "s", "xs")


def show(site: Site, ask: Ask) -> Page:
    """Return every token and component on one page; nothing on it is news."""
    say = site.speech[ask.language].say
    name = say("Sample Works")
    what = {
        "colours": _COLOURS,
        "sizes": _SIZES,
        "days": lines.by_day(site, ask.language, lines.lines(site, _cards(site, ask.language, name))),
        "consent": Consent.of(site, ask.language, Target.share(_ISIN, name)),
        "share": ShareRef(_ISIN, name, "MUS"),
    }
    body = site.print("styleguide.html", ask.language, what, path=paths.STYLEGUIDE)
    return Page(body, headers={"X-Robots-Tag": "noindex"})


def _cards(site: Site, language: str, name: str) -> list[Card]:
    """Return lines in every state; their addresses lead nowhere, as no story has the number 0."""
    say = site.speech[language].say
    now = site.newsroom.clock.now()
    share = (ShareRef(_ISIN, name, "MUS"),)

    def card(n: int, minutes: int, headline: str, **more: object) -> Card:
        given: dict[str, object] = {
            "series": None, "urgency": 4, "action": NEW, "sponsored": False, "shares": share, "language": language,
        }  # fmt: skip
        return Card(
            story=-n, lineage=-n, slug="", wire="", provider=say("Sample Agency"), at=now - timedelta(minutes=minutes),
            headline=headline, teaser=None, versions=1, views=1234 // n, **(given | more),  # type: ignore[arg-type]
        )  # fmt: skip

    return [
        card(1, 3, say("A new story, at most twenty minutes old")),
        card(2, 31, say("A breaking story, urgency 1 or 2"), urgency=1),
        card(3, 47, say("A story of a running series"), series=Series("ROUNDUP", 2, say("Topic"))),
        card(4, 62, say("A corrected story"), action=CORRECTION),
        card(5, 95, say("An advertisement"), sponsored=True, shares=()),
    ]
