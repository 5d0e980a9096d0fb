"""A provider's page: everything it sent, newest first."""

from __future__ import annotations

from depesche.model import paths
from depesche.model.errors import NotFound
from depesche.model.subscription import PROVIDER, Target
from depesche.portal.ask import Ask, Page, redirect
from depesche.portal.pages import lines
from depesche.portal.pages.following.consent import Consent
from depesche.portal.site import Site, provider_slug


def show(site: Site, ask: Ask) -> Page:
    """Return the stories of one provider.

    Raises:
        NotFound: no public story is from such a provider.
    """
    slug = provider_slug(ask.values["slug"])
    name = site.provider(slug)
    if name is None:
        raise NotFound(slug)
    path = paths.provider(slug)
    if ask.path != path:
        return redirect(site.href(path, ask.language))
    place = lines.before(ask)
    with site.newsroom.database.reading() as tx:
        cards = tx.newsstand.of_provider(name, lines.PER_PAGE + 1, place)
    full, cards = len(cards) > lines.PER_PAGE, cards[: lines.PER_PAGE]
    notice = next(
        (rights.notice for rights in (site.newsroom.rights(one.wire) for one in cards) if rights.notice), None
    )
    what = {
        "provider": name,
        "consent": Consent.of(site, ask.language, Target(PROVIDER, name, name)),
        "notice": notice,
        "days": lines.by_day(site, ask.language, lines.lines(site, cards)),
        "older": lines.older(path, cards, full),
        "is_first": place is None,
    }
    body = site.print("provider.html", ask.language, what, path=path)
    return Page(body, tags=lines.tags(cards, *(() if place else (f"p{slug}",))))
