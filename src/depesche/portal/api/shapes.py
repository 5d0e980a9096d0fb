"""The shapes of answers: what is sent, and what the API's description says of it, are the same."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

Href = Annotated[str, Meta(description="Address in this interface.")]
Url = Annotated[str, Meta(description="Address of the page for people.")]
Next = Annotated[str | None, Meta(description="Address of the next part; null at the end.")]
Label = Annotated[
    str | None, Meta(description="What stands over the headline: label, number and topic of the series.")
]
Teaser = Annotated[
    str | None, Meta(description="The beginning of the story, where the provider's licence lets it leave.")
]


class Share(Struct):
    """A share a story is about."""

    isin: str
    name: str
    ticker: str | None = None


class StoryLine(Struct, kw_only=True):
    """A story as one line of a list."""

    story: int
    href: Href
    url: Url
    headline: str
    label: Label
    language: str
    provider: str
    at: Annotated[
        datetime,
        Meta(description="The time readers are told, of the version on show; lists are ordered by it."),
    ]
    action: Annotated[
        str, Meta(description="What the version on show is: new, update, correction or repeat.")
    ]
    versions: Annotated[int, Meta(description="How many versions readers could have seen.")]
    urgency: Annotated[int | None, Meta(description="IPTC urgency, 1 highest to 9.")]
    sponsored: bool
    teaser: Teaser
    shares: list[Share]
    views: int
    copies: Annotated[list[str], Meta(description="Other providers that brought the same text.")]


class Stories(Struct):
    """A part of a list of stories, newest first."""

    stories: list[StoryLine]
    next: Next


class Series(Struct):
    """The running story that a story is a part of."""

    kind: str
    number: int | None
    topic: str | None


class Dateline(Struct):
    """Where, by whom and when copy was filed; it stands before the first paragraph."""

    places: list[str]
    agency: str | None
    date: str | None


class Subject(Struct):
    """A classification of the provider: `medtop` is IPTC's media topics."""

    scheme: str | None
    code: str
    name: str | None


class Picture(Struct):
    """A picture beside a story."""

    href: Annotated[str, Meta(description="Address of the picture itself.")]
    media_type: str
    width: int
    height: int
    caption: str | None
    credit: str | None


class Copy(Struct):
    """The same text from another provider."""

    story: int
    href: Href
    provider: str
    at: datetime


class Story(Struct, kw_only=True):
    """A version of a story, with as much of its text as the provider's licence lets leave."""

    story: int
    version: int
    is_current: bool
    href: Href
    url: Url
    lineage: Annotated[int, Meta(description="The running story; stories that continue each other share it.")]
    provider: str
    language: str
    at: datetime
    first_created: datetime
    action: Annotated[str, Meta(description="new, update, correction or repeat.")]
    urgency: Annotated[int | None, Meta(description="IPTC urgency, 1 highest to 9.")]
    headline: str
    label: Label
    series: Series | None
    dateline: Dateline | None
    byline: str | None
    teaser: Teaser
    is_whole: Annotated[bool, Meta(description="Whether the text is here; if not, it may not leave.")]
    body_html: Annotated[str, Meta(description="Clean HTML: paragraphs, lists, tables, links.")]
    body_text: str
    notice: Annotated[
        str | None,
        Meta(description="The provider's notice. It has to stand under the text wherever that is shown."),
    ]
    credit: str | None
    copyright: str | None
    usage_terms: str | None
    correction: Annotated[str | None, Meta(description="What was wrong, where this is a correction.")]
    genre: str | None
    subjects: list[Subject]
    canonical_url: Annotated[str | None, Meta(description="The provider's own page.")]
    pictures: list[Picture]
    shares: list[Share]
    copies: list[Copy]
    sponsored: bool
    views: int


class VersionLine(Struct):
    """One line of a story's history."""

    version: int
    href: Href
    url: Url
    action: str
    at: datetime
    headline: str
    label: Label
    is_current: bool


class Versions(Struct):
    """Every version of a story that readers may see, newest first."""

    story: int
    versions: list[VersionLine]


class Piece(Struct):
    """A run of words that stayed, came or went: same, added or removed."""

    kind: str
    text: str


class Differences(Struct):
    """What changed in a story from one version to another, word by word."""

    story: int
    version: int
    against: int
    headline: list[Piece]
    paragraphs: Annotated[
        list[list[Piece]], Meta(description="Of the text as far as it may leave, both versions as one.")
    ]


class Evidence(Struct):
    """Why a share is linked; words of a text that may not leave are null, with their place."""

    kind: Annotated[str, Meta(description="supplied-isin, supplied-wkn, supplied-ticker, isin, wkn or name.")]
    field: Annotated[str, Meta(description="headline, body_text or identifiers.")]
    start: int | None
    end: int | None
    text: str | None


class Mention(Struct):
    """A share that a version is about."""

    isin: str
    name: str
    ticker: str | None
    mic: str | None
    identity: Annotated[float, Meta(description="Is it this issuer? 0 to 1.")]
    relevance: Annotated[float, Meta(description="Is the story about it? 0 to 1.")]
    evidence: list[Evidence]


class Mentions(Struct):
    """The shares that the version on show is about, the most relevant first."""

    story: int
    version: int
    mentions: list[Mention]


class Listing(Struct):
    """An instrument at a venue."""

    mic: str
    market: Annotated[str, Meta(description="What people call the venue.")]
    ticker: str
    currency: str | None


class Instrument(Struct, kw_only=True):
    """A security of the register."""

    isin: str
    wkn: str | None
    name: str
    kind: str
    country: str | None
    issuer: str | None
    lei: str | None
    share_class: Annotated[str | None, Meta(description="ordinary, preference or receipt.")]
    is_primary: bool
    listings: list[Listing]
    href: Href
    url: Url
    stories: Annotated[str, Meta(description="Address of the list of stories about it.")]


class Instruments(Struct):
    """Instruments found, the best first."""

    instruments: list[Instrument]


class Hit(Struct):
    """A stretch of words; `is_hit` where it is what was asked for."""

    text: str
    is_hit: bool


class Found(Struct):
    """A story found, its headline and a part of its text with the words that were asked for."""

    story: StoryLine
    headline: list[Hit]
    snippet: Annotated[list[Hit], Meta(description="Of the text as far as it may leave; otherwise empty.")]


class Count(Struct):
    """How many of the stories found have this."""

    value: str
    name: str
    stories: int


class Span(Struct):
    """How many of the stories found are of a day or later."""

    name: Annotated[str, Meta(description="day, week, month or year.")]
    since: str
    stories: int


class Facets(Struct):
    """What the stories found have in common, the most frequent first."""

    providers: list[Count]
    shares: list[Count]
    languages: list[Count]
    spans: list[Span]


class Search(Struct):
    """What a search found."""

    query: str
    total: Annotated[
        int, Meta(description="How many stories were found; older ones are not counted if there is more.")
    ]
    has_more: Annotated[
        bool, Meta(description="There are older stories that neither the total nor the facets count.")
    ]
    found: list[Found]
    shares: Annotated[list[Share], Meta(description="Shares that the query itself names.")]
    facets: Facets
    next: Next


class Change(Struct):
    """What became of a story."""

    seq: Annotated[int, Meta(description="Number of the entry; they ascend and have gaps.")]
    at: datetime
    kind: Annotated[
        str,
        Meta(
            description="filed, released (an embargo lifted), killed, withheld, expired (its licence ended), reread (read anew, nothing "
            "happened), pictured, relinked or regrouped. After killed, withheld and expired the story has to go."
        ),
    ]
    action: Annotated[str, Meta(description="new, update, correction, repeat or kill.")]
    story: int
    version: int
    is_public: Annotated[bool, Meta(description="Whether the story can be read now, whatever happened then.")]
    href: Href
    url: Annotated[str | None, Meta(description="Address of the page for people; null while not public.")]
    withdrawn: Annotated[list[str], Meta(description="ISINs that the story is not linked to any more.")]


class Changes(Struct):
    """A part of the journal."""

    changes: list[Change]
    cursor: Annotated[int, Meta(description="Ask on `after` this number.")]
    more: Annotated[bool, Meta(description="Whether there is more right now.")]
    next: Annotated[str, Meta(description="The address that goes on from here, now or later.")]


class Counted(Struct, omit_defaults=True):
    """The views of a day or an hour."""

    views: int
    day: str | None = None
    hour: str | None = None


class Views(Struct):
    """How often a story was read; the total is of all time, whatever the span."""

    story: int
    url: Url
    views: int
    series: list[Counted]


class Entry(Struct, omit_defaults=True, kw_only=True):
    """A story in a list of what was read."""

    story: int
    url: Url
    headline: str
    language: str
    provider: str
    at: datetime
    sponsored: bool
    shares: list[str]
    views: int | None = None
    kind: str | None = None
    weight: float | None = None
    readers: int | None = None


class AlsoRead(Struct):
    """What readers of a story went on to."""

    story: int
    entries: list[Entry]


class MostRead(Struct):
    """What was read most."""

    period: str
    entries: list[Entry]


class Wrong(Struct):
    """A parameter that makes no sense."""

    parameter: str
    detail: str


class Problem(Struct, omit_defaults=True):
    """What went wrong, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Wrong] | None = None


ANSWERS = (
    Stories, Story, Versions, Differences, Mentions, Instrument, Instruments, Search, Changes, Views, AlsoRead, MostRead, Problem,
)  # fmt: skip
