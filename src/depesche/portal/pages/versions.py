"""A story's versions: what changed from each to the next, and each as it was."""

from __future__ import annotations

from dataclasses import dataclass

from depesche.model import paths
from depesche.model.errors import NotFound
from depesche.model.rights import shown
from depesche.model.story import CORRECTION, Version
from depesche.portal.ask import Ask, Page, redirect
from depesche.portal.pages import lines, notices, story
from depesche.portal.site import Site, provider_slug
from depesche.store.database import Transaction
from depesche.stories.diff import Paragraph, compare, compare_words

MOST = 30


@dataclass(frozen=True, slots=True)
class Change:
    """A version with what changed since the one before it; the first has nothing before it."""

    version: Version
    path: str
    is_current: bool
    is_correction: bool
    headline: Paragraph | None
    body: tuple[Paragraph, ...]

    @property
    def is_change(self) -> bool:
        """Tell whether readers can see a difference."""
        return bool((self.headline and self.headline.is_changed) or any(one.is_changed for one in self.body))


def show(site: Site, ask: Ask) -> Page:
    """Return the list of versions, newest first, with their differences.

    Raises:
        NotFound: there is no such story, or it is not public.
    """
    key = story.key_of(ask.values["name"])
    with site.newsroom.database.reading() as tx:
        current = tx.newsstand.version(key)
        found = _all(tx, current) if current else []
    if current is None:
        return notices.missing(site, ask, key)
    path = paths.versions(key, current.slug)
    if ask.path != path:
        return redirect(site.href(path, ask.language))
    changes = [
        _change(site, before, after, current.number)
        for after, before in zip(found, [*found[1:], None], strict=True)
    ]
    what = {
        "version": current,
        "changes": changes,
        "story_path": paths.story(key, current.slug),
        "label": lines.label(current.series),
    }
    return Page(site.print("versions.html", ask.language, what, path=path), tags=_tags(current))


def show_one(site: Site, ask: Ask) -> Page:
    """Return an older version as it was, with what changed after it; the current one is the story's own page.

    Raises:
        NotFound: there is no such version, or readers may not see it.
    """
    key, number = story.key_of(ask.values["name"]), int(ask.values["number"])
    with site.newsroom.database.reading() as tx:
        current = tx.newsstand.version(key)
        found = _all(tx, current) if current else []
    if current is None:
        return notices.missing(site, ask, key)
    if number == current.number:
        return redirect(site.href(paths.story(key, current.slug), ask.language), 302)
    numbers = [one.number for one in found]
    if number not in numbers:
        raise NotFound(f"{key}, version {number}")
    path = paths.version(key, current.slug, number)
    if ask.path != path:
        return redirect(site.href(path, ask.language))
    place = numbers.index(number)
    version, after = found[place], found[place - 1] if place else None
    rights = site.newsroom.rights(version.wire)
    what = {
        "version": version,
        "current": current,
        "copy": story.set_copy(version, rights),
        "label": lines.label(version.series),
        "provider_path": paths.provider(provider_slug(version.provider)),
        "story_path": paths.story(key, current.slug),
        "versions_path": paths.versions(key, current.slug),
        "after": _change(site, version, after, current.number) if after else None,
        "place": len(found) - place,
        "versions": len(found),
        "notice": rights.notice,
    }
    return Page(site.print("version.html", ask.language, what, path=path), tags=_tags(current))


def _all(tx: Transaction, current: Version) -> list[Version]:
    """Return the versions of a story that readers may see, newest first."""
    chain = [one.number for one in tx.newsstand.chain(current.lineage) if one.story == current.story]
    found = (tx.newsstand.version(current.story, number) for number in sorted(chain, reverse=True)[:MOST])
    return [one for one in found if one is not None]


def _change(site: Site, before: Version | None, after: Version, current: int) -> Change:
    is_current = after.number == current
    headline: Paragraph | None = None
    body: tuple[Paragraph, ...] = ()
    if before is not None:
        rights = site.newsroom.rights(after.wire)
        old, new = shown(before, rights), shown(after, rights)
        headline = compare_words(before.headline, after.headline)
        body = tuple(compare(old.body_text, new.body_text))
    return Change(
        after,
        paths.story(after.story, after.slug)
        if is_current
        else paths.version(after.story, after.slug, after.number),
        is_current,
        after.action == CORRECTION,
        headline,
        body,
    )


def _tags(current: Version) -> frozenset[str]:
    return frozenset({f"s{current.story}", f"l{current.lineage}"})
