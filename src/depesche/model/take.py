"""The take: one item as received, in the form every wire format is read into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from depesche.lib.quick import quickly_made

USABLE = "usable"
WITHHELD = "withheld"
CANCELED = "canceled"
STATUSES = (USABLE, WITHHELD, CANCELED)


@dataclass(frozen=True, slots=True)
class Series:
    """The label in front of a headline: `ROUNDUP 2/Ukraine-Konflikt`.

    `kind` is the label as the trade writes it, in capitals (ROUNDUP, WDH, AKTIE IM FOKUS,
    EQS-ADHOC); several labels are joined with a slash (WDH/ROUNDUP).
    """

    kind: str
    number: int | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Dateline:
    """Where, by whom and when copy was filed: `GENF (dpa-AFX) -`."""

    places: tuple[str, ...] = ()
    agency: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class PictureRef:
    """A picture as an item names it; `href` is a URL or a path relative to the item."""

    href: str
    caption: str | None = None
    credit: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A classification: `scheme` is a vocabulary's alias (medtop, iptccat, keyword), `code` its term."""

    scheme: str | None
    code: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A message beside the copy; only `public` ones may ever be shown."""

    role: str
    text: str
    public: bool = False


@dataclass(frozen=True, slots=True)
class Identifier:
    """A code the provider supplied for an issuer or instrument.

    `kind` is isin, wkn, ticker, ric, figi, lei or symbol; `mic` the market as an
    ISO 10383 code where known, otherwise the market's name as delivered; `name` the issuer as the provider wrote it.
    """

    kind: str
    value: str
    mic: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A relation of the item to another; `rel` in the standards' words (derivedFrom, previousVersion, seeAlso)."""

    rel: str
    href: str | None = None
    guid: str | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class Take:
    """One item as received, immutable.

    A format fills what the item says, with `headline` and `headline_raw` equal and the
    body as delivered; the copydesk then moves series, dateline, byline and sign-off out of
    the copy and cleans the HTML. Times are aware UTC. `urgency` is IPTC, 1 highest to 9.
    `embargoed` is the time before which nothing shows; an embargo whose time is empty or
    unreadable makes the take `withheld`. `version` is the provider's own, free text.
    """

    format: str
    provider: str
    guid: str
    headline: str
    headline_raw: str
    version: str | None = None
    version_created: datetime | None = None
    first_created: datetime | None = None
    status: str = USABLE
    embargoed: datetime | None = None
    urgency: int | None = None
    language: str | None = None
    series: Series | None = None
    dateline: Dateline | None = None
    byline: str | None = None
    sign_off: str | None = None
    teaser: str | None = None
    body_html: str = ""
    body_text: str = ""
    credit: str | None = None
    copyright: str | None = None
    usage_terms: str | None = None
    pictures: tuple[PictureRef, ...] = ()
    subjects: tuple[Subject, ...] = ()
    genre: str | None = None
    signals: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    links: tuple[Link, ...] = ()
    canonical_url: str | None = None
