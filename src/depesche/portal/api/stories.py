"""Stories: lists by what they are, one, its versions and their differences, and the shares it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from depesche.model import paths
from depesche.model.errors import NotFound
from depesche.model.instrument import Evidence
from depesche.model.rights import Shown, quotes_evidence, shown_elsewhere, shown_pictures, shown_teaser
from depesche.model.story import EXPIRED, KILLED, Card, Picture, Version, VersionLine
from depesche.portal.api import cursors, shapes
from depesche.portal.api.answers import JSON, all_exported, answer, href, one_exported, varied
from depesche.portal.api.problems import Unfit, problem
from depesche.portal.ask import Page
from depesche.portal.out.item import item, items
from depesche.portal.pages import lines
from depesche.portal.site import Site, is_web, provider_slug
from depesche.store.database import Transaction
from depesche.store.stories.catalogue import Wanted
from depesche.stories.diff import Paragraph, compare, compare_words

LISTED = 20
MOST = 100
_HIGHEST = 2**63
_HIGHEST_VERSION = 2**31
_VERSIONS = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """What a list of stories is to hold, as asked: `provider` is the end of an address, `isin` any code of a share."""

    provider: str | None = None
    isin: str | None = None
    language: str | None = None
    topic: str | None = None
    since: str | None = None
    until: str | None = None

    def of(self, site: Site, tx: Transaction) -> Wanted:
        """Return what is wanted in the words of the store.

        Raises:
            NotFound: there is no such provider or share.
            Unfit: a time makes no sense.
        """
        provider = instrument = None
        if self.provider is not None:
            provider = site.provider(provider_slug(self.provider))
            if provider is None:
                raise NotFound(self.provider)
        if self.isin is not None:
            found = tx.instruments.by_code(self.isin)
            if found is None:
                raise NotFound(self.isin)
            instrument = found.key
        since, until = moment("since", self.since), moment("until", self.until)
        return Wanted(provider, instrument, self.topic, self.language, since, until)


def listed(site: Site, wish: Wish, limit: int, cursor: str | None, form: str) -> Page:
    """Return a part of the stories that *wish* is for, newest first.

    Raises:
        NotFound: there is no such provider or share.
        Unfit: a parameter makes no sense.
    """
    before = None if cursor is None else cursors.place(cursor)
    if wish.provider is not None:
        site.provider(provider_slug(wish.provider))  # asks the database by itself, once
    with site.newsroom.database.reading() as tx:
        places, goes_on = tx.catalogue.stories(wish.of(site, tx), limit, before)
        keys = [key for _, key in places]
        cards = tx.newsstand.cards(keys)
        exported = [] if form == JSON else items(site, tx, keys)
    asked = {name: getattr(wish, name) for name in Wish.__dataclass_fields__}
    following = None
    if goes_on is not None:
        following = href(site, "/stories", **asked, limit=limit, cursor=cursors.of_place(goes_on),
                         format=None if form == JSON else form)  # fmt: skip
    tags = lines.tags(cards, "home") if cursor is None else None
    if form != JSON:
        return all_exported(site, exported, form, following, tags)
    found = shapes.Stories([line(site, one) for one in cards], following)
    return varied(answer(found, tags=tags), following)


def one(site: Site, key: int, form: str, number: int | None = None) -> Page:
    """Return the version on show of a story, or *number* of it.

    Raises:
        NotFound: there is no such story or version, or readers may not see it.
    """
    check(key)
    with site.newsroom.database.reading() as tx:
        page = tx.newsstand.page(key)
        if page is None:
            return gone(tx, key)
        version, current = page.version, page.version.number
        mentions, pictures = page.mentions, page.pictures
        if number is not None and number != current:
            older = tx.newsstand.version(key, check(number, _HIGHEST_VERSION))
            if older is None:
                raise NotFound(f"{key}, version {number}")
            version, mentions = older, tx.mentions.of_version(older.key)
            pictures = tx.pictures.of_versions([older.key]).get(older.key, ())
    tags = frozenset({f"s{key}", f"l{version.lineage}"})
    if form != JSON:
        return one_exported(item(site, version, mentions, pictures, sponsored=page.sponsored), form, tags)
    rights = site.newsroom.rights(version.wire)
    leaving = shown_pictures(pictures, rights) if rights.syndication else ()
    found = _story(site, version, shown_elsewhere(version, rights), current)
    found.pictures = [_picture(site, one) for one in leaving]
    found.shares = [shapes.Share(one.isin, one.name, one.ticker) for one in mentions]
    found.copies = [
        shapes.Copy(one.story, href(site, f"/stories/{one.story}"), one.provider, one.at)
        for one in page.copies
    ]
    found.sponsored, found.views = page.sponsored, page.views
    return varied(answer(found, tags=tags))


def versions(site: Site, key: int) -> Page:
    """Return every version of a story that readers may see, newest first.

    Raises:
        NotFound: there is no such story, or it is not public.
    """
    with site.newsroom.database.reading() as tx:
        current = tx.newsstand.version(check(key))
        if current is None:
            return gone(tx, key)
        found = own_chain(tx, current)
    shown = [_version_line(site, one) for one in found]
    return answer(shapes.Versions(key, shown), tags=frozenset({f"s{key}", f"l{current.lineage}"}))


def differences(site: Site, key: int, number: int, against: int | None) -> Page:
    """Return what changed from version *against*, or the one before, to *number*.

    Raises:
        NotFound: there is no such story or version, or readers may not see it; or nothing came before it.
    """
    with site.newsroom.database.reading() as tx:
        current = tx.newsstand.version(check(key))
        if current is None:
            return gone(tx, key)
        if against is None:
            numbers = [one.number for one in own_chain(tx, current) if one.number < number]
            against = max(numbers, default=0)
        before, after = (tx.newsstand.version(key, check(one, _HIGHEST_VERSION)) for one in (against, number))
    if before is None or after is None:
        raise NotFound(f"{key}, versions {against} and {number}")
    rights = site.newsroom.rights(after.wire)
    old, new = shown_elsewhere(before, rights), shown_elsewhere(after, rights)
    words = [_text(one) for one in (old, new)]
    found = shapes.Differences(
        key,
        number,
        against,
        _pieces(compare_words(before.headline, after.headline)),
        [_pieces(one) for one in compare(*words)],
    )
    return answer(found, tags=frozenset({f"s{key}", f"l{current.lineage}"}))


def mentions(site: Site, key: int) -> Page:
    """Return the shares that the version on show is about, with the evidence for each.

    Raises:
        NotFound: there is no such story, or it is not public.
    """
    with site.newsroom.database.reading() as tx:
        version = tx.newsstand.version(check(key))
        if version is None:
            return gone(tx, key)
        found = tx.mentions.of_version(version.key)
    seen = shown_elsewhere(version, site.newsroom.rights(version.wire))
    shown = [
        shapes.Mention(
            one.isin, one.name, one.ticker, one.mic, one.identity, one.relevance, [_evidence(why, seen) for why in one.evidence]
        )
        for one in found
    ]  # fmt: skip
    return answer(shapes.Mentions(key, version.number, shown), tags=frozenset({f"s{key}"}))


def line(site: Site, card: Card) -> shapes.StoryLine:
    """Return *card* as a line, with no more of it than may leave."""
    rights = site.newsroom.rights(card.wire)
    return shapes.StoryLine(
        story=card.story,
        href=href(site, f"/stories/{card.story}"),
        url=site.url(paths.story(card.story, card.slug)),
        headline=card.headline,
        label=lines.label(card.series),
        language=card.language,
        provider=card.provider,
        at=card.at.astimezone(UTC),
        action=card.action,
        versions=card.versions,
        urgency=card.urgency,
        sponsored=card.sponsored,
        teaser=shown_teaser(card, rights) if rights.syndication else None,
        shares=[shapes.Share(one.isin, one.name, one.ticker) for one in card.shares],
        views=card.views,
        copies=list(card.copies),
    )


def own_chain(tx: Transaction, current: Version) -> list[VersionLine]:
    """Return the versions of a story that readers may see, newest first."""
    chain = tx.newsstand.chain(current.lineage, current.story)
    own = [one for one in chain if one.story == current.story]
    return sorted(own, key=lambda one: -one.number)[:_VERSIONS]


def gone(tx: Transaction, key: int) -> Page:
    """Say that a story was withdrawn for good, with the public reason.

    Raises:
        NotFound: readers never saw such a story, or it may come back.
    """
    standing = tx.newsstand.standing(key)
    if standing is None or not standing.was_public or standing.state not in {KILLED, EXPIRED}:
        raise NotFound(str(key))
    said = "The story was withdrawn." if standing.state == KILLED else "The licence of the story ended."
    return problem(410, f"{said} {standing.notice}" if standing.notice else said)


def check(number: int, highest: int = _HIGHEST) -> int:
    """Return *number* if the store can hold it.

    Raises:
        NotFound: it cannot.
    """
    if not 0 < number < highest:
        raise NotFound(str(number))
    return number


def moment(name: str, said: str | None) -> datetime | None:
    """Return a time as RFC 3339 has it; a day means its beginning in UTC.

    Raises:
        Unfit: there is no such time.
    """
    if said is None:
        return None
    try:
        found = datetime.fromisoformat(said)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Unfit(f"{name} is a time such as 2026-03-02T09:30:00Z, or a day") from error


def _story(site: Site, version: Version, seen: Shown, current: int) -> shapes.Story:
    is_current = version.number == current
    place = paths.story(version.story, version.slug)
    path = place if is_current else paths.version(version.story, version.slug, version.number)
    own = f"/stories/{version.story}" + ("" if is_current else f"/versions/{version.number}")
    series, filed = version.series, version.dateline
    return shapes.Story(
        story=version.story,
        version=version.number,
        is_current=is_current,
        href=href(site, own),
        url=site.url(path),
        lineage=version.lineage,
        provider=version.provider,
        language=version.language,
        at=version.at.astimezone(UTC),
        first_created=version.first_created.astimezone(UTC),
        action=version.action,
        urgency=version.urgency,
        headline=version.headline,
        label=lines.label(series),
        series=shapes.Series(series.kind, series.number, series.topic) if series else None,
        dateline=shapes.Dateline(list(filed.places), filed.agency, filed.date) if filed else None,
        byline=version.byline,
        teaser=seen.teaser,
        is_whole=seen.is_whole,
        body_html=_html(seen),
        body_text=_text(seen),
        notice=seen.notice,
        credit=version.credit,
        copyright=seen.copyright,
        usage_terms=version.usage_terms,
        correction=version.correction,
        genre=version.genre,
        subjects=[shapes.Subject(one.scheme, one.code, one.name) for one in version.subjects],
        canonical_url=version.canonical_url if is_web(version.canonical_url) else None,
        pictures=[],
        shares=[],
        copies=[],
        sponsored=False,
        views=0,
    )


def _html(seen: Shown) -> str:
    return seen.body_html if seen.is_whole else ""


def _text(seen: Shown) -> str:
    return seen.body_text if seen.is_whole else seen.teaser or ""


def _picture(site: Site, one: Picture) -> shapes.Picture:
    width = one.widths[-1]
    place = site.address + paths.picture(one.sha256, width)
    return shapes.Picture(
        place, "image/webp", width, round(one.height * width / one.width), one.caption, one.credit
    )


def _version_line(site: Site, one: VersionLine) -> shapes.VersionLine:
    path = (
        paths.story(one.story, one.slug) if one.is_current else paths.version(one.story, one.slug, one.number)
    )
    return shapes.VersionLine(
        one.number, href(site, f"/stories/{one.story}/versions/{one.number}"), site.url(path), one.action, one.at.astimezone(UTC),
        one.headline, lines.label(one.series), one.is_current,
    )  # fmt: skip


def _evidence(why: Evidence, seen: Shown) -> shapes.Evidence:
    if quotes_evidence(why.field, seen):
        return shapes.Evidence(why.kind, why.field, why.start, why.end, why.text)
    return shapes.Evidence(why.kind, why.field, None, None, None)


def _pieces(one: Paragraph) -> list[shapes.Piece]:
    return [shapes.Piece(piece.kind, piece.text) for piece in one.pieces]
