"""The feed of changes: the public part of the journal, for programs that keep a copy."""

from __future__ import annotations

from datetime import UTC

from depesche.model import paths
from depesche.portal.api import shapes
from depesche.portal.api.answers import answer, href
from depesche.portal.api.problems import Unfit
from depesche.portal.ask import Page
from depesche.portal.site import Site
from depesche.store.stories.catalogue import TOLD, Change

LISTED = 100
MOST = 1000


def feed(site: Site, after: int | None, kinds: tuple[str, ...], story: int | None, limit: int) -> Page:
    """Return what became of stories after entry *after*, in order; without it, only where the journal ends now.

    Raises:
        Unfit: the journal has never been that long: the place is that of another database.
    """
    with site.newsroom.database.reading() as tx:
        last = tx.journal.last()
        if after is not None and after > last:
            raise Unfit("after lies beyond the end of the journal: begin anew")
        found, reached = (
            ([], None) if after is None else tx.catalogue.changes(after, limit, kinds, story=story)
        )
    more = reached is not None and reached < last
    if reached is None:  # entries that came after the end was looked up may be among those found
        reached = max(last, *(one.seq for one in found)) if found else last
    following = href(
        site,
        "/changes",
        after=reached,
        kinds=",".join(kinds) if kinds != TOLD else None,
        story=story,
        limit=limit,
    )
    return answer(
        shapes.Changes([_change(site, one) for one in found], reached, more, following),
        more={"Link": f'<{following}>; rel="next"'},
    )


def _change(site: Site, one: Change) -> shapes.Change:
    return shapes.Change(
        seq=one.seq,
        at=one.at.astimezone(UTC),
        kind=one.kind,
        action=one.action,
        story=one.story,
        version=one.number,
        is_public=one.slug is not None,
        href=href(site, f"/stories/{one.story}"),
        url=None if one.slug is None else site.url(paths.story(one.story, one.slug)),
        withdrawn=list(one.withdrawn),
    )
