"""The feeds: of everything, of a share, of a provider, of a topic and of any search, each as Atom, RSS and JSON Feed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from depesche.model import paths
from depesche.model.errors import NotFound
from depesche.model.story import Card
from depesche.portal.ask import Ask, Page
from depesche.portal.out import atom, entries, jsonfeed, rss
from depesche.portal.pages import lines, search, share, topic
from depesche.portal.site import Site, provider_slug
from depesche.store.database import Transaction

ENTRIES = 40
KINDS: Mapping[str, tuple[str, str, Callable[[entries.Feed], str]]] = {
    "atom": ("Atom", atom.MEDIA_TYPE, atom.write),
    "rss": ("RSS", rss.MEDIA_TYPE, rss.write),
    "json": ("JSON Feed", jsonfeed.MEDIA_TYPE, jsonfeed.write),
}


def home(site: Site, ask: Ask) -> Page:
    """Return the newest stories, of one language if asked.

    Raises:
        NotFound: there is no such kind of feed.
    """
    only = ask.query.get("lang", "")
    more = {"lang": only} if only in {"de", "en"} else {}
    page = paths.HOME + (f"?{urlencode(more)}" if more else "")
    place = lines.before(ask)
    with site.newsroom.database.reading() as tx:
        cards = tx.newsstand.home(ENTRIES + 1, place, more.get("lang"))
        return answer(
            site, ask, tx, cards, title=site.settings.title, page=page, stem="/feed", tag="home", more=more
        )


def of_share(site: Site, ask: Ask) -> Page:
    """Return the newest stories about a share.

    Raises:
        NotFound: there is no such share, or no such kind of feed.
    """
    found = share.find(site, ask.values["code"])
    page = paths.share(found.isin)
    title = f"{found.name} – {site.settings.title}"
    with site.newsroom.database.reading() as tx:
        cards = tx.newsstand.of_instrument(found.key, ENTRIES + 1, lines.before(ask))
        return answer(site, ask, tx, cards, title=title, page=page, stem=f"{page}/feed", tag=f"i{found.isin}")


def of_provider(site: Site, ask: Ask) -> Page:
    """Return the newest stories of a provider.

    Raises:
        NotFound: no public story is from such a provider, or there is no such kind of feed.
    """
    slug = provider_slug(ask.values["slug"])
    name = site.provider(slug)
    if name is None:
        raise NotFound(slug)
    page = paths.provider(slug)
    with site.newsroom.database.reading() as tx:
        cards = tx.newsstand.of_provider(name, ENTRIES + 1, lines.before(ask))
        return answer(
            site, ask, tx, cards, title=f"{name} – {site.settings.title}", page=page, stem=f"{page}/feed", tag=f"p{slug}"
        )  # fmt: skip


def of_topic(site: Site, ask: Ask) -> Page:
    """Return the newest stories on a media topic.

    Raises:
        NotFound: nobody named such a topic, no public story is about it, or there is no such kind of feed.
    """
    code = topic.code_in(ask)
    page = paths.topic(code)
    with site.newsroom.database.reading() as tx:
        cards = tx.newsstand.of_topic(code, ENTRIES + 1, lines.before(ask))
        found = topic.named(tx, code, cards)
        title = f"{found.name(ask.language) if found else code} – {site.settings.title}"
        return answer(site, ask, tx, cards, title=title, page=page, stem=f"{page}/feed", tag="home")


def of_search(site: Site, ask: Ask) -> Page:
    """Return the newest stories that a query finds; made for each request, for no list of stories changes it.

    Raises:
        NotFound: there is no such kind of feed.
    """
    query, number = search.asked(ask)
    cards: list[Card] = []
    total = 0
    with site.newsroom.database.reading() as tx:
        if query:
            hits = site.newsroom.searcher.search(
                query, limit=ENTRIES, offset=(number - 1) * ENTRIES, by_time=True
            )
            cards, total = tx.newsstand.cards(hits.stories), hits.total
        words = site.speech[ask.language].say("Search for “%(query)s”", query=query)
        following = number + 1 if number * ENTRIES < total and number < search.LAST_PAGE else None
        kind = _kind(ask)
        feed = entries.Feed(
            name=f"{site.address}{search.address(query, stem=f'/search.{kind}')}",
            title=f"{words} – {site.settings.title}",
            page=site.url(search.address(query), ask.language),
            here=site.url(search.address(query, number, stem=f"/search.{kind}"), ask.language),
            language=ask.language,
            entries=entries.entries(site, tx, ask.language, cards),
            first=site.url(search.address(query, stem=f"/search.{kind}"), ask.language)
            if number > 1
            else None,
            next=site.url(search.address(query, following, stem=f"/search.{kind}"), ask.language)
            if following
            else None,
        )
    return _page(feed, kind)


def answer(
    site: Site, ask: Ask, tx: Transaction, cards: Sequence[Card], *,
    title: str, page: str, stem: str, tag: str, more: Mapping[str, str] | None = None,
) -> Page:  # fmt: skip
    """Return *cards*, one more of them than a feed holds where there are more, as the kind of feed asked for.

    *page* is the path of what people read instead, *stem* that of the feed without its ending; *tag* is what
    the list is dropped by when it changes. *more* are the values of the query that belong to the feed.

    Raises:
        NotFound: there is no such kind of feed.
    """
    kind = _kind(ask)
    own = f"{stem}.{kind}" + (f"?{urlencode(more)}" if more else "")
    place = lines.before(ask)
    here = own
    if place is not None:
        here = f"{stem}.{kind}?{urlencode({**(more or {}), 'before': ask.query['before']})}"
    full, cards = len(cards) > ENTRIES, cards[:ENTRIES]
    older = lines.older(f"{stem}.{kind}", cards, full, **(more or {}))
    feed = entries.Feed(
        name=f"{site.address}{own}",
        title=title,
        page=site.url(page, ask.language),
        here=site.url(here, ask.language),
        language=ask.language,
        entries=entries.entries(site, tx, ask.language, cards),
        first=site.url(own, ask.language) if place is not None else None,
        next=site.url(older, ask.language) if older else None,
        hub=site.settings.websub_hub or None if place is None else None,
    )
    return _page(feed, kind, lines.tags(cards, *(() if place else (tag,))))


def _kind(ask: Ask) -> str:
    kind = ask.values.get("kind", "")
    if kind not in KINDS:
        raise NotFound(ask.path)
    return kind


def _page(feed: entries.Feed, kind: str, tags: frozenset[str] | None = None) -> Page:
    _, media_type, write = KINDS[kind]
    return Page(write(feed), media_type=media_type, tags=tags)
