"""Stories, versions and lineages as the store hands them out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from depesche.model.instrument import Mention
from depesche.model.take import Dateline, Link, Series, Subject

PUBLIC = "public"
HELD = "held"
KILLED = "killed"
EXPIRED = "expired"  # its text was deleted because the licence ended

NEW = "new"
UPDATE = "update"
CORRECTION = "correction"
REPEAT = "repeat"
KILL = "kill"
IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture of a version, sized in pixels; `sha256` names its bytes, `widths` the stored sizes, ascending.

    Every width is there in WebP; `formats` names those that are there in every width, the smallest first. `plain` is
    a width and format for browsers that know neither.
    """

    sha256: str
    media_type: str
    width: int
    height: int
    widths: tuple[int, ...]
    caption: str | None = None
    credit: str | None = None
    formats: tuple[str, ...] = ("webp",)
    plain: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One published state of a story, append-only; holds nothing that readers may not see.

    `number` counts from 1 in order of filing. `action` is new, update, correction, repeat or kill.
    `at` is the time shown to readers: the provider's, never later than receipt; for an
    embargoed version, the moment it may show. `correction` says publicly what was wrong.
    """

    story: int
    lineage: int
    number: int
    key: int
    wire: str
    provider: str
    slug: str
    action: str
    status: str
    at: datetime
    filed_at: datetime
    first_created: datetime
    embargoed: datetime | None
    urgency: int | None
    language: str
    series: Series | None
    headline: str
    dateline: Dateline | None
    byline: str | None
    teaser: str | None
    body_html: str
    body_text: str
    credit: str | None
    copyright: str | None
    usage_terms: str | None
    correction: str | None
    genre: str | None
    subjects: tuple[Subject, ...]
    links: tuple[Link, ...]
    canonical_url: str | None


@dataclass(frozen=True, slots=True)
class ShareRef:
    """A share as a chip beside a headline."""

    isin: str
    name: str
    ticker: str | None = None


@dataclass(frozen=True, slots=True)
class CopyRef:
    """The same text from another provider."""

    story: int
    slug: str
    provider: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """A story as one line of a list; `versions` counts what readers could have seen, `views` its counted readers.

    `copies` names the other providers that brought the same text.
    """

    story: int
    lineage: int
    slug: str
    wire: str
    provider: str
    at: datetime
    headline: str
    series: Series | None
    teaser: str | None
    language: str
    urgency: int | None
    action: str
    versions: int
    views: int
    sponsored: bool
    shares: tuple[ShareRef, ...] = ()
    picture: Picture | None = None
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version or a neighbour in the chain of a lineage, as one line of its timeline; newest first in lists."""

    story: int
    slug: str
    number: int
    action: str
    at: datetime
    headline: str
    series: Series | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class AlsoRead:
    """A story beside another, as one line; `kind` says why it is here: read, chain, popular, share or newest."""

    story: int
    slug: str
    provider: str
    at: datetime
    headline: str
    series: Series | None
    language: str
    urgency: int | None
    sponsored: bool
    kind: str


@dataclass(frozen=True, slots=True)
class StoryPage:
    """Everything the page of a public story shows; `trend` are views by hour since 1970, once there are enough of them.

    Topics are code, German and English name; `more_topics` are not shown: those above the others, and those without a name.
    """

    version: Version
    mentions: tuple[Mention, ...]
    pictures: tuple[Picture, ...]
    chain: tuple[VersionLine, ...]
    also_read: tuple[AlsoRead, ...]
    views: int
    sponsored: bool
    copies: tuple[CopyRef, ...] = ()
    topics: tuple[tuple[str, str, str], ...] = ()
    more_topics: tuple[tuple[str, str, str], ...] = ()
    trend: tuple[tuple[int, int], ...] = ()
