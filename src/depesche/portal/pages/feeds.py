"""The page of feeds, and the same as OPML for feed readers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from depesche.model import paths
from depesche.model.story import ShareRef
from depesche.portal.ask import Ask, Page
from depesche.portal.out.xml import DECLARATION, attribute, text
from depesche.portal.site import Site, provider_slug

SHARES = 200
_LISTED = 40
_OPML = "text/x-opml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Line:
    """A list of which there is a feed: `stem` is the feed's path without its ending."""

    name: str
    page: str
    stem: str


def show(site: Site, ask: Ask) -> Page:
    """Return the list of feeds, with how to have one of any search."""
    providers, shares = _providers(site), _shares(site)
    what = {
        "home": Line(site.settings.title, paths.HOME, "/feed"),
        "providers": providers,
        "topics": _topics(site, ask.language)[:_LISTED],
        "shares": shares[:_LISTED],
        "hub": site.settings.websub_hub,
    }
    return Page(site.print("feeds.html", ask.language, what, path=paths.FEEDS), tags=frozenset({"home"}))


def opml(site: Site, ask: Ask) -> Page:
    """Return the feeds as OPML 2.0."""
    say = site.speech[ask.language].say
    groups = [
        (site.settings.title, [Line(site.settings.title, paths.HOME, "/feed")]),
        (say("Providers"), _providers(site)),
        (say("Topics"), _topics(site, ask.language)),
        (say("Shares"), _shares(site)),
    ]
    rows = "".join(_group(site, ask.language, name, found) for name, found in groups if found)
    body = (
        f'{DECLARATION}<opml version="2.0">\n<head><title>{text(site.settings.title)}</title></head>\n'
        f"<body>\n{rows}</body>\n</opml>\n"
    )
    return Page(body, media_type=_OPML, tags=frozenset({"home"}))


def _group(site: Site, language: str, name: str, found: list[Line]) -> str:
    def outlines() -> Iterator[str]:
        for one in found:
            yield (
                f'<outline type="rss" version="ATOM" text={attribute(one.name)} title={attribute(one.name)} '
                f"xmlUrl={attribute(site.url(one.stem + '.atom', language))} htmlUrl={attribute(site.url(one.page, language))}/>\n"
            )

    return f"<outline text={attribute(name)}>\n{''.join(outlines())}</outline>\n"


def _providers(site: Site) -> list[Line]:
    with site.newsroom.database.reading() as tx:
        names = [one.provider for one in tx.newsstand.providers()]
    places = [(name, paths.provider(provider_slug(name))) for name in names]
    return [Line(name, path, f"{path}/feed") for name, path in places]


def _topics(site: Site, language: str) -> list[Line]:
    """Return the topics that the newest stories are about, by name."""
    with site.newsroom.database.reading() as tx:
        codes = tx.topics.of([card.story for card in tx.newsstand.home(SHARES)])
        found = [(one.name(language), paths.topic(one.code)) for one in tx.topics.named(codes).values()]
    return [Line(name, path, f"{path}/feed") for name, path in sorted(found)]


def _shares(site: Site) -> list[Line]:
    """Return the shares that the newest stories are about, by name."""
    found: dict[str, ShareRef] = {}
    with site.newsroom.database.reading() as tx:
        for card in tx.newsstand.home(SHARES):
            found.update((one.isin, one) for one in card.shares)
    ordered = sorted(found.values(), key=lambda one: one.name.casefold())[:SHARES]
    return [Line(one.name, paths.share(one.isin), f"{paths.share(one.isin)}/feed") for one in ordered]
