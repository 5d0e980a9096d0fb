"""The widget: the news on a share in a frame on another site, without a script."""

from __future__ import annotations

from depesche.model import paths
from depesche.portal.ask import Ask, Page, redirect
from depesche.portal.pages import lines, share
from depesche.portal.site import Site

STORIES = 10
# The one page that other sites may frame; it runs nothing and sends nothing.
_POLICY = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'none'; frame-ancestors *; base-uri 'none'"
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Robots-Tag": "noindex",
}


def show(site: Site, ask: Ask) -> Page:
    """Return the frame with the newest stories on a share; another of its codes leads to its ISIN.

    Raises:
        NotFound: there is no such share.
    """
    found = share.find(site, ask.values["code"])
    path = paths.embed(found.isin)
    if ask.path != path:
        return redirect(site.href(path, ask.language))
    with site.newsroom.database.reading() as tx:
        cards = tx.newsstand.of_instrument(found.key, STORIES)
    what = {"share": found, "lines": lines.lines(site, cards), "share_path": paths.share(found.isin)}
    body = site.print("embed.html", ask.language, what, path=path)
    return Page(body, tags=lines.tags(cards, f"i{found.isin}"), headers=_HEADERS)
