"""A story as it leaves in an exchange format: the version, what of it may leave, and its shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from depesche.model import paths
from depesche.model.instrument import Mention
from depesche.model.rights import Shown, shown_elsewhere, shown_pictures
from depesche.model.story import Picture, Version
from depesche.model.take import Series
from depesche.portal.site import Site
from depesche.store.database import Transaction

ADVERTISEMENT = "Advertisement"


@dataclass(frozen=True, slots=True)
class Item:
    """A story that goes out; `guid` is the same for all its versions, `headline` has its label in front.

    It may leave at all only where the wire may be syndicated; `shown` holds no more than may leave.
    """

    version: Version
    shown: Shown
    may_leave: bool
    guid: str
    url: str
    headline: str
    mentions: tuple[Mention, ...]
    pictures: tuple[tuple[str, Picture], ...]
    sponsored: bool

    @property
    def genres(self) -> tuple[str, ...]:
        """What kind of story it is; that it is an advertisement comes first."""
        return (*((ADVERTISEMENT,) if self.sponsored else ()), *filter(None, (self.version.genre,)))


def guid_of(site: Site, story: int) -> str:
    """Return the name of a story for other programs, which no change of headline changes."""
    return f"{site.address}/news/{story}"


def item(
    site: Site,
    version: Version,
    mentions: Sequence[Mention],
    pictures: tuple[Picture, ...],
    *,
    sponsored: bool,
) -> Item:
    """Return *version* as it may leave."""
    rights = site.newsroom.rights(version.wire)
    leaving = shown_pictures(pictures, rights) if rights.syndication else ()
    return Item(
        version=version,
        shown=shown_elsewhere(version, rights),
        may_leave=rights.syndication,
        guid=guid_of(site, version.story),
        url=site.url(paths.story(version.story, version.slug)),
        headline=_labelled(version.series, version.headline),
        mentions=tuple(mentions),
        pictures=tuple((site.address + paths.picture(one.sha256, one.widths[-1]), one) for one in leaving),
        sponsored=sponsored,
    )


def items(site: Site, tx: Transaction, stories: Sequence[int]) -> list[Item]:
    """Return those of *stories* that are public as they may leave, in their order."""
    found = [one for one in (tx.newsstand.version(key) for key in stories) if one is not None]
    pictures = tx.pictures.of_versions([one.key for one in found])
    return [
        item(
            site,
            one,
            tx.mentions.of_version(one.key),
            tuple(pictures.get(one.key, ())),
            sponsored=tx.newsstand.is_sponsored(one.story),
        )
        for one in found
    ]


def _labelled(series: Series | None, headline: str) -> str:
    """Return a headline with its label as the trade writes it: `ROUNDUP 2/Topic: Headline`."""
    if series is None:
        return headline
    number = f" {series.number}" if series.number else ""
    topic = f"/{series.topic}" if series.topic else ""
    return f"{series.kind}{number}{topic}: {headline}"
