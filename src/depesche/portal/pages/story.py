"""A story's page: everything that is public of it, and nothing that its wire's rights do not allow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from depesche.model import paths
from depesche.model.errors import NotFound
from depesche.model.instrument import Evidence, Mention
from depesche.model.rights import Shown, cut, shown, shown_pictures
from depesche.model.story import CORRECTION, Picture, StoryPage, Version, VersionLine
from depesche.model.subscription import LINEAGE, Target
from depesche.model.take import Dateline
from depesche.model.wire import Rights
from depesche.portal.ask import Ask, Page, redirect
from depesche.portal.i18n import Speech, words
from depesche.portal.out import linked_data
from depesche.portal.pages import chart, lines, notices, topic
from depesche.portal.pages.following.consent import Consent
from depesche.portal.pages.naming import Named, link_names
from depesche.portal.pages.tables import set_tables
from depesche.portal.site import Site, is_web, provider_slug, trusted

SHARES = 6
FOLLOWABLE = 12
CHAIN = 12
_WORDS_A_MINUTE = 220
_ADDRESS = re.compile(r"(?:.*-)?([1-9][0-9]{0,17})")
_DESCRIPTION = 160
_FIRST_PARAGRAPH = "<p>"
_WHY = {
    "supplied-isin": words("The provider named the ISIN %(text)s."),
    "supplied-wkn": words("The provider named the WKN %(text)s."),
    "supplied-ticker": words("The provider named the ticker %(text)s."),
    "isin": words("The ISIN %(text)s stands in the story."),
    "wkn": words("The WKN %(text)s stands in the story."),
    "name": words("The name “%(text)s” stands in the story."),
}
_WHY_HEADLINE = words("“%(text)s” stands in the headline.")
_WHY_SUPPLIED = words("The provider named the code %(text)s.")
_GOES_ON = words("How this story goes on")
_WHY_UNSAID = words("The provider’s text names it.")


@dataclass(frozen=True, slots=True)
class Rail:
    """A share beside a story, and why it is there."""

    mention: Mention
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """One line of the chain: a version with its address."""

    line: VersionLine
    path: str
    label: str | None
    is_here: bool
    is_correction: bool


@dataclass(frozen=True, slots=True)
class Copy:
    """The text of a version as it may be set: `html` opens with the dateline."""

    shown: Shown
    html: Markup
    minutes: int | None
    pictures: tuple[Picture, ...]
    link: str | None
    description: str
    words: int


def key_of(name: str) -> int:
    """Return the story that the end of an address names.

    Raises:
        NotFound: there is no number at its end.
    """
    found = _ADDRESS.fullmatch(name)
    if found is None:
        raise NotFound(name)
    return int(found[1])


def show(site: Site, ask: Ask) -> Page:
    """Return the page of a story; a former address leads to the one of today, a killed story says so.

    Raises:
        NotFound: there is no such story, or it is not public.
    """
    key = key_of(ask.values["name"])
    page = read(site, key)
    if page is None:
        return notices.missing(site, ask, key)
    path = paths.story(key, page.version.slug)
    if ask.path != path:
        return redirect(site.href(path, ask.language))
    return Page(render(site, ask.language, page), tags=frozenset({f"s{one}" for one in speaks_of(page)}))


def read(site: Site, key: int) -> StoryPage | None:
    """Return what the page of a public story shows, None where it is not public."""
    with site.newsroom.database.reading() as tx:
        return site.newsroom.story_page(tx, key)


def speaks_of(page: StoryPage) -> frozenset[int]:
    """Return every story of which something stands on the page."""
    return frozenset(
        {
            page.version.story,
            *(one.story for one in page.chain),
            *(one.story for one in page.also_read),
            *(one.story for one in page.copies),
        }
    )


def render(site: Site, language: str, page: StoryPage) -> str:
    """Return the page of a story in an interface *language*."""
    version = page.version
    rights = site.newsroom.rights(version.wire)
    shares = [Named(site.href(paths.share(one.isin), language), one.evidence) for one in page.mentions]
    copy = set_copy(version, rights, page.pictures, shares)
    path = paths.story(version.story, version.slug)
    own = [one for one in page.chain if one.story == version.story]
    shown_version = replace(version, copyright=copy.shown.copyright)
    what = {
        "version": shown_version,
        "copy": copy,
        "meta": linked_data.meta(
            site,
            language,
            replace(page, version=shown_version),
            path,
            description=copy.description,
            is_whole=copy.shown.is_whole,
            pictures=copy.pictures,
            canonical=None if copy.shown.is_whole else copy.link,
            words=copy.words if copy.shown.is_whole else None,
        ),
        "label": lines.label(version.series),
        "provider_path": paths.provider(provider_slug(version.provider)),
        "notice": copy.shown.notice,
        "views": page.views,
        "counts": site.settings.count_by == "beacon",
        "chart": chart.of_hours(page.trend, site.speech[language], site.newsroom.clock.now())
        if page.trend
        else None,
        "sponsored": page.sponsored,
        "copies": page.copies,
        "topics": topic.chips(page.topics, language),
        "is_corrected": version.action == CORRECTION,
        "is_updated": len(own) > 1,
        "versions": len(own),
        "versions_path": paths.versions(version.story, version.slug),
        "newer": _newer(page),
        "rail": [_rail(site, language, one, copy.shown.is_whole) for one in page.mentions[:SHARES]],
        "more_shares": page.mentions[SHARES:],
        "consent": _consent(site, language, page),
        "chain": _chain(page) if len(page.chain) > 1 else (),
        "also_read": [lines.beside(one, language) for one in page.also_read],
    }
    return site.print("story.html", language, what, path=path)


def set_copy(
    version: Version, rights: Rights, pictures: tuple[Picture, ...] = (), shares: Sequence[Named] = ()
) -> Copy:
    """Return the text of *version* cut to *rights*, the names of *shares* linked, its dateline set into the first paragraph."""
    seen = shown(version, rights)
    html = link_names(seen.body_html, seen.body_text, shares) if seen.is_whole else seen.body_html
    written = _dateline_html(version.dateline)
    if html and written:
        html = (
            html.replace(_FIRST_PARAGRAPH, f"<p>{written} ", 1)
            if html.startswith(_FIRST_PARAGRAPH)
            else f"<p>{written}</p>{html}"
        )
    length = len(seen.body_text.split())
    return Copy(
        shown=seen,
        html=trusted(set_tables(html, version.headline)),
        minutes=max(1, round(length / _WORDS_A_MINUTE)) if seen.is_whole and length else None,
        pictures=shown_pictures(pictures, rights),
        link=version.canonical_url if is_web(version.canonical_url) else None,
        description=cut(seen.teaser or seen.body_text, _DESCRIPTION) or version.headline,
        words=length,
    )


def _dateline_html(line: Dateline | None) -> str:
    if line is None or not (line.places or line.agency):
        return ""
    said = escape("/".join(line.places))
    inner = escape(", ".join(filter(None, (line.agency, line.date))))
    both = f"{said} ({inner})" if said and inner else said or f"({inner})"
    return f'<span class="dateline">{both}</span> –'


def _rail(site: Site, language: str, mention: Mention, is_whole: bool) -> Rail:
    speech = site.speech[language]
    why = dict.fromkeys(_why(speech, one, is_whole) for one in mention.evidence)
    return Rail(mention, tuple(why))


def _consent(site: Site, language: str, page: StoryPage) -> Consent:
    """Return the box that follows one of the story's shares, or the story as it goes on."""
    story = Target(LINEAGE, str(page.version.lineage), page.version.headline)
    if not page.mentions:
        return Consent.of(site, language, story)
    shares = [(Target.share(one.isin, one.name), one.name) for one in page.mentions[:FOLLOWABLE]]
    return Consent.among(site, language, [*shares, (story, site.speech[language].say(_GOES_ON))])


def _why(speech: Speech, one: Evidence, is_whole: bool) -> str:
    """Return evidence in words; words of a text that may not be shown are not quoted."""
    if one.field == "headline":
        return speech.say(_WHY_HEADLINE, text=one.text)
    if one.field == "body_text" and not is_whole:
        return speech.say(_WHY_UNSAID)
    otherwise = _WHY_SUPPLIED if one.kind.startswith("supplied-") else _WHY_UNSAID
    because = _WHY.get(one.kind, otherwise)
    return speech.say(because, text=one.text)


def _newer(page: StoryPage) -> VersionLine | None:
    """Return the newest story of the chain where that is another and newer than this one."""
    newest = next((one for one in page.chain if one.is_current), None)
    own = page.version
    return newest if newest and newest.story != own.story and newest.at > own.at else None


def _chain(page: StoryPage) -> tuple[Link, ...]:
    return tuple(
        Link(
            one,
            paths.story(one.story, one.slug)
            if one.is_current
            else paths.version(one.story, one.slug, one.number),
            lines.label(one.series),
            one.is_current and one.story == page.version.story,
            one.action == CORRECTION,
        )
        for one in page.chain[:CHAIN]
    )
